"""Edge colours, on composites whose true foreground, background and matte are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from portrait_nst.imaging import estimate_foreground, foreground
from portrait_nst.types import FloatArray, UInt8Array


def scene(
    height: int = 300, width: int = 400, blur: float = 1.5, seed: int = 0
) -> tuple[UInt8Array, FloatArray, FloatArray, FloatArray]:
    """A warm figure with hair before a cool place: (photo, F, B, alpha)."""
    rng = np.random.default_rng(seed)

    def texture(low: tuple[float, float, float], high: tuple[float, float, float]) -> FloatArray:
        coarse = cv2.resize(rng.random((9, 12, 3), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        fine = cv2.GaussianBlur(rng.random((height, width, 3), dtype=np.float32), (0, 0), 1.5) - 0.5
        mixed = np.array(low, np.float32) * (1 - coarse) + np.array(high, np.float32) * coarse
        return np.asarray(np.clip(mixed + fine / 2, 0, 1) * 255)

    person, place = texture((0.5, 0.2, 0.1), (0.9, 0.6, 0.3)), texture((0.0, 0.3, 0.4), (0.4, 0.9, 1.0))
    alpha = np.zeros((height, width), np.float32)
    middle, radii = np.array([width / 2, height * 0.6]), np.array([width / 4, height / 3])
    cv2.ellipse(alpha, (int(middle[0]), int(middle[1])), (int(radii[0]), int(radii[1])), 0, 0, 360, 1, -1)
    for angle in rng.random(150) * 2 * np.pi:
        way = np.array([np.cos(angle), np.sin(angle)])
        start, end = middle + radii * way, middle + (radii + 20 * rng.random()) * way
        cv2.line(alpha, tuple((start * 16).astype(int)), tuple((end * 16).astype(int)), 1, 1, cv2.LINE_AA, 4)
    alpha = cv2.GaussianBlur(alpha, (0, 0), blur)
    alpha[alpha < 0.004], alpha[alpha > 0.996] = 0, 1
    mix = alpha[..., None]
    return np.rint(mix * person + (1 - mix) * place).astype(np.uint8), person, place, alpha


@pytest.mark.parametrize("blur", [0.7, 1.5, 6.0])
def test_finds_the_colours_that_were_mixed(blur: float) -> None:
    photo, person, place, alpha = scene(blur=blur)
    f, b = estimate_foreground(photo, alpha)
    mix, mixed = alpha[..., None], (alpha > 0) & (alpha < 1)

    def error(estimate: UInt8Array, truth: FloatArray, weight: FloatArray) -> float:
        return float((weight * np.abs(estimate.astype(np.float32) - truth))[mixed].mean())

    assert error(f, person, mix) < 0.25 * error(photo, person, mix)
    assert error(b, place, 1 - mix) < 0.25 * error(photo, place, 1 - mix)
    # Put together again they give the photo, to rounding.
    assert np.abs(mix * f + (1 - mix) * b - photo)[mixed].mean() < 0.5


def test_is_the_photo_exactly_where_the_matte_is_sure() -> None:
    photo, _, _, alpha = scene()
    f, b = estimate_foreground(photo, alpha)
    assert f.dtype == b.dtype == np.uint8
    assert np.array_equal(f[alpha == 1], photo[alpha == 1])
    assert np.array_equal(b[alpha == 0], photo[alpha == 0])


def test_no_background_colour_shines_through_far_outside() -> None:
    photo = np.full((700, 900, 3), (20, 60, 220), np.uint8)
    alpha = np.zeros((700, 900), np.float32)
    cv2.circle(alpha, (450, 350), 150, 1, -1)
    photo[alpha == 1] = (220, 120, 60)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 4)
    alpha[alpha < 0.01], alpha[alpha > 0.99] = 0, 1
    mix = alpha[..., None]
    photo = np.rint(
        mix * np.array([220, 120, 60], np.float32) + (1 - mix) * np.array([20, 60, 220], np.float32)
    ).astype(np.uint8)
    f, b = estimate_foreground(photo, alpha)
    assert np.abs(f.astype(int) - (220, 120, 60)).max() <= 6
    assert np.abs(b.astype(int) - (20, 60, 220)).max() <= 6


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_matte_without_an_edge_gives_the_photo(value: float) -> None:
    photo = scene()[0]
    f, b = estimate_foreground(photo, np.full(photo.shape[:2], value, np.float32))
    assert np.array_equal(f, photo) and np.array_equal(b, photo)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (37, 3), (16, 16), (257, 513)])
def test_any_shape(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    photo = rng.integers(0, 256, (*shape, 3), np.uint8)
    alpha = rng.random(shape, np.float32)
    f, b = estimate_foreground(photo, alpha)
    assert f.shape == b.shape == photo.shape


def test_the_number_of_pixels_updated_at_once_hardly_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, _, _, alpha = scene()
    whole = estimate_foreground(photo, alpha)[0].astype(int)
    monkeypatch.setattr(foreground, "_CHUNK", 1000)
    assert np.abs(estimate_foreground(photo, alpha)[0] - whole).mean() < 0.5


def test_shapes_are_checked() -> None:
    photo, _, _, alpha = scene()
    with pytest.raises(ValueError, match="alpha"):
        estimate_foreground(photo, alpha[1:])
