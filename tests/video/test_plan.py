"""A clip is cut into parts of some seconds, each of one shot."""

from __future__ import annotations

import pytest

from portrait_nst.video.plan import Shot, parts_of


def cut(frames: int, cuts: list[int], seconds: float, rate: float = 25) -> list[tuple[int, int, int]]:
    edges = [0, *cuts, frames]
    shots = [Shot(a, b, (a,)) for a, b in zip(edges[:-1], edges[1:])]
    found = parts_of(shots, [n / rate for n in range(frames)], seconds)
    assert [part.number for part in found] == list(range(len(found)))
    return [(part.first, part.end, part.shot) for part in found]


def test_parts_are_as_long_as_asked_and_end_at_cuts() -> None:
    assert cut(50, [], 1.0) == [(0, 25, 0), (25, 50, 0)]
    assert cut(60, [10], 1.0) == [(0, 10, 0), (10, 35, 1), (35, 60, 1)]
    assert cut(52, [], 1.0) == [(0, 17, 0), (17, 35, 0), (35, 52, 0)]  # about equally long, and not 25, 25, 2


@pytest.mark.parametrize("frames", [1, 2, 7, 100])
@pytest.mark.parametrize("seconds", [1e-3, 0.3, 1000.0])
def test_every_frame_is_in_one_part(frames: int, seconds: float) -> None:
    found = cut(frames, [], seconds)
    assert [n for first, end, _ in found for n in range(first, end)] == list(range(frames))
    assert all(first < end for first, end, _ in found)


def test_frames_of_one_time_are_one_part() -> None:
    assert [(part.first, part.end) for part in parts_of([Shot(0, 4, (0,))], [0.0] * 4, 1.0)] == [(0, 4)]
