"""How many requests a client may make, and how many are answered at the same time.

Generous: a classroom behind one address works. What it prevents is that one client takes all of the server.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from portrait_nst.studio.security.answers import refuse

PER_SECOND, BURST = 200.0, 2000.0
AT_ONCE, LISTENERS = 128, 256  # answers in the making; event streams and cameras, which stay open
SHARE = 0.75  # of these that one client may have
CLIENTS = 4096  # that are remembered
STREAMS = ("/api/events",)


class Rates:
    """Refuses with 429 and `Retry-After` whoever asks too often, or when too much is in the making.

    per_second, burst: of the token bucket of a client. at_once, listeners: see `AT_ONCE`. clock: seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_second: float = PER_SECOND,
        burst: float = BURST,
        at_once: int = AT_ONCE,
        listeners: int = LISTENERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._clock = app, clock
        self._per_second, self._burst = per_second, burst
        self._most = {False: at_once, True: listeners}
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._open: dict[bool, Counter[str]] = {False: Counter(), True: Counter()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on and count until it is answered."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        wait = self._wait(client)
        if wait > 0:
            seconds = str(math.ceil(wait))
            await refuse(scope, receive, send, 429, "Too many requests; wait a moment.", {"Retry-After": seconds})
            return
        stays = scope["type"] == "websocket" or scope["path"] in STREAMS
        now, most = self._open[stays], self._most[stays]
        if now.total() >= most or now[client] >= max(1, most * SHARE):
            await refuse(scope, receive, send, 429, "The studio is busy; try again in a moment.", {"Retry-After": "1"})
            return
        now[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            now[client] -= 1
            if not now[client]:
                del now[client]

    def _wait(self, client: str) -> float:
        """Seconds until the client may ask again; 0 if it may now, which is counted."""
        now = self._clock()
        left, then = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_second)
        may = left >= 1
        self._buckets[client] = (left - may, now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if may else (1 - left) / self._per_second


def client_of(scope: Scope) -> str:
    """The address of whoever asks; of IPv6 the network, of which everybody has many addresses."""
    host = str((scope.get("client") or ("", 0))[0])
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)
