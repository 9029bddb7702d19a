"""What changed: noise does not count, what is new does with a rim, light is passed on, the person's motion reaches its rim."""

from __future__ import annotations

import numpy as np

from portrait_nst.motion.motion import Motion
from portrait_nst.types import FloatArray
from portrait_nst.video.painters.changes import changes, of_person

SIZE = (64, 80)
ALL = np.ones(SIZE, np.float32)


def plain(level: float) -> FloatArray:
    return np.full((*SIZE, 3), level, np.float32)


def test_the_noise_of_a_sensor_is_no_change() -> None:
    noise = np.random.default_rng(0).normal(0, 4 / 255, (*SIZE, 3)).astype(np.float32)
    found = changes(plain(0.5) + noise, plain(0.5), ALL, ALL, ALL)
    assert not found.work.any() and found.agree.min() > 0.99


def test_what_looks_different_is_new_with_a_rim() -> None:
    now = plain(0.5)
    now[20:40, 30:50] = 0.8
    found = changes(now, plain(0.5), ALL, ALL, ALL)
    assert found.work[22:38, 32:48].min() > 0.99 and found.new[18:42, 28:52].all()
    assert not found.work[:10].any() and not found.work[:, :20].any() and found.agree[30, 40] == 0


def test_only_the_mask_is_looked_at_and_specks_are_not() -> None:
    now, mask = plain(0.5), ALL.copy()
    now[20:40, 30:50] = 0.8
    mask[:, 25:55] = 0
    assert not changes(now, plain(0.5), ALL, ALL, mask).work.any()
    held = ALL.copy()
    held[10, 10] = held[30:32, 60:62] = 0
    assert not changes(plain(0.5), plain(0.5), held, ALL, ALL).work.any()
    held[30:36, 60:66] = 0
    assert changes(plain(0.5), plain(0.5), held, ALL, ALL).new[30:36, 60:66].all()


def test_what_is_stretched_is_new() -> None:
    stretch = ALL.copy()
    stretch[:, 40:] = 1.6
    found = changes(plain(0.5), plain(0.5), ALL, stretch, ALL)
    assert found.new[:, 40:].all() and not found.new[:, :30].any()


def test_light_that_changes_slowly_is_passed_on() -> None:
    found = changes(plain(0.5 + 5 / 255), plain(0.5), ALL, ALL, ALL)
    assert not found.work.any()
    np.testing.assert_allclose(found.light, 5 / 255, atol=1e-4)


def test_the_motion_of_a_person_goes_on_into_its_rim() -> None:
    mask = np.asarray(np.clip((50 - np.abs(np.arange(SIZE[1]) - 30) * 2) / 10, 0, 1) * ALL, np.float32)
    back = np.zeros((*SIZE, 2), np.float32)
    back[mask > 0.95] = (-3, 1)
    trust = (mask > 0.95).astype(np.float32)
    found = of_person(Motion(back, trust), mask)
    rim = (mask > 0) & (mask < 0.95)
    np.testing.assert_allclose(found.back[rim], np.tile((-3, 1), (rim.sum(), 1)), atol=1e-3)
    assert found.trust[rim].min() > 0.9 and not found.back[mask == 0].any()
