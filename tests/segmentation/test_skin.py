"""Skin: hands of a face's colour are found, what is coloured otherwise is not, and nothing without a face or colours."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import Settings, imaging, segmentation
from portrait_nst.faces import face_map
from portrait_nst.pipeline import Subject, face_guidance
from portrait_nst.types import Face, FloatArray, Matte, Photo, UInt8Array

SIZE = (300, 240)
FACE = Face((80, 40, 80, 80), ((102, 62), (138, 62), (120, 82), (120, 100), (84, 70), (156, 70)), 0.9)
SKIN, COAT, GLOVE, WALL = (214, 160, 132), (40, 46, 70), (70, 120, 200), (150, 150, 140)
HAND, GLOVED, OUTSIDE = np.s_[220:260, 40:80], np.s_[220:260, 160:200], np.s_[10:40, 200:235]


def scene(skin: tuple[int, int, int] = SKIN, light: float = 1.0) -> tuple[UInt8Array, FloatArray]:
    """A sitter in a dark coat with a bare hand, at so much of the face's light, and a gloved one; and a matte.

    A patch of skin's colour lies beside the sitter.
    """
    rgb = np.empty((*SIZE, 3))
    rgb[:], alpha = WALL, np.zeros(SIZE, np.float32)
    alpha[20:, 20:220] = 1
    alpha[OUTSIDE] = 0
    rgb[130:, 20:220] = COAT
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    head = np.hypot((x - 120) / 52, (y - 78) / 64) < 1
    rgb[head] = np.array(skin) * (0.9 + 0.15 * ((x[head] - 68) / 104))[:, None]
    rgb[HAND], rgb[GLOVED], rgb[OUTSIDE] = np.array(skin) * light, GLOVE, skin
    rgb += np.random.default_rng(0).normal(0, 3, rgb.shape)
    return np.clip(np.round(rgb), 0, 255).astype(np.uint8), alpha


def inner(found: FloatArray, where: tuple[slice, slice]) -> FloatArray:
    return found[where][8:-8, 8:-8]


@pytest.mark.parametrize("skin", [SKIN, (120, 78, 56), (240, 200, 180)])
@pytest.mark.parametrize("light", [1.0, 0.85])
def test_a_bare_hand_is_found_and_a_gloved_one_is_not(skin: tuple[int, int, int], light: float) -> None:
    rgb, alpha = scene(skin, light)
    found = segmentation.skin_map(rgb, alpha, [FACE])
    assert found.shape == SIZE and found.dtype == np.float32 and found.min() >= 0 and found.max() <= 1
    assert inner(found, HAND).min() > (0.8 if light == 1 else 0.4)
    assert inner(found, GLOVED).max() < 0.05 and found[150:200, 100:140].max() < 0.05, "nor is the coat"
    assert inner(found, np.s_[60:100, 100:140]).mean() > 0.7, "the face itself"


def test_only_what_is_painted_has_skin() -> None:
    rgb, alpha = scene()
    found = segmentation.skin_map(rgb, alpha, [FACE])
    assert inner(found, OUTSIDE).max() < 0.01
    assert inner(segmentation.skin_map(rgb, np.ones_like(alpha), [FACE]), OUTSIDE).min() > 0.8
    assert not segmentation.skin_map(rgb, np.zeros_like(alpha), [FACE]).any()


def test_without_a_face_or_colours_there_is_none() -> None:
    rgb, alpha = scene()
    assert not segmentation.skin_map(rgb, alpha, []).any()
    grey = np.repeat(np.round(rgb @ np.array(imaging.LUMA)).astype(np.uint8)[..., None], 3, axis=2)
    assert not segmentation.skin_map(grey, alpha, [FACE]).any()
    tiny = Face((10, 30, 4, 4), ((11, 31), (13, 31), (12, 32), (12, 33), (10, 31), (14, 31)), 0.9)
    assert not segmentation.skin_map(rgb, alpha, [tiny]).any(), "nor of a face of a few pixels"


def test_a_second_face_adds_its_own() -> None:
    rgb, alpha = scene()
    gloves = Face((160, 220, 40, 40), ((172, 232), (188, 232), (180, 240), (180, 250), (162, 236), (198, 236)), 0.8)
    one, both = (segmentation.skin_map(rgb, alpha, faces) for faces in ([FACE], [FACE, gloves]))
    assert inner(both, GLOVED).min() > 0.8 and np.all(both >= one - 1e-6) and inner(both, HAND).min() > 0.8


def test_a_large_photo_has_the_skin_of_a_small_one() -> None:
    rgb, alpha = scene()
    large = rgb.repeat(4, 0).repeat(4, 1)
    found = segmentation.skin_map(large, alpha.repeat(4, 0).repeat(4, 1), [FACE.scaled(4, 4)])
    assert found.shape == (1200, 960)
    small = segmentation.skin_map(rgb, alpha, [FACE])
    assert np.abs(found.reshape(300, 4, 240, 4).mean((1, 3)) - small).mean() < 0.03


def test_hands_are_held_as_cheeks_are() -> None:
    """By half of the hold there; the coat and what is not painted not at all, and the method gram holds faces only."""
    rgb, alpha = scene()
    firm = face_guidance.FACE_HOLD["painterly"]
    subject = Subject(Photo(rgb), Matte(alpha), (FACE,))
    held = face_guidance.content_weight_map(subject, Settings())
    assert held is not None and held.shape == SIZE
    there, skin = face_map(SIZE, [FACE]), segmentation.skin_map(rgb, alpha, [FACE])
    np.testing.assert_allclose(held, firm * np.maximum(there**2 / 2, 0.5 * skin), rtol=1e-5, atol=1e-6)
    assert inner(held, HAND).min() > 0.4 * firm and inner(held, GLOVED).max() < 0.05 * firm
    assert held[62, 102] > 1.7 * held[85, 100] > 0.8 * firm / 2, (
        "an eye is held more than a cheek, and a cheek as a hand"
    )
    assert held[15, 5] == 0 and inner(held, OUTSIDE).max() < 0.02 * firm
    twice = face_guidance.content_weight_map(subject, Settings(face_hold=2 * firm))
    assert twice is not None
    np.testing.assert_allclose(twice, 2 * held, rtol=1e-6, atol=1e-9)
    gram = face_guidance.content_weight_map(subject, Settings(method="gram"))
    assert gram is not None
    np.testing.assert_allclose(gram, face_guidance.FACE_HOLD["gram"] * there, rtol=1e-6, atol=1e-9)
    assert face_guidance.content_weight_map(Subject(Photo(rgb), Matte(alpha)), Settings()) is None
    assert face_guidance.content_weight_map(subject, Settings(face_hold=0)) is None
