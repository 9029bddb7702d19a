"""A face laid over another: points on points, a similarity transform far away, and no folds, whatever is hidden."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from portrait_nst.faces import warp_map
from portrait_nst.faces.keypoint_spline import keypoint_spline
from portrait_nst.faces.parts import POINTS
from portrait_nst.faces.warp import CONTROLS, folds
from portrait_nst.types import Face, FloatArray

KEYPOINTS = ((40.0, 50.0), (80.0, 52.0), (60.0, 75.0), (60.0, 95.0), (20.0, 60.0), (100.0, 62.0))
SIZE = (200, 160)
MIDDLE = (80.0, 100.0)


def head(yaw: float = 0.0, wide: float = 34.0, *, grow: float = 1.0, turn: float = 0.0) -> Face:
    """Half an ellipsoid of 478 points, turned by `yaw` and leaning by `turn` (radians), as a camera far away sees it."""
    rng = np.random.default_rng(0)
    radius, around = np.sqrt(rng.uniform(0, 1, POINTS)), rng.uniform(0, 2 * np.pi, POINTS)
    x, y = radius * np.cos(around), radius * np.sin(around)
    deep = np.sqrt(1 - radius**2)
    across, down = wide * (x * np.cos(yaw) + deep * np.sin(yaw)), 42 * y
    seen = grow * (across + 1j * down) * np.exp(1j * turn)
    points = np.stack([seen.real + MIDDLE[0], seen.imag + MIDDLE[1]], 1).astype(np.float32)
    return Face((46, 60, 68, 68), KEYPOINTS, 1, points)


def at(places: FloatArray, points: FloatArray) -> FloatArray:
    """The places of the pixels in which `points` lie."""
    x, y = points.astype(int).T
    return np.asarray(places[y, x], np.float32)


def landmarks(face: Face) -> FloatArray:
    assert face.landmarks is not None
    return face.landmarks


def as_complex(places: FloatArray) -> NDArray[np.complex128]:
    return np.asarray(places[..., 0].astype(float) + 1j * places[..., 1])


def test_a_similarity_transform_is_met_exactly() -> None:
    places = as_complex(warp_map(head(), head(grow=1.5, turn=0.5), SIZE))
    y, x = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    from_middle = x - MIDDLE[0] + 1j * (y - MIDDLE[1])
    assert np.abs(places - (from_middle * 1.5 * np.exp(0.5j) + complex(*MIDDLE))).max() < 1e-3


@pytest.mark.parametrize("other", [head(wide=28), head(0.4), head(-0.3, grow=2, turn=0.4)])
def test_points_come_to_lie_on_points(other: Face) -> None:
    here, there = head(0.1), landmarks(other)
    away = np.hypot(*(at(warp_map(here, other, SIZE), landmarks(here)) - there).T)
    width = np.ptp(there[:, 0])
    assert away[CONTROLS].mean() < 0.025 * width
    assert away.mean() < 0.03 * width  # those that were not asked for too


@pytest.mark.parametrize(("yaw", "other"), [(0.0, 1.0), (1.0, 0.0), (-0.7, 0.7), (1.2, -1.2)])
def test_nothing_folds_where_half_of_a_face_is_hidden(yaw: float, other: float) -> None:
    assert not folds(as_complex(warp_map(head(yaw), head(other), SIZE)))


def test_points_that_cross_each_other_do_not_fold() -> None:
    mixed = head()
    shuffled = np.random.default_rng(1).permutation(landmarks(mixed))
    assert not folds(as_complex(warp_map(mixed, Face(mixed.box, KEYPOINTS, 1, shuffled), SIZE)))


def test_a_fold_is_seen() -> None:
    y, x = np.mgrid[:4, :4].astype(float)
    grid = x + 1j * y
    assert not folds(grid) and not folds(grid * np.exp(2j))
    grid[1, 1] += 1.1
    assert folds(grid) and folds(grid.conj())


def test_far_away_it_is_a_similarity_transform() -> None:
    here, other = head(), head(0.4)
    places = as_complex(warp_map(here, other, (420, 420)))
    far = places[330:, 330:]
    steps = np.concatenate([np.diff(far, axis=1).ravel(), -1j * np.diff(far, axis=0).ravel()])
    assert np.abs(steps - steps.mean()).max() < 1e-3
    near = np.diff(places[60:140, 50:110], axis=1)
    assert np.abs(near - near.mean()).max() > 0.1


def test_a_frame_is_a_part_of_a_larger_one() -> None:
    here, other = head(0.2), head(-0.2)
    assert np.array_equal(warp_map(here, other, (90, 70)), warp_map(here, other, SIZE)[:90, :70])


def test_six_keypoints_where_there_are_no_landmarks() -> None:
    here = Face((30, 30, 60, 60), KEYPOINTS, 1)
    spin = np.array([[1.1, 0.3], [-0.3, 1.1]])
    there = Face((0, 0, 1, 1), tuple((float(x), float(y)) for x, y in np.array(KEYPOINTS) @ spin + 7), 1)
    assert np.allclose(keypoint_spline(here, there, np.array(KEYPOINTS)), there.keypoints, atol=1e-6)
    raised = Face((0, 0, 1, 1), (*KEYPOINTS[:3], (60.0, 105.0), *KEYPOINTS[4:]), 1)  # a longer chin
    found = keypoint_spline(here, raised, np.array(KEYPOINTS))
    assert np.abs(found[:4] - np.array(raised.keypoints)[:4]).max() < 2
    places = warp_map(here, Face(there.box, there.keypoints, 1, landmarks(head())), (120, 110))
    assert places.shape == (120, 110, 2) and places.dtype == np.float32
    assert np.allclose(places[50, 40], np.array([40.5, 50.5]) @ spin + 7, atol=1e-3)
