"""Where the content counts more: over the crop, at each size, and as a goal of likeness asks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from portrait_nst.transfer import Portrait
from portrait_nst.transfer.content_weights import ContentWeights
from portrait_nst.transfer.crop import Crop
from portrait_nst.types import FloatArray, UInt8Array

SIZES = [(20, 30), (40, 60), (80, 120)]
FACE = np.zeros((160, 240), np.float32)
FACE[40:120, 60:180] = 1


def crop() -> Crop:
    return Crop((160, 240), SIZES, [np.ones((160, 240), np.float32)], whole=True)


def portrait(measure: Callable[[UInt8Array], float]) -> Portrait:
    return Portrait(FACE, goal=0.9, measure=measure)


def picture() -> UInt8Array:
    return np.zeros((80, 120, 3), np.uint8)


def never() -> UInt8Array:
    raise AssertionError("a picture was made for nobody")


def test_without_a_goal_the_map_is_all_there_is() -> None:
    assert ContentWeights(crop(), None, None).at(SIZES[0]) is None
    weights = ContentWeights(crop(), 2 * FACE, Portrait(FACE))
    found = weights.at(SIZES[0])
    assert found is not None and found.shape == SIZES[0] and found.max() == 2 and found[0, 0] == 0
    assert (weights.at_faces, weights.most_extra_steps) == (1.0, 0)
    assert not weights.changed(2, 5, never) and weights.extra_steps(2, never) == 0


@pytest.mark.parametrize("weight_map", [None, np.ones((160, 240), np.float32)])
def test_a_face_that_is_not_alike_gets_more_weight_at_the_finest_scales_only(weight_map: FloatArray | None) -> None:
    weights = ContentWeights(crop(), weight_map, portrait(lambda picture: 0.2))
    assert not weights.changed(0, 5, never) and not weights.changed(2, 4, never)
    assert weights.changed(2, 5, picture) and weights.at_faces == 2
    found = weights.at(SIZES[2])
    own = 0 if weight_map is None else 1
    assert found is not None and found[40, 60] == pytest.approx(2 * (1 + own) - 1) and found[0, 0] == own
    assert weights.extra_steps(1, never) == 0
    assert 0 < weights.extra_steps(2, picture) <= weights.most_extra_steps and weights.at_faces == 4


def test_a_face_that_is_alike_is_left_alone() -> None:
    weights = ContentWeights(crop(), None, portrait(lambda picture: 0.92))
    assert not weights.changed(2, 5, picture) and weights.extra_steps(2, picture) == 0 and weights.at_faces == 1
