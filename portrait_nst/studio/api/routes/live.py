"""Live painting by WebSocket.

The client sends JSON, how to paint (`LiveWish`), and binary messages, the camera's frames as JPEG. Each frame is answered by it
painted, a binary JPEG, in order, or counted in `{"dropped": n}` before a later one's answer. `{"ready", "someone", "seconds",
"notes"}` tells how it goes, `{"error", "busy"}` why it ends. A client has two frames on their way: while one is painted, the next
is looked at.
"""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import Field, ValidationError

from portrait_nst import named_styles
from portrait_nst.errors import InputError, PortraitError, ResourceError
from portrait_nst.studio.api.access import TheStudio
from portrait_nst.studio.live.messages import Wanted
from portrait_nst.studio.live.place import Busy, Place
from portrait_nst.studio.live.process import LiveProcess
from portrait_nst.studio.live.session import Session
from portrait_nst.studio.models import ID, Model, StyleShare
from portrait_nst.studio.studio import Studio

router = APIRouter(prefix="/api", tags=["live"])

WISH = 10_000  # characters of a wish at most
REFUSED, FAILED, AGAIN = 1008, 1011, 1013  # codes with which a WebSocket is closed


class LiveWish(Model):
    """How to paint from now on; as `Settings` has it. all: the place too, not the person alone. longest: of what is painted."""

    style: Annotated[list[StyleShare], Field(min_length=1, max_length=8)]
    strength: Annotated[float, Field(ge=0, le=1)] = 0.5
    person: Annotated[int, Field(ge=1, le=100)] | Annotated[str, Field(pattern="^(all|largest)$")] = "all"
    all: bool = False
    longest: Annotated[int, Field(ge=64, le=640)] = 320


@router.websocket("/live")
async def live(socket: WebSocket, studio: TheStudio, take_over: bool = False) -> None:
    """A session; there is one at a time, and who comes with `take_over` ends the one before."""
    await socket.accept()
    session = Session(_Socket(socket, studio), lambda wanted, told: LiveProcess(wanted, studio.options.device, told))
    try:
        async with _place(socket).taken(take_over) as leave:
            await session.run(leave)
    except PortraitError as error:
        code = AGAIN if isinstance(error, Busy) else FAILED if isinstance(error, ResourceError) else REFUSED
        await _ended(socket, {"error": str(error), "busy": isinstance(error, Busy)}, code)


def _place(socket: WebSocket) -> Place:
    state = socket.app.state
    if not hasattr(state, "live"):
        state.live = Place()
    found: Place = state.live
    return found


async def _ended(socket: WebSocket, facts: dict[str, Any], code: int) -> None:
    try:
        async with asyncio.timeout(1):
            await socket.send_json(facts)
            await socket.close(code)
    except (WebSocketDisconnect, RuntimeError, TimeoutError):
        return  # it has gone


class _Socket:
    """A `session.Client`."""

    def __init__(self, socket: WebSocket, studio: Studio) -> None:
        self._socket, self._studio = socket, studio

    async def receive(self) -> Wanted | bytes | None:
        """See `session.Client`."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        data: bytes | None = message.get("bytes")
        return data if data is not None else await asyncio.to_thread(self._wanted, message.get("text") or "")

    async def send(self, message: bytes | dict[str, Any]) -> None:
        """See `session.Client`."""
        try:
            await (self._socket.send_bytes(message) if isinstance(message, bytes) else self._socket.send_json(message))
        except (WebSocketDisconnect, RuntimeError):
            raise ResourceError("The page has gone.") from None

    def _wanted(self, text: str) -> Wanted:
        if len(text) > WISH:
            raise InputError(f"How to paint is said in at most {WISH} characters, not {len(text)}.")
        try:
            wish = LiveWish.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the message"
            raise InputError(f"How to paint is not understood: {where}: {first['msg']}.") from None
        blend = tuple((self._file(entry.style), entry.share) for entry in wish.style)
        return Wanted(blend, wish.strength, wish.person, wish.all, wish.longest)

    def _file(self, style: str) -> str:
        """The package's picture of that name, or the file of the upload with that id; nothing else of this machine."""
        if (named := named_styles.find(style)) is not None:
            return str(named)
        if not re.fullmatch(ID, style):
            raise InputError(f"There is no style {style!r}; choose one of the studio's.")
        keeping = self._studio.keeping
        return str(keeping.file(keeping.thing(style, "style").id))
