"""Items made ahead in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from portrait_nst.video.ahead import ahead, core_left


def threads() -> int:
    return sum(thread.name == "ahead" for thread in threading.enumerate())


def test_items_come_in_their_order_from_another_thread() -> None:
    def names() -> Iterator[tuple[int, str]]:
        for number in range(20):
            yield number, threading.current_thread().name

    with ahead(names()) as items:
        assert list(items) == [(number, "ahead") for number in range(20)]
        assert list(items) == []
    assert threads() == 0


@pytest.mark.parametrize("depth", [1, 3])
def test_no_more_are_made_than_wanted(depth: int) -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    with ahead(numbers(), depth) as items:
        assert next(items) == 0
        until = time.monotonic() + 5
        while len(made) < depth + 2 and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.05)
        assert (
            len(made) == depth + 2
        )  # the one that is used, those that wait, and the one for which there is no room yet


def test_an_error_comes_after_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("three")

    items, found = ahead(failing()), []
    with pytest.raises(KeyError, match="three"):
        for item in items:
            found.append(item)
    assert found == [1, 2]
    assert list(items) == []
    assert threads() == 0


def test_an_early_end_closes_the_generator_and_ends_the_thread() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed.set()

    with pytest.raises(RuntimeError), ahead(endless()) as items:
        next(items)
        raise RuntimeError
    assert closed.is_set()
    assert threads() == 0


def test_two_stages_take_the_time_of_the_longer_one() -> None:
    def slow(items: Iterator[int]) -> Iterator[int]:
        for item in items:
            time.sleep(0.05)
            yield item

    began = time.monotonic()
    with ahead(slow(iter(range(10)))) as first, ahead(slow(first)) as second:
        assert list(second) == list(range(10))
    assert time.monotonic() - began < 0.9  # one after the other they take 1.0


def test_its_depth_is_checked() -> None:
    with pytest.raises(ValueError, match="depth"):
        ahead([], 0)


def test_torch_leaves_a_core_to_who_works_ahead_and_takes_it_back() -> None:
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        with core_left():
            assert torch.get_num_threads() == 2
        assert torch.get_num_threads() == 3
        torch.set_num_threads(1)
        with core_left():
            assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
