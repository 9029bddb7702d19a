"""Photos in colour spaces and depths as cameras, phones and scanners give them."""

from __future__ import annotations

import imagecodecs
import numpy as np

from portrait_nst.imaging.colour.depth import as_codes
from portrait_nst.imaging.colour.profiles import srgb_profile
from portrait_nst.types import Photo, Samples

_D65, _D50 = (0.3127, 0.3290, 1.0), (0.3457, 0.3585, 1.0)


def _rgb(white: tuple[float, ...], primaries: tuple[float, ...], gamma: float) -> bytes:
    triples = [value for x, y in zip(primaries[::2], primaries[1::2]) for value in (x, y, 1.0)]
    return bytes(imagecodecs.cms_profile("rgb", whitepoint=white, primaries=tuple(triples), gamma=gamma))


P3 = _rgb(_D65, (0.680, 0.320, 0.265, 0.690, 0.150, 0.060), 2.2)
ADOBE = _rgb(_D65, (0.64, 0.33, 0.21, 0.71, 0.15, 0.06), 563 / 256)
PROPHOTO = _rgb(_D50, (0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001), 1.8)
GREY_18 = bytes(imagecodecs.cms_profile("gray", whitepoint=_D50, gamma=1.8))

# By name: bits, channels and profile.
SPACES: dict[str, tuple[int, int, bytes | None]] = {
    "sRGB 16": (16, 3, None),
    "sRGB 10": (10, 3, None),
    "P3": (8, 3, P3),
    "P3 10": (10, 3, P3),
    "P3 12": (12, 3, P3),
    "Adobe RGB": (8, 3, ADOBE),
    "ProPhoto 16": (16, 3, PROPHOTO),
    "grey 8": (8, 1, None),
    "grey 16": (16, 1, None),
    "grey gamma 1.8": (8, 1, GREY_18),
}


def photo_in(space: str, size: tuple[int, int], *, alpha: bool = False) -> Photo:
    """A photo of random samples in one of the `SPACES`; its `rgb` is what 8-bit sRGB keeps of them."""
    bits, channels, profile = SPACES[space]
    rng = np.random.default_rng(bits + channels)
    values = as_codes(rng.integers(0, 2**bits, (*size, channels)), bits)
    opacity = as_codes(rng.integers(0, 2**bits, size), bits) if alpha else None
    return of_samples(Samples(values, bits, profile, opacity))


def of_samples(own: Samples) -> Photo:
    """The photo with these samples."""
    unit = own.values.astype(np.float32) / np.float32(2**own.bits - 1)
    if own.profile is not None:
        grey = own.values.shape[2] == 1
        unit = imagecodecs.cms_transform(
            np.ascontiguousarray(unit[..., 0] if grey else unit),
            own.profile,
            srgb_profile(),
            colorspace="gray" if grey else "rgb",
            outcolorspace="rgb",
            outdtype="f4",
            intent=0,
        )
    rgb = np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8)
    rgb = np.repeat(rgb, 3, 2) if rgb.shape[2] == 1 else rgb
    white = np.float32(2**own.bits - 1)
    alpha = None if own.alpha is None else np.rint(own.alpha.astype(np.float32) * 255 / white).astype(np.uint8)
    return Photo(rgb, alpha, native=own)
