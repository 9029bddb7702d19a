"""Pictures continued past their visible part: of it alone, and smoothly."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from portrait_nst.imaging import continue_past, is_grey

rng = np.random.default_rng


def some(size: tuple[int, int], share: float = 0.03) -> NDArray[np.bool_]:
    visible = rng(1).random(size) < share
    visible[size[0] // 2, 0] = True
    return visible


@pytest.mark.parametrize("size", [(16, 16), (61, 97), (1, 40), (33, 1), (1, 1)])
def test_what_is_visible_keeps_its_bytes_and_the_rest_has_no_say(size: tuple[int, int]) -> None:
    rgb, visible = rng(0).integers(0, 256, (*size, 3), np.uint8), some(size)
    found = continue_past(rgb, visible)
    assert found.dtype == np.uint8 and np.array_equal(found[visible], rgb[visible])
    other = np.where(visible[..., None], rgb, 255 - rgb)
    assert np.array_equal(continue_past(other, visible), found)


def test_one_colour_goes_on_as_it_is() -> None:
    rgb, visible = np.zeros((50, 70, 3), np.uint8), some((50, 70))
    rgb[visible] = (10, 200, 77)
    assert (continue_past(rgb, visible) == (10, 200, 77)).all()


def test_it_goes_on_without_a_step_and_between_what_it_lies_between() -> None:
    ramp = np.linspace(60, 180, 64).astype(np.uint8)
    rgb = np.broadcast_to(ramp[None, :, None], (40, 64, 3)).copy()
    visible = np.ones((40, 64), bool)
    visible[:, 24:40] = False
    found = continue_past(np.where(visible[..., None], rgb, 255), visible).astype(int)
    assert found.min() >= 60 and found.max() <= 180
    assert np.abs(np.diff(found, axis=1)).max() < 30, "a jump of half of what lies between would be an edge"
    assert np.abs(found - rgb).max() < 25


def test_all_is_visible_or_nothing() -> None:
    rgb = rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    assert np.array_equal(continue_past(rgb, np.ones((20, 30), bool)), rgb)
    for wrong in (np.zeros((20, 30), bool), np.ones((30, 20), bool)):
        with pytest.raises(ValueError, match="visible must be"):
            continue_past(rgb, wrong)


def test_grey_is_grey_to_a_level() -> None:
    grey = rng(0).integers(1, 255, (600, 9, 1), np.uint8).repeat(3, 2)
    assert is_grey(grey)
    grey[500:, :, 1] -= 1
    assert is_grey(grey)
    grey[550, 3, 2] += 1
    assert not is_grey(grey)
    where = np.ones((600, 9), bool)
    assert not is_grey(grey, where)
    where[550, 3] = False
    assert is_grey(grey, where)
