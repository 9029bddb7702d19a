"""From the painted size to the photo's own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from portrait_nst.transfer.colour import resize
from portrait_nst.transfer.upsampling import transfer_detail
from portrait_nst.types import FloatArray, UInt8Array

room = import_module("portrait_nst.transfer.upsampling")  # the package's attribute of that name is the function


@pytest.fixture(scope="module")
def photo(request: pytest.FixtureRequest) -> UInt8Array:
    """A piece of a real portrait at full resolution."""
    with Image.open(request.config.rootpath / "samples" / "grace_hopper.jpg") as image:
        return np.asarray(image.convert("RGB"))[40:361, 150:433]


def psnr(a: UInt8Array | FloatArray, b: UInt8Array | FloatArray) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)))


@pytest.mark.parametrize("value", [0.0, 0.2, 0.3333, 0.8, 1.0])
def test_a_flat_painting_stays_flat(photo: UInt8Array, value: float) -> None:
    flat = np.full((80, 71, 3), value, np.float32)
    np.testing.assert_array_equal(transfer_detail(photo, flat), np.full_like(photo, round(value * 255)))


@pytest.mark.parametrize("factor", [1.5, 2, 3, 4.7])
def test_a_painting_that_is_the_photo_becomes_the_photo_again(photo: UInt8Array, factor: float) -> None:
    size = round(photo.shape[0] / factor), round(photo.shape[1] / factor)
    small = resize(photo.astype(np.float32) / np.float32(255), size)
    plain = np.round(resize(small, (photo.shape[0], photo.shape[1])) * 255)
    cubic = cv2.resize(small, photo.shape[1::-1], interpolation=cv2.INTER_CUBIC).clip(0, 1) * 255
    carried = psnr(transfer_detail(photo, small), photo)
    assert carried > psnr(plain, photo) + 9
    assert carried > psnr(cubic, photo) + 7


def test_at_full_gain_the_photos_lightness_comes_back_to_a_grey_level(
    photo: UInt8Array, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_local_gain", lambda guide, target: np.ones_like(guide))
    found = transfer_detail(photo, resize(photo.astype(np.float32) / np.float32(255), (80, 71)))
    unclipped = ((found > 0) & (found < 255)).all(2)
    error = (found @ room._LUMA - photo @ room._LUMA)[unclipped]
    assert unclipped.mean() > 0.8 and np.abs(error).max() < 1.01


def test_without_detail_it_is_a_plain_enlargement(photo: UInt8Array) -> None:
    small = np.random.default_rng(0).random((90, 80, 3), np.float32)
    plain = np.round(np.clip(resize(small, (photo.shape[0], photo.shape[1])), 0, 1) * 255)
    np.testing.assert_array_equal(transfer_detail(photo, small, detail=0.0), plain)


def test_the_painting_s_colours_stay(photo: UInt8Array) -> None:
    """Only lightness is carried: differences between channels are the painting's own, none of the photo's."""
    small = np.clip(resize(photo.astype(np.float32) / np.float32(255), (80, 71))[..., ::-1] * 0.5 + 0.25, 0, 1)
    found, plain = transfer_detail(photo, small).astype(int), resize(small, (photo.shape[0], photo.shape[1])) * 255
    for a, b in ((0, 1), (1, 2)):
        assert np.abs((found[..., a] - found[..., b]) - (plain[..., a] - plain[..., b])).max() <= 1.001


def test_a_painting_that_runs_against_the_photo_takes_no_detail_from_it(photo: UInt8Array) -> None:
    small = 1 - resize(photo.astype(np.float32) / np.float32(255), (80, 71))
    plain = resize(small, (photo.shape[0], photo.shape[1])) * 255
    assert np.abs(transfer_detail(photo, small) - plain).mean() < 0.6


def test_a_painting_of_full_size_is_only_rounded(photo: UInt8Array) -> None:
    painted = np.random.default_rng(0).normal(0.5, 0.4, photo.shape).astype(np.float32)
    np.testing.assert_array_equal(transfer_detail(photo, painted), np.round(painted.clip(0, 1) * 255))


@pytest.mark.parametrize("rows", [1, 7, 64, 10_000])
def test_the_rows_worked_at_a_time_change_nothing(
    photo: UInt8Array, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = np.random.default_rng(0).random((90, 80, 3), np.float32)
    expected = transfer_detail(photo, small)
    monkeypatch.setattr(room, "_ROWS", rows)
    np.testing.assert_array_equal(transfer_detail(photo, small), expected)


def test_what_goes_in_is_not_changed(photo: UInt8Array) -> None:
    small = np.random.default_rng(0).random((90, 80, 3), np.float32)
    copies = photo.copy(), small.copy()
    found = transfer_detail(photo, small)
    assert found.shape == photo.shape and found.dtype == np.uint8
    assert np.array_equal(photo, copies[0]) and np.array_equal(small, copies[1])


def test_the_local_gain_is_the_slope_between_the_two() -> None:
    """Half the contrast gives a half; the same place by place in a window of 9, against a loop in float64."""
    rng = np.random.default_rng(0)
    guide = rng.random((20, 23)).astype(np.float32)
    target = (0.4 * guide + 0.1 * rng.random((20, 23)) + 0.2).astype(np.float32)
    found = room._local_gain(guide, target)
    for i, j in [(4, 4), (10, 11), (15, 18)]:
        g, t = (x[i - 4 : i + 5, j - 4 : j + 5].astype(np.float64) for x in (guide, target))
        expected = ((g * t).mean() - g.mean() * t.mean()) / (g.var() + 1e-3)
        assert found[i, j] == pytest.approx(expected, abs=1e-5)
    assert room._local_gain(guide, 3 * guide).max() == room.MAX_GAIN
    assert not room._local_gain(guide, 1 - guide).any()
