"""Frames blended along time."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.types import FloatArray
from portrait_nst.video.steady import CHANGED, GAIN, Steady, steadied
from tests.video.scenes import motion_of

SIZE = (24, 30)


def picture(seed: int, size: tuple[int, int] = SIZE) -> FloatArray:
    return np.random.default_rng(seed).random((*size, 3), np.float32)


def flat(level: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((*SIZE, 3), level, np.uint8)


ALL = np.ones(SIZE, np.float32)


def test_a_frame_takes_its_part_of_the_one_before_where_that_has_moved_to() -> None:
    before, painted = Steady(picture(0), flat(90), ALL), picture(1)
    found = steadied(painted, flat(90), ALL, motion_of(SIZE, 3, -2), before).picture
    then = before.picture.astype(np.float64)
    expected = GAIN * painted.astype(np.float64)[2:, :-3] + (1 - GAIN) * then[:-2, 3:]
    np.testing.assert_allclose(found[2:, :-3], expected, atol=1e-6)


@pytest.mark.parametrize("what", ["no motion", "no trust", "not there", "changed"])
def test_nothing_is_kept_of_what_is_not_there_any_more(what: str) -> None:
    there = ALL * 0 if what == "not there" else ALL
    before, painted = Steady(picture(0), flat(90), there), picture(1)
    motion = None if what == "no motion" else motion_of(SIZE, 0, 0, trust=what != "no trust")
    now = flat(90 + int(CHANGED[1])) if what == "changed" else flat(90)
    found = steadied(painted, now, ALL, motion, before)
    np.testing.assert_array_equal(found.picture, painted)
    np.testing.assert_array_equal(found.seen, now)


def test_noise_is_no_change_and_trembling_falls() -> None:
    random, shown = np.random.default_rng(2), []
    before: Steady | None = None
    for _ in range(40):
        film = np.clip(np.rint(90 + random.normal(0, 2, (*SIZE, 3))), 0, 255).astype(np.uint8)
        painted = (0.5 + random.normal(0, 0.02, (*SIZE, 3))).astype(np.float32)
        before = steadied(painted, film, ALL, motion_of(SIZE, 0, 0), before)
        shown.append(before.picture)
    settled = np.stack(shown[12:])
    np.testing.assert_allclose(settled.std(), 0.02 * (GAIN / (2 - GAIN)) ** 0.5, rtol=0.05)
    np.testing.assert_allclose(settled.mean(), 0.5, atol=1e-3)
    trembling = np.sqrt(np.square(np.diff(settled, axis=0)).mean())
    assert trembling < 0.02 * 2**0.5 / 3  # a third of that of independent frames
