"""How many requests a client may make, and how many are answered at the same time.

Generous: a classroom behind one address works. What it prevents is that one client takes all of the server, and that those who
wait for the desk take the places of those who want a quick answer.
"""

from __future__ import annotations

import ipaddress
import math
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

from portrait_nst.studio.security.answers import refuse

PER_SECOND, BURST = 200.0, 2000.0
FILE = (
    0.1  # of a request, that one for a file of the page counts: a page that is opened asks for a hundred, all in memory
)
AT_ONCE = 256  # quick answers in the making
SLOW = 192  # answers that wait for the desk
LISTENERS = 256  # event streams and cameras, which stay open
SHARE = 0.75  # of these that one client may have
CLIENTS = 4096  # that are remembered
STREAMS = ("/api/events",)
Pace = Literal["quick", "slow", "stays"]
_SLOW = re.compile(r"/api/(previews|forecasts|popart)\b|/api/\w+/\w+/(people|matte|view)$")
_UPLOADS = ("/api/photos", "/api/clips", "/api/styles", "/api/masks")


class Rates:
    """Refuses with 429 and `Retry-After` whoever asks too often, or when too much is in the making.

    per_second, burst: of the token bucket of a client. at_once, slow, listeners: see `AT_ONCE`. clock: seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_second: float = PER_SECOND,
        burst: float = BURST,
        at_once: int = AT_ONCE,
        slow: int = SLOW,
        listeners: int = LISTENERS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._clock = app, clock
        self._per_second, self._burst = per_second, burst
        self._most: dict[Pace, int] = {"quick": at_once, "slow": slow, "stays": listeners}
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._open: dict[Pace, Counter[str]] = {pace: Counter() for pace in self._most}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on and count until it is answered."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        wait = self._wait(client, FILE if scope["path"] == "/" or scope["path"].startswith("/static/") else 1.0)
        if wait > 0:
            seconds = str(math.ceil(wait))
            await refuse(scope, receive, send, 429, "Too many requests; wait a moment.", {"Retry-After": seconds})
            return
        pace = pace_of(scope)
        now, most = self._open[pace], self._most[pace]
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

    def _wait(self, client: str, counts: float = 1.0) -> float:
        """Seconds until the client may ask again; 0 if it may now, which `counts` so much."""
        now = self._clock()
        left, then = self._buckets.pop(client, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._per_second)
        may = left >= 1
        self._buckets[client] = (left - counts * may, now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if may else (1 - left) / self._per_second


def pace_of(scope: Scope) -> Pace:
    """Whether a request is answered quickly, waits for the desk, or stays open."""
    path = scope["path"]
    if scope["type"] == "websocket" or path in STREAMS:
        return "stays"
    upload = scope["method"] == "POST" and path in _UPLOADS
    return "slow" if upload or _SLOW.match(path) else "quick"


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
