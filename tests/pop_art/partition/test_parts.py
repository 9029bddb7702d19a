"""Parts of a face: maps of them, and tones of their own where the photo gives reason and only there."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from portrait_nst import faces
from portrait_nst.pop_art.partition.face_maps import face_maps, filled
from portrait_nst.pop_art.partition.framing import Frame, prepare
from portrait_nst.pop_art.partition.parts import mark_parts
from portrait_nst.pop_art.partition.red_lips import with_red_lips
from portrait_nst.types import Face, FloatArray

FACE = Face((50, 50, 300, 300), ((140, 160), (260, 160), (200, 220), (200, 280), (60, 180), (340, 180)), 1.0)
SIZE = 400, 400


def frame_of(light: FloatArray) -> Frame:
    """A frame of some lightness in which everything is person."""
    alpha = np.ones(light.shape, np.float32)
    frame = prepare(np.zeros((*light.shape, 3), np.uint8), alpha, FACE, bust=False)
    return Frame(**{**vars(frame), "light": light})


def skin(**parts: float) -> FloatArray:
    """Skin of lightness 0.7, with parts (spaces are underscores) of other lightness, slightly soft."""
    light = np.full(SIZE[::-1], 0.7, np.float32)
    for part, value in parts.items():
        light[filled(SIZE, faces.contour(FACE, part.replace("_", " "))) > 0] = value
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 1), np.float32)


def marked(light: FloatArray, tone: int = 3) -> tuple[np.ndarray, np.ndarray]:
    return mark_parts(frame_of(light), np.full(light.shape, tone, np.uint8), 5)


def at(map_: np.ndarray, part: str) -> float:
    """The median of a map inside a part."""
    return float(np.median(map_[filled(SIZE, faces.contour(FACE, part)) > 0]))


@pytest.mark.parametrize("part", ["right brow", "left brow", "right iris", "left iris", "lips"])
def test_a_darker_part_is_darker_by_a_tone_at_least(part: str) -> None:
    tone, fixed = marked(skin(**{part.replace(" ", "_"): 0.5}))
    assert at(tone, part) == 2 and at(fixed, part) == 1
    assert fixed[tone != 3].all() and set(np.unique(tone)) == {2, 3}
    assert (tone == 2).sum() < 2.5 * (filled(SIZE, faces.contour(FACE, part)) > 0).sum()


def test_teeth_and_the_white_of_an_eye_are_lighter() -> None:
    tone, _ = marked(skin(lips=0.5, mouth=0.85))
    assert at(tone, "mouth") > at(tone, "lips")
    tone, _ = marked(skin(right_eye=0.8, right_iris=0.2))
    assert at(tone, "right iris") == 2
    assert (tone[filled(SIZE, faces.contour(FACE, "right eye")) > 0] >= 3).any()


@pytest.mark.parametrize("light", [0.1, 0.7])
def test_nothing_is_drawn_where_the_photo_shows_nothing(light: float) -> None:
    tone, fixed = marked(np.full(SIZE[::-1], light, np.float32))
    assert not fixed.any() and (tone == 3).all()


def test_no_eye_is_drawn_on_dark_glass_and_no_brow_under_hair() -> None:
    light = skin()
    light[:200] = 0.1  # from the hair down to the lower rim of the glass
    _, fixed = marked(light, tone=0)
    assert not fixed[:190].any()


def test_a_part_in_the_darkest_tone_stays_in_it() -> None:
    tone, fixed = marked(skin(right_iris=0.5), tone=0)
    assert (tone == 0).all() and not fixed.any()


def test_maps_are_one_in_the_parts_and_fall_to_zero() -> None:
    whole, fine = face_maps(SIZE, [FACE])
    for part in ("right eye", "left brow", "lips"):
        assert at(fine, part) == 1
    assert at(whole, "outline") == 1
    assert fine[230, 320] == 0 and whole[-1, -1] == 0
    assert not any(map_.any() for map_ in face_maps(SIZE, []))


def test_a_face_beyond_the_frame_leaves_the_maps_empty() -> None:
    away = Face((900, 50, 300, 300), tuple((x + 850, y) for x, y in FACE.keypoints), 1.0)
    assert not any(map_.any() for map_ in face_maps(SIZE, [away]))


def test_red_lips_are_darker_than_grey_ones() -> None:
    light = np.full(SIZE[::-1], 0.6, np.float32)
    grey = np.full((*SIZE[::-1], 3), 128, np.uint8)
    assert np.array_equal(with_red_lips(light, grey, [FACE]), light)
    red = grey.copy()
    red[filled(SIZE, faces.contour(FACE, "lips")) > 0] = (190, 90, 100)
    darker = with_red_lips(light, red, [FACE])
    assert at(darker, "lips") < 0.55 and darker[100, 200] == light[100, 200]
