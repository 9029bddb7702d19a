"""Results in the photo's own space: exact where the photo is kept, by the formula elsewhere."""

from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from portrait_nst.imaging import in_space_of
from portrait_nst.imaging.colour.native import GREY_IN_COLOUR, ONE_WAY
from portrait_nst.imaging.colour.profiles import srgb_profile
from portrait_nst.types import FloatArray, Photo, Samples, UInt8Array
from tests.imaging.spaces import GREY_18, SPACES, photo_in

SIZE = (300, 40)  # more rows than are computed at once


def result(seed: int = 3, *, grey: bool = False) -> tuple[UInt8Array, FloatArray]:
    """A picture, and how much of it is the photo's: 1, 0, and everything between."""
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 256, (*SIZE, 3), np.uint8)
    kept = np.clip(np.linspace(-0.5, 1.5, SIZE[1], dtype=np.float32), 0, 1)
    return (np.repeat(rgb[..., :1], 3, 2) if grey else rgb), np.repeat(kept[None], SIZE[0], 0)


def converted(rgb: UInt8Array, own: Samples) -> np.ndarray:
    """The reference: in float64, the whole picture at once."""
    grey = own.values.shape[2] == 1
    profile = own.profile or srgb_profile()
    if grey and own.profile is None:
        return np.asarray(rgb[..., :1] / 255 * (2**own.bits - 1))
    space = "gray" if grey else "rgb"
    out = imagecodecs.cms_transform(
        rgb / 255.0, srgb_profile(), profile, colorspace="rgb", outcolorspace=space, outdtype="f8", intent=0
    )
    return np.asarray(np.reshape(out, (*rgb.shape[:2], -1)) * (2**own.bits - 1))


@pytest.mark.parametrize("space", SPACES)
def test_the_formula_and_the_photos_own_samples(space: str) -> None:
    photo = photo_in(space, SIZE)
    own = photo.native
    assert own is not None
    rgb, kept = result(grey=own.values.shape[2] == 1)
    made, note = in_space_of(photo, rgb, kept)
    assert made is not None and note == ""
    assert (made.bits, made.profile, made.values.shape) == (own.bits, own.profile, own.values.shape)
    whole = kept == 1
    assert np.array_equal(made.values[whole], own.values[whole]) and whole.any()
    wanted = converted(rgb, own) + kept[..., None] * (own.values - converted(photo.rgb, own))
    wanted = np.clip(wanted, 0, 2**own.bits - 1)
    off = np.abs(made.values - wanted)[~whole]
    assert off.max() < 0.51  # half a code of rounding, and what float32 adds


def test_the_photo_itself_stays_the_photo_whatever_is_kept() -> None:
    photo = photo_in("ProPhoto 16", SIZE)
    assert photo.native is not None
    same, _ = in_space_of(photo, photo.rgb, np.ones(SIZE, np.float32))
    assert same is not None and same.values is photo.native.values
    _, kept = result()
    made, _ = in_space_of(photo, photo.rgb, kept)
    assert made is not None
    # Where the result is the photo in 8-bit sRGB, what that lacks comes in evenly with what is kept.
    lacks = np.abs(photo.native.values - converted(photo.rgb, photo.native))
    off = np.abs(made.values - photo.native.values.astype(int))
    assert (off <= (1 - kept)[..., None] * lacks + 0.51).all()


def test_a_photo_in_srgb_has_no_other_space() -> None:
    photo = Photo(np.zeros((20, 20, 3), np.uint8))
    assert in_space_of(photo, photo.rgb, np.ones((20, 20), np.float32)) == (None, "")


def test_transparency_has_the_photos_depth() -> None:
    photo = photo_in("P3 10", SIZE, alpha=True)
    assert photo.native is not None and photo.native.alpha is not None
    rgb, kept = result()
    made, _ = in_space_of(photo, rgb, np.zeros_like(kept))
    assert made is not None and made.alpha is not None and np.array_equal(made.alpha, photo.native.alpha)
    made, _ = in_space_of(photo, rgb, np.zeros_like(kept), kept)
    assert made is not None and made.alpha is not None
    assert np.array_equal(made.alpha, np.rint(kept * photo.native.alpha.astype(np.float32)))
    assert np.array_equal(made.alpha[kept == 1], photo.native.alpha[kept == 1])


@pytest.mark.parametrize("space", ["grey 8", "grey gamma 1.8", "grey 16"])
def test_a_grey_photo_painted_in_colour_is_rgb_with_the_same_grey(space: str) -> None:
    photo = photo_in(space, SIZE)
    assert photo.native is not None
    rgb, kept = result()
    made, note = in_space_of(photo, rgb, kept)
    assert note == GREY_IN_COLOUR and made is not None and made.bits == photo.native.bits
    whole = kept == 1
    assert np.array_equal(made.values[whole], np.repeat(photo.native.values[whole], 3, -1))
    if photo.native.profile is not None:  # the same values look the same by either profile
        assert made.profile is not None and made.profile != photo.native.profile
        grey = np.linspace(0, 1, 50, dtype=np.float32)[None]
        one = imagecodecs.cms_transform(
            grey, GREY_18, srgb_profile(), colorspace="gray", outcolorspace="rgb", outdtype="f4", intent=0
        )
        three = np.repeat(grey[..., None], 3, -1)
        other = imagecodecs.cms_transform(
            three, made.profile, srgb_profile(), colorspace="rgb", outcolorspace="rgb", outdtype="f4", intent=0
        )
        assert np.abs(one - other).max() < 1e-4


def test_a_profile_without_a_way_back_gives_srgb() -> None:
    photo = Photo(np.zeros((20, 20, 3), np.uint8), native=Samples(np.zeros((20, 20, 3), np.uint8), 8, b"no profile"))
    some = np.zeros((20, 20), np.float32)
    assert in_space_of(photo, photo.rgb, some) == (None, ONE_WAY)
    kept, _ = in_space_of(photo, photo.rgb, some + 1)
    assert kept is not None and kept.profile == b"no profile"


def test_other_sizes_are_refused() -> None:
    photo = photo_in("P3", (20, 30))
    with pytest.raises(ValueError, match=r"\(20, 30\)"):
        in_space_of(photo, photo.rgb[:10], np.ones((20, 30), np.float32))
