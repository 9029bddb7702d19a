from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection

import numpy as np
import pytest

from portrait_nst.errors import InputError
from portrait_nst.live import brush as brushes
from portrait_nst.live.brush import FIRST, LiveBrush
from portrait_nst.live.controls import Controls
from portrait_nst.live.stages import Brush
from portrait_nst.studio.live import eyes as eyes_room
from portrait_nst.studio.live.messages import Failed, Frame, State, Told, Wanted
from portrait_nst.studio.live.pictures import decoded
from portrait_nst.studio.live.worker import Worker
from tests.live.makers import Eyes, Red
from tests.studio.live.makers import WANTED, jpeg

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Statistics may be taken from any frames."""
    monkeypatch.setattr(brushes, "APART", 0.0)


class Stand(Worker):
    """Paints red; a style that is called "bad" cannot be read."""

    nobody = False

    def make_eyes(self) -> Eyes:
        return Eyes(nobody=self.nobody)

    def make_brush(self, controls: Callable[[], Controls]) -> Brush:
        def painters(style: int, strength: float) -> Red:
            if self._wanted.style[0][0] == "bad":
                raise InputError("The style cannot be read.")
            return Red(strength)

        return LiveBrush(painters, controls)


@contextmanager
def working(kind: type[Stand] = Stand) -> Iterator[Connection]:
    ours, theirs = multiprocessing.Pipe()
    thread = threading.Thread(target=kind(theirs, WANTED).run)
    thread.start()
    try:
        yield ours
    finally:
        ours.close()
        thread.join(PATIENCE)
        theirs.close()
        assert not thread.is_alive()


def told(pipe: Connection) -> Told:
    assert pipe.poll(PATIENCE)
    found: Told = pipe.recv()
    return found


def send_until(pipe: Connection, is_it: Callable[[Told], bool]) -> Told:
    for number in range(1, 200):
        pipe.send(Frame(number, jpeg()))
        while isinstance(found := told(pipe), State) or is_it(found):
            if is_it(found):
                return found
    raise AssertionError("it never came")


def is_ready(message: Told) -> bool:
    return isinstance(message, State) and message.ready


def test_frames_come_back_painted_once_somebody_was_seen_for_a_while() -> None:
    with working() as pipe:
        state = send_until(pipe, is_ready)
        assert isinstance(state, State)
        assert state.someone
        frame = told(pipe)
        assert isinstance(frame, Frame)
        assert frame.number >= FIRST
        rgb = decoded(frame.data)
        assert rgb[12, 16, 0] > 200 > 80 > rgb[12, 16, 1]
        assert np.abs(rgb[1, 1].astype(int) - 100).max() < 10


def test_everything_and_strength_change_while_it_runs() -> None:
    with working() as pipe:
        send_until(pipe, is_ready)
        told(pipe)
        pipe.send(replace(WANTED, everything=True))
        pipe.send(Frame(201, jpeg()))
        frame = told(pipe)
        assert isinstance(frame, Frame)
        assert decoded(frame.data)[1, 1, 0] > 200
        pipe.send(replace(WANTED, strength=0.0))
        pipe.send(Frame(202, jpeg()))
        frame = told(pipe)
        assert isinstance(frame, Frame)
        assert np.abs(decoded(frame.data)[12, 16].astype(int) - 100).max() < 10


def test_nobody_is_said_and_the_camera_shown() -> None:
    class Alone(Stand):
        nobody = True

    with working(Alone) as pipe:
        pipe.send(Frame(1, jpeg()))
        state, frame = told(pipe), told(pipe)
        assert isinstance(state, State)
        assert (state.ready, state.someone) == (False, False)
        assert isinstance(frame, Frame)
        assert np.abs(decoded(frame.data).astype(int) - 100).max() < 10


def test_a_style_that_cannot_be_read_and_a_frame_that_is_none_end_it_in_words() -> None:
    with working() as pipe:
        pipe.send(replace(WANTED, style=(("bad", 1.0),)))
        assert send_until(pipe, lambda message: isinstance(message, Failed)) == Failed("The style cannot be read.")
    with working() as pipe:
        pipe.send(Frame(1, b"no picture"))
        failed = told(pipe)
        assert isinstance(failed, Failed)
        assert "no JPEG" in failed.error


def test_the_real_eyes_are_quick_ones() -> None:
    wanted = Wanted((("impasto.png", 1.0),), longest=160)
    frame = eyes_room.track(wanted)
    assert frame.__dict__["_quick"]
