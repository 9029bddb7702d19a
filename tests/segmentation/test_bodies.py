"""Which looks are believed: those that agree, the square model first, and each by how far it goes with the others."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.segmentation import coarse, looks
from portrait_nst.segmentation.bodies import bodies
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray

SHAPE = (160, 160)
RGB = np.zeros((*SHAPE, 3), np.uint8)
FACE = Face((64, 44, 32, 32), ((70.0, 50.0),), 0.9)


def person(*others: tuple[slice, slice]) -> FloatArray:
    result = np.full(SHAPE, 0.02, np.float32)
    result[40:90, 60:100] = result[90:, 30:130] = 0.98
    for other in others:
        result[other] = 0.98
    return result


def guess() -> FloatArray:
    return np.random.default_rng(1).random(SHAPE).astype(np.float32)


@pytest.fixture
def seeing(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[FloatArray]]:
    """What the models see in the whole photo; at regions they see what the square model sees first."""
    seen = {"square": [person()] * 4, "landscape": [person()] * 4, "figure": [guess(), 1 - guess()]}
    for name in seen:
        monkeypatch.setattr(looks, f"{name}_looks", lambda *_, name=name: seen[name])

    def look(rgb: object, roi: Roi, model: str = "") -> list[FloatArray]:
        result = np.zeros(SHAPE, np.float32)
        result[roi.slices] = seen["square"][0][roi.slices]
        return [result, result]

    monkeypatch.setattr(coarse, "look", look)
    return seen


def test_looks_that_agree_are_the_person(seeing: dict[str, list[FloatArray]]) -> None:
    found = bodies(RGB, [FACE])
    assert found is not None
    assert found[0] == [FACE]
    assert found[1] == pytest.approx(person(), abs=0.01)


def test_a_model_that_sees_something_else_hardly_counts(seeing: dict[str, list[FloatArray]]) -> None:
    everywhere = np.full(SHAPE, 0.98, np.float32)
    seeing["landscape"] = [everywhere] * 4
    found = bodies(RGB, [FACE])
    assert found is not None
    assert np.array_equal(found[1] > 0.5, person() > 0.5)


def test_an_arm_that_most_looks_see_is_there(seeing: dict[str, list[FloatArray]]) -> None:
    arm = np.s_[20:90, 104:116]
    seeing["landscape"] = [person(arm)] * 4
    seeing["square"] = [person(arm), person(arm), person(), person()]
    found = bodies(RGB, [FACE])
    assert found is not None
    assert found[1][arm].min() > 0.5


@pytest.mark.parametrize("covered", [True, False])
def test_guesses_are_nobody(seeing: dict[str, list[FloatArray]], covered: bool) -> None:
    if covered:
        seeing["square"] = seeing["landscape"] = [person(), guess(), 1 - guess(), person()[::-1].copy()]
    else:
        beside = np.full(SHAPE, 0.02, np.float32)
        beside[:, :50] = 0.98
        seeing["square"] = seeing["landscape"] = [beside] * 4
    assert bodies(RGB, [FACE]) is None


def test_without_faces_and_glimpses_nobody_looks(
    seeing: dict[str, list[FloatArray]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(looks, "square_looks")
    assert bodies(RGB, [], [Face(FACE.box, (), 0.5)]) is None
