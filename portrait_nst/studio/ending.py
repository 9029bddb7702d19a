"""Requests in the making when the server ends: they are answered, not torn off."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portrait_nst.studio.security.answers import refuse

CLOSING = "The studio is closing. Start it again to go on."


class Ending:
    """`app`, whose unanswered requests are answered 503 after `end`, and later ones at once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._ends = app, False
        self._tasks: set[asyncio.Future[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._ends:
            await refuse(scope, receive, send, 503, CLOSING, {"Connection": "close"})
            return
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        task = asyncio.ensure_future(self._app(scope, receive, told))
        self._tasks.add(task)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
            if not self._ends:  # somebody else cancelled it
                raise
            if not begun:
                await refuse(scope, receive, send, 503, CLOSING, {"Connection": "close"})
        finally:
            self._tasks.discard(task)

    def end(self) -> None:
        """Wait no longer for anything that the app is still computing."""
        self._ends = True
        for task in self._tasks:
            task.cancel()
