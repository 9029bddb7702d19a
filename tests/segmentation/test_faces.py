"""Faces, in pixels of the photo."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.segmentation import detection
from portrait_nst.types import Face, Photo

from .conftest import resized

ANOTHER = Face((0, 0, 9, 9), ((1, 1),) * 6, 0.5)


def test_keypoints(astronaut: Photo) -> None:
    faces = segmentation.faces(astronaut)
    assert len(faces) == 1
    face = faces[0]
    assert face.score > 0.8
    right_eye, left_eye, nose, mouth, _, _ = np.array(face.keypoints) / (astronaut.width, astronaut.height)
    assert np.allclose(right_eye, (0.39, 0.195), atol=0.03)
    assert np.allclose(left_eye, (0.48, 0.2), atol=0.03)
    assert np.allclose(nose, (0.435, 0.25), atol=0.03)
    assert np.allclose(mouth, (0.437, 0.285), atol=0.03)


def test_the_largest_comes_first(pair: Photo) -> None:
    faces = segmentation.faces(pair)
    assert len(faces) == 2
    assert faces[0].box[2] > faces[1].box[2]
    assert faces[0].box[0] < 437 < faces[1].box[0]


def test_a_small_face_in_a_large_photo(astronaut: Photo) -> None:
    # The face is a thirtieth of the picture's side: one look at the whole does not see it.
    canvas = np.full((1200, 1800, 3), 150, np.uint8)
    canvas[700:1000, 1100:1400] = resized(astronaut, 300, 300).rgb
    faces = segmentation.faces(Photo(canvas))
    assert len(faces) == 1
    left, top, width, height = faces[0].box
    assert 1100 + 300 * 0.3 < left + width / 2 < 1100 + 300 * 0.55
    assert 700 + 300 * 0.15 < top + height / 2 < 700 + 300 * 0.35


def test_boxes_grow_with_the_photo(grace: Photo) -> None:
    small, large = segmentation.faces(grace)[0], segmentation.faces(resized(grace, 2048, 2400))[0]
    assert np.allclose(np.array(large.box) / 4, small.box, atol=12)


def test_no_faces() -> None:
    assert segmentation.faces(Photo(np.full((90, 120, 3), 128, np.uint8))) == []


def test_a_photo_is_searched_once(astronaut: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[bool] = []
    monkeypatch.setattr(detection, "_last", (None, [], []))

    def search(photo: Photo, painted: bool) -> tuple[list[Face], list[Face]]:
        searched.append(painted)
        return [], []

    monkeypatch.setattr(detection, "_faces", search)
    other = Photo(255 - astronaut.rgb)
    for photo, painted in ((astronaut, False), (astronaut, False), (astronaut, True), (other, True), (other, True)):
        segmentation.faces(photo, painted=painted).append(ANOTHER)  # a caller's own business
    assert searched == [False, True, True]
