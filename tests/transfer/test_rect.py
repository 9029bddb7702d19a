"""Boxes of a frame."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.planning.extent import BEYOND, MARGIN
from portrait_nst.transfer.rect import Rect, rect_around


def frame(height: int, width: int, channels: int | None = 3) -> np.ndarray:
    shape = (height, width) if channels is None else (height, width, channels)
    return np.random.default_rng(0).random(shape).astype(np.float32)


BOXES = [Rect(0, 0, 40, 50), Rect(3, 5, 20, 31), Rect(-7, -9, 44, 63), Rect(-20, 10, 15, 55), Rect(39, 49, 40, 50)]


@pytest.mark.parametrize("channels", [None, 1, 3])
@pytest.mark.parametrize("box", BOXES)
def test_what_is_cut_is_pasted_back(box: Rect, channels: int | None) -> None:
    whole = frame(40, 50, channels)
    part = box.cut(whole)
    assert part.shape[:2] == box.shape and part.flags.c_contiguous
    copy = whole.copy()
    box.paste(part, copy)
    np.testing.assert_array_equal(copy, whole)
    inside = np.zeros((40, 50), bool)
    inside[max(0, box.top) : box.bottom, max(0, box.left) : box.right] = True
    blank = np.full_like(whole, -1)
    box.paste(part, blank)
    np.testing.assert_array_equal(blank[inside], whole[inside])
    assert (blank[~inside] == -1).all()


@pytest.mark.parametrize("box", BOXES)
def test_pixel_by_pixel(box: Rect) -> None:
    """Beyond the frame the picture is mirrored at its edge, the edge's own pixel said twice."""
    whole = frame(40, 50)
    part, zero = box.cut(whole), box.cut(whole, outside="zero")

    def mirrored(i: int, n: int) -> int:
        return -1 - i if i < 0 else 2 * n - 1 - i if i >= n else i

    for i in range(box.shape[0]):
        for j in range(box.shape[1]):
            y, x = box.top + i, box.left + j
            assert (part[i, j] == whole[mirrored(y, 40), mirrored(x, 50)]).all()
            if 0 <= y < 40 and 0 <= x < 50:
                assert (zero[i, j] == whole[y, x]).all()
            else:
                assert not zero[i, j].any()


def test_a_cut_is_a_copy() -> None:
    whole = frame(40, 50)
    for box in BOXES:
        assert not np.shares_memory(box.cut(whole), whole) or box.shape == (40, 50)


def test_the_box_goes_around_the_region_with_a_margin() -> None:
    mask = np.zeros((200, 300), np.float32)
    mask[90:101, 120:180] = 1e-6
    assert rect_around(mask) == Rect(90 - MARGIN, 120 - MARGIN, 101 + MARGIN, 180 + MARGIN)
    assert rect_around(mask, margin=3) == Rect(87, 117, 104, 183)
    assert rect_around(mask, margin=3, grid=4) == Rect(84, 116, 104, 183)


def test_the_box_reaches_beyond_the_frame_where_the_region_touches_it() -> None:
    mask = np.zeros((200, 300), np.float32)
    mask[150:, :10] = 1
    assert rect_around(mask) == Rect(150 - MARGIN, -BEYOND, 200 + BEYOND, 10 + MARGIN)
    mask[:] = 1
    assert rect_around(mask) == Rect(-BEYOND, -BEYOND, 200 + BEYOND, 300 + BEYOND)
    assert rect_around(mask, margin=5) == Rect(-5, -5, 205, 305)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (5, 9), (24, 24)])
def test_a_small_frame_is_mirrored_once_at_most(size: tuple[int, int]) -> None:
    box = rect_around(np.ones(size, np.float32))
    assert 0 <= -box.top <= size[0] - 1 and 0 <= -box.left <= size[1] - 1
    assert box.cut(frame(*size)).shape[:2] == box.shape
