"""Comparing two pictures of a face: the upright view, the drift of parts, and how much is left of them."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.faces import LOOPS, drift, eye_distance, kept, upright
from portrait_nst.faces.compare import CELLS, FIVE, KEYPOINT_PLACES, PLACES
from portrait_nst.types import Face, FloatArray

SIDE = 3 * CELLS


def face(places: dict[int, complex] | None = None, turn: complex = 100 + 20j, shift: complex = 40 + 30j) -> Face:
    """A face whose points lie where the upright view has them, moved by z -> turn z + shift.

    places: other points, by number, in the upright view.
    """
    points = np.full(478, 0.5 + 0.5j)
    corners = {"right eye": 0.23 + 0.31j, "left eye": 0.67 + 0.31j, "nose": 0.4 + 0.5j, "lips": 0.36 + 0.68j}
    for part, corner in corners.items():
        angles = np.linspace(0, 2 * np.pi, len(LOOPS[part]), endpoint=False)
        points[list(LOOPS[part])] = corner + 0.1 + 0.03j + 0.1 * np.cos(angles) + 0.03j * np.sin(angles)
    points[list(FIVE)] = PLACES
    for number, place in (places or {}).items():
        points[number] = place
    there, keypoints = turn * points + shift, turn * KEYPOINT_PLACES + shift
    landmarks = np.stack([there.real, there.imag], 1).astype(np.float32)
    return Face((50, 50, 80, 80), tuple((float(z.real), float(z.imag)) for z in keypoints), 0.9, landmarks)


def without_points(known: Face) -> Face:
    return Face(known.box, known.keypoints, known.score)


def test_the_upright_view_is_that_of_the_eyes_and_the_nose() -> None:
    turn, shift = upright(face())
    assert turn == pytest.approx(100 + 20j, rel=1e-5) and shift == pytest.approx(40 + 30j, rel=1e-4)
    turn, shift = upright(without_points(face()))
    assert turn == pytest.approx(100 + 20j, rel=1e-5) and shift == pytest.approx(40 + 30j, rel=1e-4)


def test_the_upright_view_is_the_nearest_similarity() -> None:
    odd = face({FIVE[0]: PLACES[0] + 0.1j})
    assert odd.landmarks is not None
    points = odd.landmarks[list(FIVE)].astype(float)
    system = np.stack([PLACES, np.ones(5)], 1)
    expected = np.linalg.lstsq(system, points[:, 0] + 1j * points[:, 1], rcond=None)[0]
    assert np.allclose(upright(odd), expected)


def test_drift_is_that_of_the_part_that_moved_most() -> None:
    before = face(turn=100 + 0j)
    assert drift(before, before) == 0
    assert before.landmarks is not None
    moved = {n: complex(*(before.landmarks[n] - (40, 30))) / 100 + 0.05j for n in LOOPS["lips"]}
    assert drift(before, face(moved, turn=100 + 0j)) == pytest.approx(5 / eye_distance(before), rel=1e-3)
    lower = face(turn=100 + 0j, shift=40 + 38j)
    assert drift(before, lower) == pytest.approx(8 / eye_distance(before), rel=1e-3)
    assert drift(before, without_points(lower)) == pytest.approx(8 / eye_distance(before), rel=1e-3)


def portrait() -> FloatArray:
    """Lightness (SIDE, SIDE) of the upright view: a light face with dark parts where `face` has them."""
    y, x = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE
    light = 0.7 - 0.1 * x
    for left, top in ((0.23, 0.31), (0.67, 0.31), (0.4, 0.5), (0.36, 0.68)):
        light -= 0.4 * np.exp(-((x - left - 0.1) ** 2 / 0.06**2 + (y - top - 0.03) ** 2 / 0.02**2))
    return np.asarray(light, np.float32)


def test_nothing_is_lost_by_light_contrast_or_fine_texture() -> None:
    known, light = face(), portrait()
    assert kept(light, light, known) == pytest.approx(1)
    assert kept(light, 0.3 * light + 0.2, known) == pytest.approx(1)
    noise = np.random.default_rng(0).normal(0, 0.05, light.shape).astype(np.float32)
    assert kept(light, light + noise, known) > 0.9
    assert kept(light, 1 - light, known) == pytest.approx(-1)


@pytest.mark.parametrize("window", [np.s_[40:64, 25:62], np.s_[100:118, 45:105]], ids=["eye", "mouth"])
@pytest.mark.parametrize("dense", [True, False], ids=["478 points", "keypoints"])
def test_a_part_that_is_painted_over_is_lost(window: tuple[slice, slice], dense: bool) -> None:
    known = face() if dense else without_points(face())
    light = portrait()
    after = light.copy()
    after[window] = 0.65
    assert kept(light, after, known) < 0.35
    cheek = light.copy()
    cheek[75:95, 20:50] = 0.3
    assert kept(light, cheek, known) > 0.9, "a stroke across a cheek takes no part"


def test_where_the_photo_shows_nothing_nothing_is_lost() -> None:
    dark = np.full((SIDE, SIDE), 0.1, np.float32)
    assert kept(dark, portrait(), face()) == 1
