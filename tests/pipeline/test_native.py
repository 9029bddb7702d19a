"""Photos in other colours and depths than 8-bit sRGB: the background of the result has the photo's own samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging, stylize
from portrait_nst.imaging.colour.native import GREY_IN_COLOUR
from portrait_nst.imaging.colour.profiles import srgb_profile
from portrait_nst.pipeline import background
from portrait_nst.result import Result
from portrait_nst.types import FloatArray, Photo, Samples
from tests.imaging.spaces import P3, PROPHOTO, of_samples

QUICK: dict[str, Any] = {"quality": "draft", "size": 64, "iterations": 2, "threads": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def portrait(small_portrait: Path) -> np.ndarray:
    """(160, 136, 3) uint16, the small portrait with every code of its range."""
    with Image.open(small_portrait) as image:
        rgb = np.asarray(image).astype(np.uint16) * 257
    low = np.random.default_rng(0).integers(0, 257, rgb.shape)
    return np.clip(rgb.astype(int) + low - 128, 0, 65535).astype(np.uint16)


def as_samples(portrait: np.ndarray, bits: int, profile: bytes | None, *, grey: bool = False) -> Photo:
    """The portrait in another colour space, with all of its bits."""
    codes = portrait
    if profile is not None:
        codes = imagecodecs.cms_transform(
            portrait, srgb_profile(), profile, colorspace="rgb", outcolorspace="rgb", outdtype="u2", intent=0
        )
    codes = np.ascontiguousarray(codes >> (16 - bits)).astype(np.uint8 if bits == 8 else np.uint16)
    return of_samples(Samples(codes[..., 1:2].copy() if grey else codes, bits, profile))


@pytest.fixture(scope="module")
def deep(portrait: np.ndarray) -> Photo:
    return as_samples(portrait, 16, PROPHOTO)


@pytest.fixture(scope="module")
def painted(deep: Photo, small_style: Path, half_mask: FloatArray) -> Result:
    return stylize(deep, small_style, mask=soft(half_mask), **QUICK)


def soft(mask: FloatArray) -> FloatArray:
    import cv2

    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 3), np.float32)


def test_the_background_of_a_16_bit_photo_is_its_own_in_png_and_tiff(
    painted: Result, deep: Photo, tmp_path: Path
) -> None:
    outside = painted.matte.alpha == 0
    assert 0.3 < outside.mean() < 0.9
    own = deep.native
    assert own is not None
    for suffix in (".png", ".tif"):
        path = painted.save(tmp_path / f"out{suffix}")
        codes = imagecodecs.imread(path)
        assert codes.dtype == np.uint16 and np.array_equal(codes[outside], own.values[outside])
        with Image.open(path) as image:
            assert image.info["icc_profile"] == PROPHOTO
        assert imaging.read_recipe(path) == painted.recipe
    srgb = painted.save(tmp_path / "srgb.png", profile="srgb")
    assert np.array_equal(np.asarray(Image.open(srgb)), painted.rgb)
    assert np.array_equal(np.asarray(painted.image), painted.rgb)


def test_both_pictures_look_the_same(painted: Result) -> None:
    assert painted.native is not None
    again = of_samples(painted.native).rgb
    off = np.abs(again.astype(int) - painted.rgb)
    assert off.max() <= 1  # all of it is inside sRGB, but for rounding


@pytest.mark.parametrize("kind", ["blur", "#203040", "transparent"])
def test_a_background_of_another_kind_has_the_photos_space_too(kind: str, deep: Photo, half_mask: FloatArray) -> None:
    alpha = soft(half_mask)
    rgb, opacity = background.assemble(deep, deep.rgb[::-1].copy(), deep.rgb, alpha, kind)
    made, _ = background.in_space_of(deep, rgb, alpha, kind, unpainted=False)
    assert made is not None and made.bits == 16 and made.profile == PROPHOTO
    assert np.abs(of_samples(made).rgb.astype(int) - rgb).max() <= 1
    if kind == "transparent":
        assert opacity is not None and made.alpha is not None
        assert np.array_equal(made.alpha, np.rint(alpha * np.float32(65535)))
        assert np.abs(made.alpha / 257 - opacity).max() <= 0.5
    else:
        assert made.alpha is None


def test_a_strength_of_nothing_gives_the_files_own_samples(
    portrait: np.ndarray, small_style: Path, half_mask: FloatArray
) -> None:
    photo = as_samples(portrait, 10, P3)
    made = stylize(photo, small_style, mask=half_mask, strength=0, **QUICK)
    assert made.native is not None and photo.native is not None
    assert np.array_equal(made.native.values, photo.native.values)


def test_a_grey_photo_stays_grey_in_grey_and_becomes_rgb_in_colour(
    portrait: np.ndarray, small_style: Path, half_mask: FloatArray, tmp_path: Path
) -> None:
    photo = as_samples(portrait, 8, None, grey=True)
    assert photo.native is not None
    Image.open(small_style).convert("L").save(tmp_path / "grey.png")
    outside = half_mask == 0
    grey = stylize(photo, tmp_path / "grey.png", mask=half_mask, **QUICK)
    coloured = stylize(photo, small_style, mask=half_mask, colours="style", **QUICK)
    assert grey.native is not None and coloured.native is not None
    with Image.open(grey.save(tmp_path / "out.png")) as image:
        assert image.mode == "L"
    assert np.array_equal(grey.native.values[outside], photo.native.values[outside])
    assert coloured.native.values.shape[2] == 3 and GREY_IN_COLOUR in coloured.notes
    assert np.array_equal(coloured.native.values[outside], np.repeat(photo.native.values[outside], 3, -1))
