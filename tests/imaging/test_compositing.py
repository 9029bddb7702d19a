"""Compositing and the small helpers, against float64."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.imaging import LUMA, composite, resize, resize_mask, size_within, to_float, to_uint8
from portrait_nst.imaging.pixels import luma
from portrait_nst.types import FloatArray, UInt8Array


def layers(height: int = 600, width: int = 30) -> tuple[UInt8Array, UInt8Array, FloatArray, UInt8Array]:
    rng = np.random.default_rng(0)
    photo, painted, background = rng.integers(0, 256, (3, height, width, 3), np.uint8)
    alpha = rng.random((height, width), np.float32)
    alpha[:100], alpha[300:400] = 0, 1
    return photo, painted, alpha, background


@pytest.mark.parametrize("own_background", [False, True])
def test_composite(own_background: bool) -> None:
    photo, painted, alpha, other = layers()
    base = other if own_background else photo
    result = composite(photo, painted, alpha, other if own_background else None)
    assert np.array_equal(result[alpha == 0], base[alpha == 0])
    assert np.array_equal(result[alpha == 1], painted[alpha == 1])
    exact = alpha[..., None].astype(float) * painted + (1 - alpha[..., None].astype(float)) * base
    assert np.abs(result - exact).max() <= 0.5 + 1e-4
    assert photo is not result and np.array_equal(photo, layers()[0])  # inputs stay as they were


def test_composite_checks_shapes() -> None:
    photo, painted, alpha, _ = layers()
    with pytest.raises(ValueError, match="painted must be"):
        composite(photo, painted[1:], alpha)
    with pytest.raises(ValueError, match="photo must be"):
        composite(photo.astype(np.float32), painted, alpha)


def test_float_and_back() -> None:
    values = np.arange(256, dtype=np.uint8)
    assert to_float(values).dtype == np.float32
    assert to_float(values)[0] == 0 and to_float(values)[255] == 1
    assert np.array_equal(to_uint8(to_float(values)), values)
    wild = np.array([-1, -0.001, 0.4999 / 255, 0.5001 / 255, 254.4 / 255, 1.1, np.inf, -np.inf, np.nan], np.float32)
    assert to_uint8(wild).tolist() == [0, 0, 0, 1, 254, 255, 255, 0, 0]


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [((100, 50), 40, (40, 20)), ((30, 40), 40, (30, 40)), ((3, 4), 100, (3, 4)), ((1, 5000), 10, (1, 10))],
)
def test_size_within(size: tuple[int, int], longest: int, expected: tuple[int, int]) -> None:
    assert size_within(size, longest) == expected


def test_luma_keeps_grey_exactly() -> None:
    levels = to_float(np.arange(256, dtype=np.uint8))
    assert np.array_equal(luma(np.repeat(levels[:, None, None], 3, axis=2))[:, 0], levels)
    rgb = np.random.default_rng(0).random((7, 5, 3), np.float32)
    np.testing.assert_allclose(luma(rgb), rgb @ np.array(LUMA), atol=1e-6)


def test_resize_averages_down_and_interpolates_up() -> None:
    checker = (np.indices((40, 60)).sum(0) % 2 * 255).astype(np.uint8)
    rgb = np.repeat(checker[..., None], 3, -1)
    small = resize(rgb, (20, 30))
    assert small.shape == (20, 30, 3) and np.abs(small.astype(int) - 127.5).max() <= 1  # no moire
    flat = np.full((9, 11, 3), 77, np.uint8)
    for size in ((9, 11), (30, 40), (3, 4), (30, 4), (4, 30)):
        assert (resize(flat, size) == 77).all() and resize(flat, size).shape[:2] == size
    ramp = np.tile(np.arange(0, 200, 10, dtype=np.uint8), (5, 1))
    up = resize(ramp, (5, 80)).astype(int)
    # Half-pixel centres: the enlarged ramp lies on the same line.
    assert np.abs(up[2, 16:64] - ((np.arange(16, 64) + 0.5) / 4 - 0.5) * 10).max() <= 1.5
    with pytest.raises(ValueError, match="size"):
        resize(flat, (0, 5))


def test_one_axis_down_and_one_up_still_averages() -> None:
    stripes = np.zeros((8, 64), np.uint8)
    stripes[:, ::2] = 254
    assert np.abs(resize(stripes, (32, 16)).astype(int) - 127).max() <= 1


def test_resize_mask_stays_in_range() -> None:
    mask = (np.random.default_rng(0).random((20, 20)) > 0.5).astype(np.float32)
    big = resize_mask(mask, (77, 130))
    assert big.dtype == np.float32 and big.min() >= 0 and big.max() <= 1
    assert big is not mask and resize_mask(mask, (20, 20)) is not mask
