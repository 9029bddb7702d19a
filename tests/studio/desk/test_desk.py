"""The desk: a process that may die, wait, rest, and be asked by many."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.studio.desk import process
from portrait_nst.studio.desk.desk import Desk, Replaced
from portrait_nst.studio.desk.process import Failed


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk(threads=1) as made:
        yield made


def test_it_answers(desk: Desk, small_portrait: Path) -> None:
    seen = desk.call("examine.examine", path=small_portrait, name="me.png", pixels=10**6)
    assert (seen["width"], seen["height"], seen["notes"]) == (136, 160, [])


def test_errors_come_as_they_are(desk: Desk, small_portrait: Path) -> None:
    with pytest.raises(InputError, match=r"me\.png says that it is 136 x 160 pixels"):
        desk.call("examine.examine", path=small_portrait, name="me.png", pixels=10**4)
    pid = desk.pid
    with pytest.raises(Failed, match=r"examine\.examine: TypeError"):
        desk.call("examine.examine", wrong=1)
    assert desk.pid == pid is not None


@pytest.mark.parametrize(
    "name", ["os.system", "examine.__import__", "examine.examine.x", "../examine.view", "Desk.call"]
)
def test_only_functions_of_the_room_are_called(desk: Desk, name: str) -> None:
    with pytest.raises(Failed):
        desk.call(name, command="true")


def test_a_dead_process_is_an_error_and_the_next_call_has_a_new_one(desk: Desk) -> None:
    desk.call("rehearsal.wait", seconds=0)
    before = desk.pid
    assert before is not None
    killer = threading.Timer(0.3, os.kill, (before, 9))
    killer.start()
    with pytest.raises(ResourceError, match="died while it looked at this file"):
        desk.call("rehearsal.wait", seconds=30)
    assert desk.call("rehearsal.wait", seconds=0) != before


def test_a_call_that_takes_too_long_is_given_up() -> None:
    with Desk(threads=1, limit=3) as desk:
        before = desk.call("rehearsal.wait", seconds=0)
        with pytest.raises(ResourceError, match="longer than 3 seconds"):
            desk.call("rehearsal.wait", seconds=30)
        assert desk.call("rehearsal.wait", seconds=0) != before


def test_the_latest_call_of_a_client_takes_the_place_of_one_that_waits(desk: Desk) -> None:
    desk.call("rehearsal.wait", seconds=0)
    said: list[object] = []

    def ask(client: str, seconds: float) -> None:
        try:
            said.append((client, seconds, desk.latest(client, "rehearsal.wait", seconds=seconds)))
        except Replaced:
            said.append((client, seconds, "replaced"))

    threads = []
    for client, seconds in (("a", 1.0), ("a", 0.01), ("b", 0.02), ("a", 0.03), ("a", 0.04)):
        threads.append(threading.Thread(target=ask, args=(client, seconds)))
        threads[-1].start()
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    pid = desk.pid
    assert Replaced().status == 429
    assert said[:2] == [("a", 0.01, "replaced"), ("a", 0.03, "replaced")]  # at once, while the first one works
    assert said[2:] == [("a", 1.0, pid), ("b", 0.02, pid), ("a", 0.04, pid)]


def test_it_rests_and_begins_anew() -> None:
    with Desk(threads=1, idle=0.2) as desk:
        assert desk.pid is None
        first = desk.call("rehearsal.wait", seconds=0)
        deadline = time.monotonic() + 10
        while desk.pid is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert desk.pid is None
        assert desk.call("rehearsal.wait", seconds=0) != first


def test_closing_ends_a_call() -> None:
    desk = Desk(threads=1)
    desk.call("rehearsal.wait", seconds=0)
    threading.Timer(0.2, desk.close).start()
    began = time.monotonic()
    with pytest.raises(ResourceError, match="ending"):
        desk.call("rehearsal.wait", seconds=30)
    with pytest.raises(ResourceError, match="ending"):
        desk.call("rehearsal.wait", seconds=0)
    assert time.monotonic() - began < 10


def test_what_stands_back_lets_others_go_first(desk: Desk) -> None:
    desk.call("rehearsal.wait", seconds=0)
    ended: list[str] = []

    def ask(name: str, call: Callable[..., object], **values: object) -> threading.Thread:
        def work() -> None:
            call("rehearsal.wait", **values)
            ended.append(name)

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.05)
        return thread

    threads = [
        ask("at work", desk.call, seconds=0.5),
        ask("idle", desk.later, seconds=0, idle=0.3),
        ask("later", desk.later, seconds=0.01),
        ask("first", desk.call, seconds=0.01),
    ]
    for thread in threads[2:]:
        thread.join()
    assert ended == ["at work", "first", "later"]
    began = time.monotonic()
    threads[1].join()
    assert ended[-1] == "idle" and time.monotonic() - began > 0.1
    threads[0].join()


def test_quick_work_leaves_cores_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for cores, most, threads in ((1, None, 1), (2, None, 1), (4, None, 2), (4, 1, 1), (64, None, 4)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, count=cores: set(range(count)), raising=False)
        assert process.few(most) == threads
