"""The picture to check a matte by."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.types import Matte, Photo


def test_overlay(grace: Photo, grace_matte: Matte) -> None:
    before = grace.rgb.copy()
    picture = segmentation.overlay(grace, grace_matte)
    assert picture.shape == grace.rgb.shape
    assert picture.dtype == np.uint8
    assert np.array_equal(grace.rgb, before)
    # The uniform stays as it is; the sky is dimmed; the edge is drawn.
    assert np.array_equal(picture[560:590, 300:330], grace.rgb[560:590, 300:330])
    assert picture[50:100, 440:500].mean() < 0.8 * grace.rgb[50:100, 440:500].mean()
    pink = np.abs(picture.astype(int) - (255, 60, 200)).max(axis=2) < 60
    assert pink.sum() > 500


def test_overlay_of_a_mask_of_ones_own(astronaut: Photo) -> None:
    nobody = Photo(np.full((60, 80, 3), 128, np.uint8))
    assert segmentation.overlay(nobody, Matte(np.ones((60, 80), np.float32))).shape == (60, 80, 3)
    with pytest.raises(ValueError, match="size"):
        segmentation.overlay(astronaut, Matte(np.ones((60, 80), np.float32)))
