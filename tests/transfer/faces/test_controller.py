"""The controller of likeness: it raises the weight of the face until a goal is reached."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.transfer.faces.controller import LikenessController


def test_the_controller_raises_the_weight_under_the_goal_and_lowers_it_above() -> None:
    values = iter([0.3, 0.85, 0.99, 0.89, 0.5, 0.5, 0.95])
    controller = LikenessController(0.9, lambda picture: next(values))
    nothing = np.zeros((1, 1, 3), np.uint8)
    seen = []
    for _ in range(4):
        controller.look(nothing)
        seen.append(controller.factor)
    assert seen == [2, 4, pytest.approx(4 / 1.5), pytest.approx(4)]
    assert controller.more(nothing) == controller.extra and controller.factor == pytest.approx(8)
    assert controller.more(nothing) == controller.extra and controller.more(nothing) == 0
    controller.factor, controller.last, controller.measure = 100.0, 0.0, lambda picture: 0.5
    assert controller.more(nothing) == controller.extra and controller.more(nothing) == 0  # nothing is gained any more
    controller.left, controller.measure = 0, lambda picture: 0.0
    assert controller.more(nothing) == 0
    due = [controller.due(scale, 3, iteration) for scale, iteration in ((0, 5), (1, 0), (1, 5), (2, 7))]
    assert due == [False, False, True, False]


def test_firmness_multiplies_the_weight_of_the_face_only() -> None:
    controller = LikenessController(0.9, lambda picture: 0.0)
    before, face = np.array([[0.5, 0.5, 0.0]], np.float32), np.array([[0.0, 1.0, 0.5]], np.float32)
    assert controller.weight_map(before, face) is before and controller.weight_map(None, face) is None
    controller.factor = 4.0
    for weight_map, wanted in ((before, [[0.5, 5.0, 1.5]]), (None, [[0.0, 3.0, 1.5]])):
        found = controller.weight_map(weight_map, face)
        assert found is not None and np.allclose(found, wanted)
