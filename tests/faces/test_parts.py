"""Loops along MediaPipe's own edges, and usual ellipses where only keypoints are known."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.faces import LOOPS, contour, eye_distance, open_line
from portrait_nst.faces.parts import LINES, POINTS
from portrait_nst.types import Face

KEYPOINTS = ((40.0, 50.0), (80.0, 50.0), (60.0, 70.0), (60.0, 90.0), (20.0, 55.0), (100.0, 55.0))
SPARSE = Face((20.0, 20.0, 80.0, 80.0), KEYPOINTS, 0.9)
DENSE = Face(SPARSE.box, KEYPOINTS, 0.9, np.arange(2 * POINTS, dtype=np.float32).reshape(POINTS, 2))


def edges(numbers: tuple[int, ...], *, closed: bool) -> set[frozenset[int]]:
    ends = numbers[1:] + numbers[:1] if closed else numbers[1:]
    return {frozenset(pair) for pair in zip(numbers, ends)}


def test_loops_run_along_mediapipes_edges() -> None:
    from mediapipe.tasks.python.vision import FaceLandmarksConnections as Known

    def known(name: str) -> set[frozenset[int]]:
        return {frozenset((edge.start, edge.end)) for edge in getattr(Known, f"FACE_LANDMARKS_{name}")}

    for part in ("right eye", "left eye", "right iris", "left iris"):
        assert edges(LOOPS[part], closed=True) == known(part.replace(" ", "_").upper())
    assert edges(LOOPS["outline"], closed=True) == known("FACE_OVAL")
    assert edges(LOOPS["lips"], closed=True) | edges(LOOPS["mouth"], closed=True) == known("LIPS")
    for side in ("right", "left"):  # brows are an upper and a lower line there
        assert edges(LOOPS[f"{side} brow"], closed=True) > known(f"{side.upper()}_EYEBROW")
    assert edges(LINES["nose ridge"], closed=False) | edges(LINES["nostrils"], closed=False) < known("NOSE")


def test_points_come_from_the_landmarks() -> None:
    assert np.array_equal(contour(DENSE, "right iris")[0], (2 * 469, 2 * 469 + 1))
    line = open_line(DENSE, "nostrils")
    assert line is not None and line.shape == (5, 2)
    assert open_line(SPARSE, "nostrils") is None
    with pytest.raises(KeyError):
        contour(DENSE, "chin")


@pytest.mark.parametrize("turn", [0.0, 0.4])
def test_usual_ellipses(turn: float) -> None:
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    face = Face(SPARSE.box, tuple((float(x), float(y)) for x, y in np.array(KEYPOINTS) @ spin), 0.9)
    assert eye_distance(face) == pytest.approx(40)
    for index, part in enumerate(("right eye", "left eye", "nose", "lips")):
        assert np.allclose(contour(face, part).mean(0), face.keypoints[index], atol=1e-3)
    brow, eye = contour(face, "left brow").mean(0), contour(face, "left eye").mean(0)
    assert np.allclose((brow - eye) @ spin.T, (0, -0.35 * 40), atol=1e-3)  # above, in the face's own frame
    eye_size = np.ptp(contour(face, "right eye") @ spin.T, 0)
    assert eye_size == pytest.approx((2 * 0.24 * 40, 2 * 0.1 * 40), rel=0.01)


def test_scaled_with_the_face() -> None:
    scaled = DENSE.scaled(down=3, across=2)
    assert scaled.landmarks is not None and DENSE.landmarks is not None
    assert np.array_equal(scaled.landmarks, DENSE.landmarks * (2, 3))
    assert SPARSE.scaled(2, 2).landmarks is None
    assert SPARSE == DENSE  # landmarks do not count
