"""Wrong tokens: whoever brings many waits longer and longer before the next is looked at."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

FREE = 10  # wrong tokens of a client without a wait
LONGEST = 60.0  # seconds of a wait: behind a proxy all clients are one
FORGIVEN = 3600.0  # seconds after which nothing is remembered
CLIENTS = 4096  # that are remembered


class Tries:
    """How often each client was wrong. clock: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how often, and when last

    def wait(self, client: str) -> float:
        """Seconds until another token of `client` is looked at; 0 for now."""
        count, last = self._wrong.get(client, (0, 0.0))
        if count < FREE:
            return 0.0
        return max(0.0, last + min(LONGEST, 2.0 ** min(count - FREE, 10)) - self._clock())

    def tell(self, client: str, right: bool) -> None:
        """A token of `client` was right, or not."""
        count, last = self._wrong.pop(client, (0, 0.0))
        if right:
            return
        now = self._clock()
        self._wrong[client] = (1 if now - last > FORGIVEN else count + 1, now)
        if len(self._wrong) > CLIENTS:
            self._wrong.popitem(last=False)
