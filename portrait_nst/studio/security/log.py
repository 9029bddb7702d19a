"""A line for each request, without its query, in which a token or a file's name may stand."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Log:
    """Tells `say` of every request when it is answered: method, path, status, milliseconds, who asked."""

    def __init__(self, app: ASGIApp, say: Callable[[str], None]) -> None:
        self._app, self._say = app, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and tell."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), "-"

        async def seen(message: Message) -> None:
            nonlocal status
            status = str(message.get("status", status))
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            path = "".join(c if c.isprintable() else "?" for c in scope["path"][:200])
            milliseconds = 1000 * (time.monotonic() - begun)
            who = (scope.get("client") or ("-",))[0]
            self._say(f"{scope.get('method', 'WS')} {path} {status} {milliseconds:.0f} ms {who}")
