"""The process that paints: frames come through a pipe and go back painted, until the pipe is closed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from portrait_nst.errors import PortraitError, first_line
from portrait_nst.live.brush import LiveBrush
from portrait_nst.live.camera import CameraFrame
from portrait_nst.live.controls import Controls
from portrait_nst.live.stages import Brush, Eyes, Shown, Stages
from portrait_nst.studio.beginning import begin
from portrait_nst.studio.live.eyes import NewEyes
from portrait_nst.studio.live.messages import Failed, Frame, State, Told, Wanted
from portrait_nst.studio.live.painters import Painters
from portrait_nst.studio.live.pictures import decoded, encoded
from portrait_nst.studio.plain import plain
from portrait_nst.video.seen import SeenFrame

PATIENCE = 0.2  # seconds
RECENT = 30  # frames over which `State.seconds` is a mean
PACE = 2.0  # seconds between two tellings of it


def work(pipe: Connection, wanted: Wanted, device: str) -> None:
    """Paint what comes through `pipe`, at first as `wanted`, until it is closed. device: as `Settings.device`."""
    begin()
    Worker(pipe, wanted, device).run()


class Worker:
    """Everything of the process; `make_eyes` and `make_brush` may be others in tests."""

    def __init__(self, pipe: Connection, wanted: Wanted, device: str = "auto") -> None:
        """pipe: to the web process. Nothing is loaded yet."""
        self._pipe, self._wanted = pipe, wanted
        self._over = threading.Event()
        self._someone = False
        self._painters = Painters(device)

    def run(self) -> None:
        """Until the pipe is closed or something fails, which is told before."""
        stages = Stages(self._frames(), self.make_eyes, self._brush, self._controls)
        with stages:
            try:
                self._answer(stages)
            except (BrokenPipeError, EOFError):
                return
            except PortraitError as error:
                self._tell(Failed(plain(str(error))))
            except Exception as error:
                self._tell(Failed(f"Live painting failed ({first_line(error)}). Start it again."))

    def make_eyes(self) -> Eyes:
        """What looks."""
        return NewEyes(lambda: self._wanted)

    def make_brush(self, controls: Callable[[], Controls]) -> Brush:
        """What paints."""
        return LiveBrush(self._painters, controls)

    def _controls(self) -> Controls:
        wanted = self._wanted
        number = self._painters.number(wanted.style)
        return Controls(style=number, strength=wanted.strength, mirror=False, matte=not wanted.everything)

    def _frames(self) -> Iterator[CameraFrame]:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                self._over.set()
                return
            if isinstance(message, Wanted):
                self._wanted = message
            elif isinstance(message, Frame):
                yield CameraFrame(message.number, time.monotonic(), decoded(message.data))

    def _brush(self) -> Brush:
        brush = self.make_brush(self._controls)

        def paint(seen: SeenFrame) -> Shown:
            self._someone = bool(seen.alpha.any())
            return brush(seen)

        return paint

    def _answer(self, stages: Stages) -> None:
        state, told, times = State(), 0.0, deque[float](maxlen=RECENT)
        while not self._over.is_set():
            shown = stages.next(PATIENCE)
            if shown is None:
                continue
            now = time.monotonic()
            times.append(now - shown.frame.captured)
            seconds = round(sum(times) / len(times), 3) if now - told > PACE else state.seconds
            new = State(shown.painted, self._someone, seconds, self._painters.notes)
            if new != state:
                state, told = new, now if new.seconds != state.seconds else told
                self._tell(state)
            self._tell(Frame(shown.frame.number, encoded(shown.picture)))

    def _tell(self, message: Told) -> None:
        if not self._over.is_set():
            self._pipe.send(message)
