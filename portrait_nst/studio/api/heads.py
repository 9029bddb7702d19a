"""HEAD as HTTP has it: what GET would answer, without the body."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portrait_nst.studio.security.rates import STREAMS


class Heads:
    """Asks the application for GET where HEAD is asked; not for streams, which never end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and leave out the body."""
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "HEAD" or not path.startswith("/api/") or path in STREAMS:
            await self._app(scope, receive, send)
            return

        async def headless(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, headless)
