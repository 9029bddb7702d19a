"""Regions of interest, and the rule for which face belongs to a mask."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from portrait_nst.segmentation import Roi, covers
from portrait_nst.types import Face

FACE = Face((10, 20, 20, 20), (), 0.9)


def test_the_middle_of_a_face() -> None:
    assert Roi.middle_of(FACE) == Roi(14, 24, 12, 12)


def test_a_region_ends_at_the_photos_border() -> None:
    roi = Roi(-5, 30, 20, 40).clipped((50, 60))
    assert roi == Roi(0, 30, 15, 20)
    assert np.ones((50, 60))[roi.slices].shape == (20, 15)


@pytest.mark.parametrize(("share", "held"), [(0.0, False), (0.5, False), (0.55, False), (0.65, True), (1.0, True)])
def test_a_face_belongs_to_the_mask_that_holds_its_middle(share: float, held: bool) -> None:
    mask = np.zeros((60, 60), np.float32)
    mask[24:36, 14:26] = share
    assert covers(mask, FACE) is held


def test_only_the_middle_counts() -> None:
    mask = np.ones((60, 60), np.float32)
    mask[24:36, 14:26] = 0
    assert not covers(mask, FACE)


@pytest.mark.parametrize("box", [(100, 100, 20, 20), (-80, 10, 20, 20), (10, -80, 20, 20), (10, 200, 20, 20)])
def test_a_face_outside_of_the_picture_belongs_to_no_mask(box: tuple[float, float, float, float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not covers(np.ones((60, 60), np.float32), Face(box, (), 0.9))
