"""Carrying a picture along a motion: exact where places are exact."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.motion import warp

RNG = np.random.default_rng(0)


def bilinear(picture: np.ndarray, back: np.ndarray) -> np.ndarray:
    """By the formula, in float64, edges going on."""
    height, width = back.shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float64)
    x, y = columns + back[..., 0], rows + back[..., 1]
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    fx, fy = (x - left)[..., None], (y - top)[..., None]

    def at(r: np.ndarray, c: np.ndarray) -> np.ndarray:
        return np.asarray(picture[np.clip(r, 0, height - 1), np.clip(c, 0, width - 1)], np.float64)

    upper = at(top, left) * (1 - fx) + at(top, left + 1) * fx
    lower = at(top + 1, left) * (1 - fx) + at(top + 1, left + 1) * fx
    return np.asarray(upper * (1 - fy) + lower * fy)


@pytest.mark.parametrize("channels", [1, 3, 4, 7])
def test_bilinear_is_the_formula(channels: int) -> None:
    picture = RNG.random((24, 31, channels)).astype(np.float32)
    back = (RNG.integers(-160, 160, (24, 31, 2)) / 32).astype(np.float32)  # places that cv2 knows exactly
    assert warp(picture, back) == pytest.approx(bilinear(picture, back), abs=2e-6)


def test_bytes_are_rounded() -> None:
    picture = RNG.integers(0, 256, (24, 31, 3), np.uint8)
    back = (RNG.integers(-160, 160, (24, 31, 2)) / 32).astype(np.float32)
    out = warp(picture, back)
    assert out.dtype == np.uint8
    assert np.abs(out - bilinear(picture, back)).max() <= 0.51


@pytest.mark.parametrize("sharp", [False, True])
@pytest.mark.parametrize("shape", [(9, 13), (9, 13, 1), (9, 13, 3), (9, 13, 6)])
def test_no_motion_changes_nothing_and_whole_pixels_move_whole(shape: tuple[int, ...], sharp: bool) -> None:
    picture = RNG.random(shape).astype(np.float32)
    back = np.zeros((9, 13, 2), np.float32)
    assert np.array_equal(warp(picture, back, sharp=sharp), picture)
    back[..., 0] = 2
    moved = warp(picture, back, sharp=sharp)
    assert np.array_equal(moved[:, :-2], picture[:, 2:])
    assert np.array_equal(moved[:, -1], picture[:, -1])


def test_sharp_keeps_texture_over_many_frames() -> None:
    picture = RNG.random((64, 64)).astype(np.float32)
    back = np.full((64, 64, 2), 0.25, np.float32)
    soft, sharp = picture, picture
    for _ in range(8):
        soft, sharp = warp(soft, back), warp(sharp, back, sharp=True)
    inner = np.s_[16:-16, 16:-16]
    assert sharp[inner].std() > 1.5 * soft[inner].std()


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(8, 9\).*\(9, 8\)"):
        warp(np.zeros((8, 9), np.float32), np.zeros((9, 8, 2), np.float32))
