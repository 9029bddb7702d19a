from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.studio.live import session as room
from portrait_nst.studio.live.messages import FRAME, Failed, Frame, State, Told, Wanted
from portrait_nst.studio.live.session import Session
from tests.studio.live.makers import WANTED


class Client:
    """Sends what is put into `says`, and keeps what it is sent."""

    def __init__(self) -> None:
        self.says: asyncio.Queue[Wanted | bytes | None] = asyncio.Queue()
        self.heard: list[bytes | dict[str, Any]] = []
        self.stalls = False

    async def receive(self) -> Wanted | bytes | None:
        return await self.says.get()

    async def send(self, message: bytes | dict[str, Any]) -> None:
        if self.stalls:
            await asyncio.sleep(60)
        self.heard.append(message)


class Process:
    """A `LiveProcess` in name alone."""

    def __init__(self, wanted: Wanted, told: Callable[[Told], None]) -> None:
        self.wanted, self.told = [wanted], told
        self.frames: list[Frame] = []
        self.state = "made"

    def start(self) -> None:
        self.state = "started"

    def want(self, wanted: Wanted) -> None:
        self.wanted.append(wanted)

    def paint(self, frame: Frame) -> None:
        self.frames.append(frame)

    def close(self) -> None:
        self.state = "closed"


class Scene:
    """A session with its client and its process."""

    def __init__(self) -> None:
        self.client = Client()
        self.processes: list[Process] = []
        self.leave = asyncio.Event()
        self.task = asyncio.ensure_future(Session(self.client, self.start).run(self.leave))

    def start(self, wanted: Wanted, told: Callable[[Told], None]) -> Any:
        self.processes.append(Process(wanted, told))
        return self.processes[-1]

    async def begun(self, frames: int = 1) -> Process:
        self.client.says.put_nowait(WANTED)
        for _ in range(frames):
            self.client.says.put_nowait(b"frame")
        while not self.processes or len(self.processes[0].frames) < frames:
            await asyncio.sleep(0.001)
        return self.processes[0]

    async def until(self, count: int) -> None:
        while len(self.client.heard) < count:
            await asyncio.sleep(0.001)


def play(scene: Callable[[], Any]) -> None:
    asyncio.run(asyncio.wait_for(scene(), 10))


def test_frames_are_numbered_and_answered_until_the_client_goes() -> None:
    async def scene() -> None:
        here = Scene()
        process = await here.begun(2)
        assert [frame.number for frame in process.frames] == [1, 2]
        process.told(State(ready=True, someone=True, seconds=0.1, notes=("a note",)))
        process.told(Frame(1, b"painted"))
        await here.until(2)
        told = {"ready": True, "someone": True, "seconds": 0.1, "notes": ["a note"]}
        assert here.client.heard == [told, b"painted"]
        here.client.says.put_nowait(replace(WANTED, strength=0.9))
        here.client.says.put_nowait(None)
        await here.task
        assert [wanted.strength for wanted in process.wanted] == [0.5, 0.9]
        assert process.state == "closed"

    play(scene)


def test_late_frames_are_counted_and_of_answers_the_newest_is_sent() -> None:
    async def scene() -> None:
        here = Scene()
        process = await here.begun(6)
        process.told(Frame(3, b"third"))
        process.told(Frame(5, b"fifth"))  # at once: the third is late by now
        await here.until(2)
        assert here.client.heard == [{"dropped": 4}, b"fifth"]
        here.task.cancel()

    play(scene)


@pytest.mark.parametrize(
    ("message", "words"), [(b"frame", "before it was said how"), (b"x" * (FRAME + 1), "too large")]
)
def test_what_a_client_must_not_send_ends_it(message: bytes, words: str) -> None:
    async def scene() -> None:
        here = Scene()
        here.client.says.put_nowait(message)
        with pytest.raises(InputError, match=words):
            await here.task
        assert here.processes == []

    play(scene)


def test_a_process_that_ends_a_taken_place_and_a_stalled_client_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "STALLED", 0.05)

    async def died(here: Scene, process: Process) -> None:
        process.told(Failed("It ended."))

    async def taken_over(here: Scene, process: Process) -> None:
        here.leave.set()

    async def stalled(here: Scene, process: Process) -> None:
        here.client.stalls = True
        process.told(Frame(1, b"painted"))

    async def scene() -> None:
        for what, words in ((died, "It ended"), (taken_over, "another window"), (stalled, "does not take")):
            here = Scene()
            process = await here.begun()
            await what(here, process)
            with pytest.raises(ResourceError, match=words):
                await here.task
            assert process.state == "closed"

    play(scene)


def test_a_client_that_says_nothing_keeps_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "IDLE", 0.05)

    async def scene() -> None:
        here = Scene()
        process = await here.begun()
        with pytest.raises(ResourceError, match="No picture came"):
            await here.task
        assert process.state == "closed"

    play(scene)
