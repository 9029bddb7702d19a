from __future__ import annotations

import os
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from portrait_nst.studio.live.messages import Failed, Frame, State, Told
from portrait_nst.studio.live.process import DIED, LiveProcess, Work
from tests.studio.live.makers import WANTED, dies, echo, fails

Heard = queue.Queue[Told]


@contextmanager
def running(work: Work) -> Iterator[tuple[LiveProcess, Heard]]:
    heard: Heard = queue.Queue()
    process = LiveProcess(WANTED, "cpu", heard.put, work)
    process.start()
    try:
        yield process, heard
    finally:
        process.close()


def is_there(pid: int | None) -> bool:
    assert pid is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_wishes_and_frames_go_in_and_answers_come_out() -> None:
    with running(echo) as (process, heard):
        assert heard.get(timeout=20) == State(notes=("0.5 cpu",))
        process.paint(Frame(1, b"one"))
        assert heard.get(timeout=5) == Frame(1, b"one")
        process.want(replace(WANTED, strength=0.9))
        assert heard.get(timeout=5) == State(ready=True, notes=("0.9",))
        pid = process.pid
        assert is_there(pid)
    assert not is_there(pid)
    assert isinstance(heard.get(timeout=5), Failed)
    assert heard.empty()


def test_frames_that_come_faster_than_they_are_taken_never_queue() -> None:
    heard: Heard = queue.Queue()
    process = LiveProcess(WANTED, "cpu", heard.put, echo)
    for number in range(1, 51):
        process.paint(Frame(number, b"x"))
    process.start()
    try:
        assert isinstance(heard.get(timeout=20), State)
        assert heard.get(timeout=5) == Frame(50, b"x")
        time.sleep(0.1)
        assert heard.empty()
    finally:
        process.close()


@pytest.mark.parametrize(("work", "words"), [(dies, DIED), (fails, "The style cannot be read. Choose another one.")])
def test_the_end_of_the_process_is_told_with_its_reason(work: Work, words: str) -> None:
    with running(work) as (process, heard):
        process.paint(Frame(1, b"one"))
        assert heard.get(timeout=20) == Failed(words)


def test_one_that_never_began_can_be_closed() -> None:
    LiveProcess(WANTED, "cpu", lambda told: None, echo).close()
