"""Pop art of a clip: what is settled for a shot, and drawings that stay where nothing moves."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from portrait_nst.errors import InputError
from portrait_nst.motion import Motion
from portrait_nst.pop_art import PopartSettings, moving
from portrait_nst.pop_art.partition.held import UNKNOWN, Held
from portrait_nst.types import Face
from tests.video.sitter import frames

SETTINGS = PopartSettings(frame="photo", likeness=False)


def views(count: int, noise: float) -> list[moving.View]:
    return [moving.View(seen.rgb, seen.alpha, seen.faces) for seen in frames(count, noise)]


def changes(count: int, noise: float, *, fixed: bool, held: bool) -> list[float]:
    """The share of pixels whose tone changes between drawings of a still sitter."""
    found = views(count, noise)
    settled = moving.settle(found, SETTINGS)
    assert settled is not None
    before: Held | None = None
    tones = []
    for view in found:
        own = moving.settle([view], SETTINGS)
        assert own is not None
        made = moving.divided(view, SETTINGS, settled if fixed else own, before)
        assert made is not None
        tones.append(made.held.tone)
        before = made.held if held else None
    return [float((a != b).mean()) for a, b in itertools.pairwise(tones)]


def test_a_still_sitter_is_drawn_the_same_under_noise() -> None:
    loose = changes(4, 3, fixed=False, held=False)
    steady = changes(4, 3, fixed=True, held=True)
    assert max(steady) < 0.001
    assert np.mean(loose) > 0.003


def test_thresholds_are_those_of_all_samples() -> None:
    found = views(2, 0)
    darker = dataclasses.replace(found[1], rgb=(found[1].rgb * 0.5).astype(np.uint8))
    both, one = moving.settle([found[0], darker], SETTINGS), moving.settle(found[:1], SETTINGS)
    assert both is not None and one is not None
    assert both.thresholds.rest[0] < one.thresholds.rest[0]
    assert both.face_width == 300


def test_nobody_is_not_drawn() -> None:
    found = views(1, 0)
    settled = moving.settle(found, SETTINGS)
    assert settled is not None
    empty = dataclasses.replace(found[0], alpha=0 * found[0].alpha)
    assert moving.settle([empty], SETTINGS) is None
    assert moving.divided(empty, SETTINGS, settled) is None


def test_a_bust_would_cut_the_clip() -> None:
    with pytest.raises(InputError, match="frame photo"):
        moving.check(PopartSettings(frame="bust"))
    assert moving.check(PopartSettings()).frame == "photo"


def test_what_is_held_moves_along_and_is_forgotten_where_it_cannot_be_followed() -> None:
    settled = moving.settle(views(1, 0), SETTINGS)
    assert settled is not None
    made = moving.divided(views(1, 0)[0], SETTINGS, settled)
    assert made is not None
    held = made.held
    assert held.is_as(held)
    back, trust = np.zeros((128, 128, 2), np.float32), np.ones((128, 128), np.float32)
    back[..., 0], trust[:, :40] = -3, 0
    carried = held.carried(Motion(back, trust))
    assert np.array_equal(carried.tone[:, 44:], held.tone[:, 41:-3])
    assert (carried.tone[:, :36] == UNKNOWN).all()
    assert not carried.known[:, :36].any()
    assert not carried.is_as(held)


def test_faces_keep_their_points_while_they_hardly_move() -> None:
    points = np.random.default_rng(0).uniform(20, 100, (478, 2)).astype(np.float32)
    eyes = ((40.0, 50.0), (80.0, 50.0), (60.0, 70.0), (60.0, 85.0), (25.0, 55.0), (95.0, 55.0))
    face = Face((20.0, 20.0, 80.0, 80.0), eyes, 0.9, points)
    jitter = dataclasses.replace(face, landmarks=points + np.float32(0.5))
    turned = dataclasses.replace(face, landmarks=points + np.float32(4))
    assert moving.steady([jitter], [face])[0] is face
    assert moving.steady([turned], [face])[0] is turned
    back = np.full((128, 128, 2), (-5, 2), np.float32)
    (moved,) = moving.followed([face], Motion(back, np.ones((128, 128), np.float32)))
    assert moved.landmarks == pytest.approx(points + np.array([5, -2]))
    assert moved.keypoints[0] == pytest.approx((45, 48))
    assert moved.box[:2] == pytest.approx((25, 18))
