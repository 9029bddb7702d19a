"""The statistics under which a region is painted."""

from __future__ import annotations

import numpy as np

from portrait_nst.pipeline.instant.canvas import LEAST_WEIGHT, _evened


def test_a_frequent_colour_counts_less_and_the_region_stays() -> None:
    picture = np.full((80, 100, 3), 30, np.uint8)
    picture[:20] = 200  # a face's share of a portrait with a dark coat
    guide = np.ones((80, 100), np.float32)
    guide[:, :10] = 0
    weights = _evened(picture, guide)
    assert weights.shape == guide.shape
    assert np.array_equal(weights > 0, guide > 0)
    assert weights.max() <= 1
    assert weights.min() >= 0
    assert weights[weights > 0].min() >= LEAST_WEIGHT
    light, dark = weights[:16, 20:].mean(), weights[24:, 20:].mean()
    np.testing.assert_allclose(light / dark, 3**0.5, rtol=0.15)  # a third as frequent, by the root of that


def test_a_region_of_nothing_is_left_alone() -> None:
    nothing = np.zeros((30, 40), np.float32)
    assert np.array_equal(_evened(np.zeros((30, 40, 3), np.uint8), nothing), nothing)
