"""The 478 points, on the photo's own pixels."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.faces import LOOPS, contour, eye_distance
from portrait_nst.segmentation import landmarks, mediapipe_tasks
from portrait_nst.types import Face, FloatArray, Photo, UInt8Array

from .conftest import resized


def test_points_lie_on_the_features(astronaut: Photo) -> None:
    face = segmentation.faces(astronaut)[0]
    assert face.landmarks is not None and face.landmarks.shape == (478, 2) and face.landmarks.dtype == np.float32
    grey = astronaut.rgb.mean(2)
    iris, cheek = contour(face, "right iris").mean(0).round().astype(int), face.landmarks[50].round().astype(int)
    assert grey[iris[1], iris[0]] < 0.6 * grey[cheek[1], cheek[0]]
    lip = face.landmarks[[17, 15]].mean(0).round().astype(int)
    (red, green, _), (cheek_red, cheek_green, _) = (astronaut.rgb[y, x].astype(float) for x, y in (lip, cheek))
    assert red / green > 1.1 * cheek_red / cheek_green
    outline = contour(face, "outline")
    for part in LOOPS:
        assert (contour(face, part).min(0) >= outline.min(0)).all() and (
            contour(face, part).max(0) <= outline.max(0)
        ).all()


def test_a_small_face_has_points_too(astronaut: Photo) -> None:
    """The face is 50 pixels wide, which the model, given the whole photo, does not see."""
    canvas = np.full((1000, 1500, 3), 150, np.uint8)
    canvas[600:850, 900:1150] = resized(astronaut, 250, 250).rgb
    assert mediapipe_tasks.landmarks(canvas) is None
    found, near = segmentation.faces(Photo(canvas)), segmentation.faces(astronaut)[0]
    assert len(found) == 1 and found[0].landmarks is not None and near.landmarks is not None
    away = np.hypot(*(found[0].landmarks - (near.landmarks * (250 / 512) + (900, 600))).T)
    assert away.mean() < 0.12 * eye_distance(found[0])


def test_points_elsewhere_are_not_taken(astronaut: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    face, seen = segmentation.faces(astronaut)[0], []

    def elsewhere(rgb: UInt8Array) -> FloatArray:
        seen.append(rgb.shape)
        return np.zeros((478, 2), np.float32)

    monkeypatch.setattr(mediapipe_tasks, "landmarks", elsewhere)
    alone = Face(face.box, face.keypoints, face.score)
    assert landmarks.with_landmarks(astronaut.rgb, alone).landmarks is None
    assert len(seen) == len(landmarks.NEAR)
