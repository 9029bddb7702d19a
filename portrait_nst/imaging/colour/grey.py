"""Grey samples as RGB, for formats without grey and for results with colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from portrait_nst.imaging.colour.depth import as_codes
from portrait_nst.imaging.colour.grey_profiles import curve_of_grey
from portrait_nst.imaging.colour.profiles import EXACT, PERCEPTUAL, srgb_profile
from portrait_nst.imaging.pixels import bands
from portrait_nst.types import Samples


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

    white = 2**samples.bits - 1
    assert samples.profile is not None
    values = np.repeat(samples.values, 3, axis=2)
    for rows in bands(*values.shape[:2]):
        part = samples.values[rows, :, 0].astype(np.float32) / np.float32(white)
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
        values[rows] = np.rint(np.clip(np.nan_to_num(unit), 0, 1) * white)
    return replace(samples, values=as_codes(values, samples.bits), profile=None)
