"""Faces over time, with stand-ins for the detector."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.motion import Motion
from portrait_nst.types import Face, UInt8Array
from portrait_nst.video.face_track import MISSED, FaceTrack

RGB = np.zeros((200, 300, 3), np.uint8)
POINTS = np.random.default_rng(1).uniform((60, 40), (120, 100), (478, 2)).astype(np.float32)
FACE = Face((60.0, 40.0, 60.0, 60.0), tuple((80.0 + 5 * i, 60.0 + 3 * i) for i in range(6)), 0.9, POINTS)


def moved(x: float = 0.0, y: float = 0.0) -> Motion:
    return Motion(np.full((200, 300, 2), (-x, -y), np.float32), np.ones((200, 300), np.float32))


def shifted(face: Face, x: float, y: float = 0.0) -> Face:
    left, top, width, height = face.box
    points = tuple((a + x, b + y) for a, b in face.keypoints)
    assert face.landmarks is not None
    return Face((left + x, top + y, width, height), points, face.score, face.landmarks + np.array((x, y), np.float32))


@pytest.fixture
def detector(monkeypatch: pytest.MonkeyPatch) -> Callable[[Face | None], None]:
    """Says what is detected again; a search finds `FACE` as long as nothing is known."""
    said: list[Face | None] = [FACE]

    def newcomers(rgb: UInt8Array, known: Sequence[Face], turn: int) -> list[Face]:
        return [] if known or said[0] is None else [FACE]

    monkeypatch.setattr(segmentation, "newcomers", newcomers)
    monkeypatch.setattr(segmentation, "again", lambda rgb, face: said[0])

    def say(face: Face | None) -> None:
        said[0] = face

    return say


def test_jitter_of_the_detector_is_gone(detector: Callable[[Face | None], None]) -> None:
    track, random = FaceTrack(), np.random.default_rng(0)
    track.follow(RGB, None)
    found = []
    for _ in range(40):
        detector(shifted(FACE, *random.normal(0, 0.3, 2)))
        landmarks = track.follow(RGB, moved())[0].landmarks
        assert landmarks is not None
        found.append(landmarks)
    assert np.std(found, axis=0).mean() < 0.04


def test_a_face_that_is_not_detected_goes_where_the_flow_takes_it(detector: Callable[[Face | None], None]) -> None:
    track = FaceTrack()
    track.follow(RGB, None)
    assert track.arrived
    detector(None)
    for _ in range(MISSED - 1):
        (face,) = track.follow(RGB, moved(2, 1))
    x, y = 2 * (MISSED - 1), MISSED - 1
    assert face.landmarks is not None
    assert face.landmarks == pytest.approx(POINTS + np.array((x, y), np.float32), abs=0.05)
    assert face.box == pytest.approx((60 + x, 40 + y, 60, 60), abs=0.05)
    assert face.keypoints[3] == pytest.approx((95 + x, 69 + y), abs=0.05)
    assert not track.follow(RGB, moved())


def test_what_moves_at_once_is_believed_at_once(detector: Callable[[Face | None], None]) -> None:
    track = FaceTrack()
    track.follow(RGB, None)
    detector(shifted(FACE, 5))
    (face,) = track.follow(RGB, moved())
    assert face.box[0] == pytest.approx(65, abs=0.01)


def test_a_face_leaves_with_the_picture(detector: Callable[[Face | None], None]) -> None:
    track = FaceTrack()
    track.follow(RGB, None)
    detector(None)
    assert not track.follow(RGB, moved(-120))


def test_another_process_goes_on_where_this_one_was(detector: Callable[[Face | None], None]) -> None:
    track, other = FaceTrack(), FaceTrack()
    track.follow(RGB, None)
    track.add([Face((200.0, 20.0, 30.0, 30.0), (), 0.7)])
    other.restore(track.state())
    detector(None)
    for _ in range(3):
        ours, theirs = track.follow(RGB, moved(1)), other.follow(RGB, moved(1))
        assert ours == theirs and len(ours) == 2
        assert ours[0].landmarks is not None and theirs[0].landmarks is not None
        assert (ours[0].landmarks == theirs[0].landmarks).all()
    assert other.faces[1].landmarks is None and not other.faces[1].keypoints
