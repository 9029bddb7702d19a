"""The picture to check a matte by."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.faces import LOOPS, contour
from portrait_nst.segmentation import matte_overlay, selection
from portrait_nst.types import Face, FloatArray, Matte, Photo

KEYPOINTS = ((80.0, 90.0), (120.0, 90.0), (100.0, 110.0), (100.0, 130.0), (60.0, 95.0), (140.0, 95.0))


def test_overlay(grace: Photo, grace_matte: Matte) -> None:
    before = grace.rgb.copy()
    picture = segmentation.overlay(grace, grace_matte)
    assert picture.shape == grace.rgb.shape
    assert picture.dtype == np.uint8
    assert np.array_equal(grace.rgb, before)
    # The uniform stays as it is; the sky is dimmed; the edge is drawn.
    assert np.array_equal(picture[560:590, 300:330], grace.rgb[560:590, 300:330])
    assert picture[50:100, 440:500].mean() < 0.8 * grace.rgb[50:100, 440:500].mean()
    pink = np.abs(picture.astype(int) - (255, 60, 200)).max(axis=2) < 60
    assert pink.sum() > 500


def test_overlay_of_a_mask_of_ones_own(astronaut: Photo) -> None:
    nobody = Photo(np.full((60, 80, 3), 128, np.uint8))
    assert segmentation.overlay(nobody, Matte(np.ones((60, 80), np.float32))).shape == (60, 80, 3)
    with pytest.raises(ValueError, match="size"):
        segmentation.overlay(astronaut, Matte(np.ones((60, 80), np.float32)))


def landmarks(sparse: Face) -> FloatArray:
    """Points of which those of the parts that are drawn lie on ellipses."""
    points = np.full((478, 2), 100, np.float32)
    for part in matte_overlay.DRAWN:
        turn = np.linspace(0, 2 * np.pi, len(LOOPS[part]), endpoint=False)
        ring = contour(sparse, part)
        middle, half = (ring.min(0) + ring.max(0)) / 2, np.ptp(ring, 0) / 2
        points[list(LOOPS[part])] = middle + half * np.stack([np.cos(turn), np.sin(turn)], 1)
    return points


def drawn(monkeypatch: pytest.MonkeyPatch, *faces: Face) -> FloatArray:
    """Where an overlay of these faces on black is marked."""
    monkeypatch.setattr(selection, "counted", lambda *_, **__: list(faces))
    black = Photo(np.zeros((200, 200, 3), np.uint8))
    picture = segmentation.overlay(black, Matte(np.ones((200, 200), np.float32)))
    return np.asarray(np.abs(picture.astype(int) - matte_overlay.MARK).max(2) < 140, np.float32)


def test_faces_are_outlined_and_numbered_beside_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    sparse = Face((60, 60, 80, 90), KEYPOINTS, 0.9)
    dense = Face(sparse.box, KEYPOINTS, 0.9, landmarks(sparse))
    fine, plain = drawn(monkeypatch, dense), drawn(monkeypatch, sparse)
    for x, y in KEYPOINTS:
        assert plain[int(y), int(x)]
    assert not fine[90, 80], "an eye is not covered"
    assert fine[85:95, 75:85].any(), "but outlined"
    number = contour(dense, "outline").min(0)
    for marks in (fine, plain):
        assert marks[int(number[1]) :, : int(number[0]) - 1][:40].sum() > 20
    small = dense.scaled(0.4, 0.4)
    marks = drawn(monkeypatch, small)
    middle = marks[30:50, 30:50]
    assert not middle.any() and marks.any(), "the face can be seen within its outline"


@pytest.mark.parametrize("box", [(-20.0, -20.0, 80.0, 80.0), (150.0, 160.0, 80.0, 80.0)])
def test_numbers_stay_within_the_picture(
    box: tuple[float, float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Face(box, tuple((x - 500, y) for x, y in KEYPOINTS), 0.9)
    assert drawn(monkeypatch, away).sum() > 20
