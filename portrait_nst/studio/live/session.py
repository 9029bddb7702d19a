"""A session: one client's frames, painted, until either side ends it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.studio.live.messages import FRAME, Failed, Frame, State, Told, Wanted
from portrait_nst.studio.live.process import LiveProcess

IDLE = 60.0  # seconds without a word from the client after which the process is not kept for it
STALLED = 10.0  # seconds that a client may take to take one message

Start = Callable[[Wanted, Callable[[Told], None]], LiveProcess]


class Client(Protocol):
    """The other end of the WebSocket."""

    async def receive(self) -> Wanted | bytes | None:
        """What it wants, a frame, or None when it has gone. Raises InputError for anything else."""

    async def send(self, message: bytes | dict[str, Any]) -> None:
        """Send a picture, or facts. Raises ResourceError when it has gone."""


class Session:
    """Paints a client's frames; `run` returns when the client has gone, and raises when there is something to say."""

    def __init__(self, client: Client, start: Start) -> None:
        """start: begins a process, which tells what it has to tell from any thread."""
        self._client, self._start = client, start
        self._process: LiveProcess | None = None
        self._frames = self._answered = 0  # numbers of the last ones
        self._changed = asyncio.Event()
        self._picture: Frame | None = None
        self._state: State | None = None
        self._failed: Failed | None = None

    async def run(self, leave: asyncio.Event) -> None:
        """Until the client goes. leave: set when another session takes over.

        Raises InputError for what a client must not send, and ResourceError when painting cannot go on.
        """

        async def told_to_leave() -> None:
            await leave.wait()
            raise ResourceError("Live painting goes on in another window.")

        works: tuple[Callable[[], Awaitable[None]], ...] = (self._hear, self._speak, told_to_leave)
        tasks = [asyncio.ensure_future(work()) for work in works]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._process is not None:
                await asyncio.shield(asyncio.to_thread(self._process.close))

    async def _hear(self) -> None:
        while True:
            try:
                message = await asyncio.wait_for(self._client.receive(), IDLE)
            except TimeoutError:
                raise ResourceError(
                    f"No picture came from the camera for {IDLE:.0f} seconds, so live painting has ended. Start it again."
                ) from None
            if message is None:
                return
            if isinstance(message, Wanted):
                await self._want(message)
            else:
                self._paint(message)

    async def _want(self, wanted: Wanted) -> None:
        if self._process is not None:
            self._process.want(wanted)
            return
        loop = asyncio.get_running_loop()

        def tell(told: Told) -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended
                loop.call_soon_threadsafe(self._told, told)

        self._process = self._start(wanted, tell)
        await asyncio.to_thread(self._process.start)

    def _paint(self, data: bytes) -> None:
        if len(data) > FRAME:
            raise InputError(f"A frame of {len(data)} bytes is too large; send at most {FRAME // 1000} kB.")
        if self._process is None:
            raise InputError("A frame came before it was said how to paint; send the style and the strength first.")
        self._frames += 1
        self._process.paint(Frame(self._frames, data))

    def _told(self, told: Told) -> None:
        match told:
            case Frame():
                self._picture = told  # one that was not sent by now is late
            case State():
                self._state = told
            case Failed():
                self._failed = told
        self._changed.set()

    async def _speak(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            state, picture, self._state, self._picture = self._state, self._picture, None, None
            if state is not None:
                facts = {"ready": state.ready, "someone": state.someone, "seconds": state.seconds}
                await self._send({**facts, "notes": list(state.notes)})
            if picture is not None:
                dropped, self._answered = picture.number - self._answered - 1, picture.number
                if dropped:
                    await self._send({"dropped": dropped})
                await self._send(picture.data)
            if self._failed is not None:
                raise ResourceError(self._failed.error)

    async def _send(self, message: bytes | dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(self._client.send(message), STALLED)
        except TimeoutError:
            raise ResourceError("The page does not take its pictures, so live painting has ended.") from None
