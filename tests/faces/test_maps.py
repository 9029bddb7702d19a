"""The map of faces: 0 away from them, 1 inside, more at their parts, smooth, and the same at every size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from portrait_nst.faces import contour, face_map
from portrait_nst.types import Face
from tests.faces.portraits import SIZE, SPARSE, with_points


@pytest.mark.parametrize("face", [SPARSE, with_points()], ids=["keypoints", "points"])
def test_each_part_has_its_value(face: Face) -> None:
    found = face_map(SIZE, [face])
    assert found.shape == SIZE and found.dtype == np.float32 and found.min() == 0 and found.max() == 2
    for part, value in {"right eye": 2, "left eye": 2, "mouth": 2, "left brow": 1.5, "nose": 1.4}.items():
        x, y = np.round(contour(face, part).mean(0)).astype(int)
        assert found[y, x] == pytest.approx(value, abs=0.02), part
    forehead, cheek = (40, 90), (108, 57)
    assert found[forehead] == found[cheek] == 1
    assert found[0, 0] == found[0, -1] == found[-1].max() == 0


def test_a_face_ends_at_its_outline() -> None:
    """1 within it, and nothing more than half a distance between the eyes beyond."""
    found, outline = face_map(SIZE, [SPARSE]), np.round(contour(SPARSE, "outline")).astype(np.int32)
    inside = cv2.fillPoly(np.zeros(SIZE, np.uint8), [outline], 1)
    apart = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    assert found[inside == 1].min() > 0.97 and np.all(found[apart > 0.5 * 60 + 2] == 0)
    half = (apart > 0.25 * 60 - 1) & (apart < 0.25 * 60 + 1)
    assert np.median(found[half]) == pytest.approx(0.5, abs=0.05)


def test_the_jaw_is_a_line() -> None:
    """Where its points are known: more than the cheek above it."""
    bottom = np.round(contour(SPARSE, "outline")[6]).astype(int)  # of the ellipse, which begins at its right
    with_line, without = (face_map(SIZE, [face])[bottom[1], bottom[0]] for face in (with_points(), SPARSE))
    assert without == pytest.approx(1, abs=0.05) and with_line == pytest.approx(1.4, abs=0.05)


def test_the_same_bits_at_every_call() -> None:
    once, junk = face_map(SIZE, [with_points()]), []
    for count in range(20):
        junk.append(np.zeros(1000 + 137 * count))  # memory elsewhere
        assert np.array_equal(face_map(SIZE, [with_points()]), once)


def test_smooth() -> None:
    found = face_map(SIZE, [with_points()])
    steps = max(float(np.abs(np.diff(found, axis=axis)).max()) for axis in (0, 1))
    assert steps < 2 * 1.5 / (0.25 * 60), "an edge is as wide as a part's fade"


@pytest.mark.parametrize("factor", [0.25, 3.0])
def test_the_same_at_every_size(factor: float) -> None:
    size = (round(SIZE[0] * factor), round(SIZE[1] * factor))
    there, again = face_map(SIZE, [with_points()]), face_map(size, [with_points().scaled(factor, factor)])
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    assert np.abs(cv2.resize(there, size[::-1], interpolation=way) - again).mean() < 0.02


def test_several_faces_and_those_beyond_the_edge() -> None:
    left, top, width, height = SPARSE.box
    moved = Face((left + 90, top, width, height), tuple((x + 90, y) for x, y in SPARSE.keypoints), 0.9)
    away = Face((left + 900, top, width, height), tuple((x + 900, y) for x, y in SPARSE.keypoints), 0.9)
    both = face_map(SIZE, [SPARSE, moved, away])
    assert np.array_equal(both, np.maximum(face_map(SIZE, [SPARSE]), face_map(SIZE, [moved])))
    assert not face_map(SIZE, [away]).any() and not face_map(SIZE, []).any()
    assert face_map(SIZE, [moved])[:, -1].max() >= 1, "cut by the edge"
