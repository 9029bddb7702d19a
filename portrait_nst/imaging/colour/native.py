"""A result in the colour space and depth of its photo, with the photo's own samples where the photo is kept.

A result (8-bit sRGB) and how much of each pixel is the photo's, kept in [0, 1], become

    convert(result) + kept (photo.native - convert(photo.rgb)),

with `convert` from 8-bit sRGB to the photo's space. What the conversion to sRGB took from the photo (colours outside sRGB,
depth, rounding) comes back as far as the photo is there: the whole of it where kept is 1, and without an edge where kept
falls to 0.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from portrait_nst.imaging.colour.depth import Codes, as_codes
from portrait_nst.imaging.colour.grey import grey_as_rgb
from portrait_nst.imaging.colour.profiles import EXACT, PERCEPTUAL, srgb_profile
from portrait_nst.imaging.pixels import bands, is_grey
from portrait_nst.types import FloatArray, Photo, Samples, UInt8Array

GREY_IN_COLOUR = (
    "the photo is grey and the result has colours, so its file is RGB; the background's grey is the photo's"
)
ONE_WAY = "the photo's colour profile has no way back from sRGB, so the result is sRGB with 8 bits"


def in_space_of(
    photo: Photo, rgb: UInt8Array, kept: FloatArray, shown: FloatArray | None = None
) -> tuple[Samples | None, str]:
    """The result `rgb` in the space of `photo`, and a note for the user or "".

    rgb:   (H, W, 3) uint8 sRGB, the result.
    kept:  (H, W) float32 in [0, 1], how much of each pixel is the photo's; where it is 1, its own samples are copied.
    shown: (H, W) float32 in [0, 1], the opacity that the result multiplies the photo's with, or None for the photo's.

    The samples are None for a photo without any beside its `rgb`, and for a profile that leads to sRGB only. Grey samples become
    RGB where the result has colours. Raises ValueError on shapes that do not fit.
    """
    own = photo.native
    if own is None:
        return None, ""
    if rgb.shape != photo.rgb.shape or kept.shape != photo.size:
        raise ValueError(f"rgb and kept must have the size {photo.size}, not {rgb.shape} and {kept.shape}")
    import imagecodecs

    note, changed = "", kept < 1
    if own.values.shape[2] == 1 and not is_grey(rgb, changed):
        own, note = grey_as_rgb(own), GREY_IN_COLOUR
    values = own.values.copy() if changed.any() else own.values
    try:
        for rows in bands(*photo.size):
            if (inside := changed[rows]).any():
                values[rows][inside] = _mixed(
                    own, rgb[rows][inside], photo.rgb[rows][inside], own.values[rows][inside], kept[rows][inside]
                )
    except imagecodecs.CmsError:
        return None, ONE_WAY
    alpha = own.alpha if shown is None else _opacity(own, shown)
    return replace(own, values=values, alpha=alpha), note


def _mixed(own: Samples, rgb: UInt8Array, before: UInt8Array, values: Codes, kept: FloatArray) -> Codes:
    """The samples (n, channels) of pixels of the result `rgb` (n, 3), where the photo had `before` and `values`."""
    white = 2**own.bits - 1
    made = _converted(rgb, own) * np.float32(white)
    if (mixed := kept > 0).any():
        lost = values[mixed] - _converted(before[mixed], own) * np.float32(white)
        made[mixed] += kept[mixed, None] * lost
    return _codes(made, own)


def _converted(rgb: UInt8Array, own: Samples) -> FloatArray:
    """`rgb` (n, 3) uint8 sRGB as (n, 1 or 3) float32 in [0, 1], and beyond it, in the space of `own`. Raises CmsError."""
    import imagecodecs

    grey = own.values.shape[2] == 1
    unit = rgb.astype(np.float32) / np.float32(255)
    if own.profile is None:
        return unit[:, 1:2] if grey else unit
    out = imagecodecs.cms_transform(
        unit[None],
        srgb_profile(),
        own.profile,
        colorspace="rgb",
        outcolorspace="gray" if grey else "rgb",
        outdtype="f4",
        intent=PERCEPTUAL,
        flags=EXACT,  # without it the inverse of PQ and HLG is wrong
    )
    return np.nan_to_num(np.asarray(out, np.float32).reshape(len(rgb), -1))


def _opacity(own: Samples, shown: FloatArray) -> Codes:
    """The opacity `shown` times that of `own`, in its codes."""
    white = 2**own.bits - 1
    base = np.float32(white) if own.alpha is None else own.alpha.astype(np.float32)
    return _codes(shown * base, own)


def _codes(values: FloatArray, own: Samples) -> Codes:
    """`values` rounded and clipped to the codes of `own`."""
    return as_codes(np.rint(np.clip(values, 0, 2**own.bits - 1)), own.bits)
