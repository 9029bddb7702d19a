"""What strokes have lost is drawn again, in the painting's own tones and colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from portrait_nst.faces import contour, drawing, drawn
from portrait_nst.faces.maps import map_in, window
from portrait_nst.types import Face, FloatArray, UInt8Array
from tests.faces.portraits import SIZE, SPARSE, portrait, with_points


def strokes(tint: tuple[float, float, float] = (1.0, 0.55, 0.2)) -> UInt8Array:
    """(H, W, 3) dark and light strokes of one hue, without any face."""
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(size=SIZE), (0, 0), 3)
    light = np.clip(0.5 + 0.22 * noise / noise.std(), 0, 1)
    return np.asarray(np.round(255 * light[..., None] * tint), np.uint8)


def lightness(rgb: UInt8Array) -> FloatArray:
    return np.asarray(cv2.cvtColor(np.float32(rgb) / 255, cv2.COLOR_RGB2LAB)[..., 0], np.float32)


def features() -> FloatArray:
    """(H, W) the map of the face as it is drawn by: more than 1 at what is drawn."""
    place, found = window(SPARSE, SIZE), np.zeros(SIZE, np.float32)
    assert place is not None
    found[place] = map_in(SPARSE, place, drawing.EDGE)
    return found


PAINTED, PHOTO = strokes(), portrait()


@pytest.mark.parametrize("face", [SPARSE, with_points()], ids=["keypoints", "points"])
@pytest.mark.parametrize("side", ["right", "left"])
def test_an_iris_is_dark_with_a_light_in_it(face: Face, side: str) -> None:
    found, before = lightness(drawn(PAINTED, PHOTO, [face])), lightness(PHOTO)
    x, y = np.round(contour(face, f"{side} iris").mean(0)).astype(int)
    iris, light, white = (y + 2, x - 2), (y - 2, x + 1), (y, x + 9)
    assert before[iris] + 40 < before[white] < before[light], "so it is in the photo"
    assert found[iris] + 25 < found[white] and found[iris] + 25 < found[light]
    assert lightness(PAINTED)[iris] > lightness(PAINTED)[white], "the strokes had it the other way round"


def test_nothing_else_is_touched() -> None:
    before = PAINTED.copy()
    found, there = drawn(PAINTED, PHOTO, [SPARSE]), features()
    assert np.array_equal(PAINTED, before) and found is not PAINTED
    assert np.array_equal(found[there <= 1], PAINTED[there <= 1])
    assert np.abs(found[there > 1.9].astype(int) - PAINTED[there > 1.9]).mean() > 10
    assert drawn(PAINTED, PHOTO, [SPARSE], 0.0) is PAINTED and drawn(PAINTED, PHOTO, []) is PAINTED


def test_it_is_done_by_halves() -> None:
    none, half, full = (drawn(PAINTED, PHOTO, [SPARSE], amount).astype(float) for amount in (0.0, 0.5, 1.0))
    assert np.abs(half - (none + full) / 2).max() <= 1


def test_a_large_face_is_drawn_in_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half as fine, it differs by the finest lines only, and places that are not drawn by nothing."""
    whole = drawn(PAINTED, PHOTO, [SPARSE])
    monkeypatch.setattr(drawing, "FINEST", 30.0)
    small = drawn(PAINTED, PHOTO, [SPARSE])
    there = features() > 1
    assert np.array_equal(small[~there], whole[~there]) and not np.array_equal(small, whole)
    apart = np.abs(lightness(small) - lightness(whole))[there].mean()
    assert apart < 0.35 * np.abs(lightness(PAINTED) - lightness(whole))[there].mean()


def test_colours_are_the_paintings() -> None:
    """An orange painting has orange eyes and lips, whatever the photo's are; a grey one stays grey."""
    inside = features() > 1
    red, green, blue = drawn(PAINTED, PHOTO, [SPARSE])[inside].astype(float).T
    lit = red > 40
    assert np.abs(green[lit] / red[lit] - 0.55).mean() < 0.1 and np.abs(blue[lit] / red[lit] - 0.2).mean() < 0.15
    grey = drawn(strokes((1.0, 1.0, 1.0)), PHOTO, [SPARSE])
    assert np.ptp(grey, axis=2).max() <= 1


def test_tones_are_the_paintings() -> None:
    """In a dark painting the white of an eye is dark too, and lighter than all around it."""
    dark = np.asarray(PAINTED // 3, np.uint8)
    found = lightness(drawn(dark, PHOTO, [SPARSE]))
    eye = cv2.fillPoly(np.zeros(SIZE, np.uint8), [np.int32(contour(SPARSE, "left eye"))], 1) == 1
    assert lightness(dark).max() * 0.6 < found[eye].max() < 60 < lightness(PHOTO)[eye].max()


def test_grain_is_no_drawing_and_paint_is() -> None:
    """Of the photo's noise less than half comes through; the paint's own does."""
    large = SPARSE.scaled(3, 3)
    enlarged = (cv2.resize(x, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC) for x in (PAINTED, PHOTO))
    painted, photo = (np.asarray(x, np.uint8) for x in enlarged)
    noise = np.random.default_rng(7).normal(0, 5, (*photo.shape[:2], 1))
    grainy = np.asarray(np.clip(photo + noise, 0, 255), np.uint8)
    lips = cv2.fillPoly(np.zeros(photo.shape[:2], np.uint8), [np.int32(contour(large, "mouth"))], 1) == 1
    clean, noisy = (lightness(drawn(painted, x, [large])) for x in (photo, grainy))
    rough = np.asarray(np.clip(painted + noise, 0, 255), np.uint8)
    textured = lightness(drawn(rough, photo, [large]))
    assert np.std((textured - clean)[lips]) > 0.4 * np.std((lightness(rough) - lightness(painted))[lips])
    assert np.std((noisy - clean)[lips]) < 0.5 * np.std((lightness(grainy) - lightness(photo))[lips])


@pytest.mark.parametrize("x", [-70, 60, 500])
def test_faces_at_the_edge_and_beyond(x: int) -> None:
    left, top, width, height = SPARSE.box
    moved = Face((left + x, top, width, height), tuple((a + x, b) for a, b in SPARSE.keypoints), 0.9)
    found = drawn(PAINTED, PHOTO, [moved])
    assert found.shape == PAINTED.shape and (x < 500) != np.array_equal(found, PAINTED)


def test_a_flat_face_and_a_tiny_one() -> None:
    flat = np.full((*SIZE, 3), 128, np.uint8)
    assert np.abs(drawn(flat, flat, [SPARSE]).astype(int) - 128).max() <= 1
    tiny = SPARSE.scaled(0.02, 0.02)
    assert drawn(PAINTED, PHOTO, [tiny]).shape == PAINTED.shape
