"""The number of bits of a channel: samples in other codes, and with as many as a format can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging.colour.grey_profiles import curve_of_grey
from portrait_nst.types import Samples

_ROWS = 256  # rows computed at once, to bound the memory
Codes = NDArray[np.uint8] | NDArray[np.uint16]


def with_bits(samples: Samples, bits: int) -> Samples:
    """`samples` with `bits` a channel: each code times the new white over the old one, rounded.

    More bits lose nothing: the way back gives the old codes.
    """
    if bits == samples.bits:
        return samples
    alpha = None if samples.alpha is None else _scaled(samples.alpha, samples.bits, bits)
    return replace(samples, values=_scaled(samples.values, samples.bits, bits), bits=bits, alpha=alpha)


def as_codes(values: NDArray[Any], bits: int) -> Codes:
    """Whole numbers of any type from 0 to 2**bits - 1 in the type of codes of `bits`."""
    return values.astype(np.uint8) if bits == 8 else values.astype(np.uint16)


def _scaled(codes: Codes, old: int, new: int) -> Codes:
    result = as_codes(np.empty(codes.shape, np.uint8), new)
    white, before = 2**new - 1, 2**old - 1
    for top in range(0, len(codes), _ROWS):  # integers: exact, and a half is never met, since both whites are odd
        part = codes[top : top + _ROWS].astype(np.uint64)
        result[top : top + _ROWS] = (2 * part * white + before) // (2 * before)
    return result


def grey_as_rgb(samples: Samples) -> Samples:
    """Grey `samples` as RGB of the same look, with the same value in each channel where their profile has a tone curve."""
    if samples.values.shape[2] == 3:
        return samples
    profile = curve_of_grey(samples.profile)
    if profile is None:
        return _grey_to_srgb(samples)
    profile = profile if samples.profile is not None else None
    return replace(samples, values=as_codes(np.repeat(samples.values, 3, axis=2), samples.bits), profile=profile)


def _grey_to_srgb(samples: Samples) -> Samples:
    """Grey `samples` with a profile of tables, as sRGB of their depth."""
    import imagecodecs

    from portrait_nst.imaging.colour.profiles import EXACT, PERCEPTUAL, srgb_profile

    white = 2**samples.bits - 1
    assert samples.profile is not None
    values = np.repeat(samples.values, 3, axis=2)
    for top in range(0, len(values), _ROWS):
        part = samples.values[top : top + _ROWS, :, 0].astype(np.float32) / np.float32(white)
        unit = imagecodecs.cms_transform(
            part,
            samples.profile,
            srgb_profile(),
            colorspace="gray",
            outcolorspace="rgb",
            outdtype="f4",
            intent=PERCEPTUAL,
            flags=EXACT,
        )
        values[top : top + _ROWS] = np.rint(np.clip(np.nan_to_num(unit), 0, 1) * white)
    return replace(samples, values=as_codes(values, samples.bits), profile=None)
