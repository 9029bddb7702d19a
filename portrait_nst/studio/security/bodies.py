"""How much may be brought: by its stated length before a byte is read, counted while it comes, and in a time that fits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portrait_nst.studio.options import MEGABYTE, Options
from portrait_nst.studio.security.answers import header, refuse

JSON = MEGABYTE
SILENCE = 30.0  # seconds without a byte
SLOWEST, GRACE = 1000, 60.0  # bytes a second on the average, after so many seconds
_END = {"Connection": "close"}


def limits(options: Options) -> dict[str, int]:
    """How many bytes may be posted to an address, where that is not `JSON`."""
    pictures = dict.fromkeys(("/api/photos", "/api/styles", "/api/masks"), options.upload)
    return pictures | {"/api/clips": options.clip}


class Bodies:
    """Refuses bodies that are too large (413) or come too slowly (408).

    limits: bytes by address, for POST; `JSON` for all others. silence: seconds, see `SILENCE`.
    """

    def __init__(self, app: ASGIApp, limits: Mapping[str, int], silence: float = SILENCE) -> None:
        self._app, self._limits, self._silence = app, limits, silence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse by the stated length, or pass on with a body that is counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], JSON) if scope["method"] == "POST" else JSON
        length = header(scope, b"content-length") or "0"
        if header(scope, b"content-length") is not None and header(scope, b"transfer-encoding") is not None:
            # a proxy may believe the one and the studio the other, and take a body's end for another request
            await refuse(
                scope, receive, send, 400, "A request has a Content-Length or a Transfer-Encoding, not both.", _END
            )
        elif not length.isascii() or not length.isdecimal():
            await refuse(scope, receive, send, 400, "The request's Content-Length is no number.", _END)
        elif int(length) > limit:
            await refuse(scope, receive, send, 413, too_large(limit), _END)
        else:
            await self._app(scope, _counted(receive, limit, self._silence), send)


def _counted(receive: Receive, limit: int, silence: float) -> Receive:
    begun, size, ended = time.monotonic(), 0, False

    async def counted() -> Message:
        nonlocal size, ended
        if ended:  # what comes now is that the client has gone, however late
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), silence)
        except TimeoutError:
            raise HTTPException(408, "The upload stood still; send it again.", _END) from None
        size += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        if size > limit:
            raise HTTPException(413, too_large(limit), _END)
        spent = time.monotonic() - begun
        if not ended and spent > GRACE and size < SLOWEST * spent:
            raise HTTPException(408, "The upload is too slow; send it again.", _END)
        return message

    return counted


def too_large(limit: int) -> str:
    """The line for what has more bytes than `limit`."""
    return f"This is too large: at most {limit / MEGABYTE:,.0f} MB are taken here. Bring a smaller one."
