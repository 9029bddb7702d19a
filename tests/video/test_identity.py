"""Who is followed, with descriptors that the test gives."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.types import Face, FloatArray, UInt8Array
from portrait_nst.video import identity
from portrait_nst.video.identity import Identity, Owners

RGB = np.zeros((100, 200, 3), np.uint8)


def face(x: float, who: int) -> Face:
    return Face((x, 10.0, 30.0, 30.0), ((x, float(who)),) * 6, 0.9)


def owners(*columns: tuple[int, int]) -> Owners:
    found = np.full((100, 200), -1, np.int32)
    for number, (first, last) in enumerate(columns):
        found[20:, first:last] = number
    return found


def matte(first: int, last: int) -> FloatArray:
    return np.asarray(owners((first, last)) == 0, np.float32)


@pytest.fixture(autouse=True)
def descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A face's descriptor says who it is, which the test writes into its keypoints."""

    def described(rgb: UInt8Array, face: Face) -> FloatArray:
        look = np.zeros(128, np.float32)
        look[int(face.keypoints[0][1])] = 1
        return look

    monkeypatch.setattr(identity, "described", described)


A, B, C = 1, 2, 3


def test_the_number_waits_until_so_many_are_seen() -> None:
    second = Identity(2)
    assert second.choose(RGB, None, [face(20, A)], owners((10, 60))) is None
    assert second.choose(RGB, None, [face(20, A), face(120, B)], owners((10, 60), (110, 160))) == 1
    # Somebody comes in from the left: the number does not change hands.
    people = [face(0, C), face(60, A), face(140, B)]
    assert second.choose(RGB, matte(130, 190), people, owners((0, 40), (50, 100), (130, 190))) == 2


def test_two_who_cross_are_told_apart_by_their_faces() -> None:
    first = Identity(1)
    assert first.choose(RGB, None, [face(20, A), face(120, B)], owners((10, 60), (110, 160))) == 0
    # What was expected lies half on either of them.
    assert first.choose(RGB, matte(60, 110), [face(60, B), face(90, A)], owners((40, 85), (85, 130))) == 1


def test_after_a_cut_the_face_tells() -> None:
    largest = Identity("largest")
    assert largest.choose(RGB, None, [face(20, A), face(120, B)], owners((10, 30), (80, 160))) == 1
    assert largest.choose(RGB, None, [face(20, B), face(120, C)], owners((10, 40), (80, 190))) == 0
    assert largest.choose(RGB, None, [face(20, A), face(120, C)], owners((10, 40), (80, 190))) is None


def test_without_a_face_the_place_tells() -> None:
    first = Identity(1)
    first.choose(RGB, None, [face(20, A), face(120, B)], owners((10, 60), (110, 160)))
    assert first.choose(RGB, matte(15, 65), [face(120, B)], owners((110, 160))) is None
    turned = [Face((20.0, 10.0, 30.0, 30.0), ((20.0, 99.0),), 0.7), face(120, B)]
    assert first.choose(RGB, matte(15, 65), turned, owners((14, 64), (110, 160))) == 0


def test_another_process_knows_them_too() -> None:
    first, other = Identity(1), Identity(1)
    first.choose(RGB, None, [face(20, A), face(120, B)], owners((10, 60), (110, 160)))
    other.restore(first.state())
    assert other.choose(RGB, None, [face(20, B), face(120, A)], owners((10, 60), (110, 160))) == 1
