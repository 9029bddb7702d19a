"""Holes of a mask."""

from __future__ import annotations

import numpy as np

from portrait_nst.imaging import fill_holes


def test_only_small_closed_holes_are_filled() -> None:
    mask = np.ones((50, 50), bool)
    mask[10:13, 10:13] = mask[30:40, 30:40] = mask[20:23, :3] = False
    before = mask.copy()
    filled = fill_holes(mask, 20)
    assert filled[10:13, 10:13].all()
    assert not filled[30:40, 30:40].any()
    assert not filled[20:23, :3].any()
    assert np.array_equal(mask, before)
    assert fill_holes(np.ones((4, 4), bool), 9).all()


def test_a_hole_of_just_the_size_is_filled_and_one_pixel_more_is_not() -> None:
    mask = np.ones((20, 20), bool)
    mask[5:8, 5:8] = False
    assert fill_holes(mask, 9).all() and not fill_holes(mask, 8)[5:8, 5:8].any()


def test_at_the_border_too_if_asked() -> None:
    mask = np.ones((20, 20), bool)
    mask[:3, :3] = mask[8:18, 8:18] = False
    assert not fill_holes(mask, 9)[:3, :3].any()
    filled = fill_holes(mask, 9, at_border=True)
    assert filled[:3, :3].all() and not filled[8:18, 8:18].any()
