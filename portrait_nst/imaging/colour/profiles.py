"""Colour profiles: from a picture's own samples to sRGB at 8 bits, by Little CMS."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging.colour.depth import scaled
from portrait_nst.imaging.colour.tags import without_date
from portrait_nst.imaging.pixels import bands
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from PIL import Image

EXACT = 0x0100
"""Little CMS's cmsFLAGS_NOOPTIMIZE. Without it 16-bit samples go through a coarse table, up to 25 of 255 levels off."""

PERCEPTUAL = 0


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """The sRGB ICC profile that goes into every picture we write; the same bytes each time."""
    from PIL import ImageCms

    return without_date(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def usable_profile(icc: bytes | None, channels: int) -> tuple[bytes | None, str]:
    """The profile by which samples of 1 or 3 `channels` are converted, None for sRGB; and a note where `icc` is ignored.

    A profile that is sRGB in all but name counts as sRGB: those of other makers differ in the last digit, and converting
    would only add rounding.
    """
    if not icc:
        return None, ""
    space = {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}.get(icc[16:20], 0)
    if space == 3:
        levels = np.linspace(0, 255, 16).round().astype(np.uint8)
        colours = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(64, 64, 3)
    else:
        colours = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    if space in (1, 3):
        try:
            converted = _convert(colours, icc)
        except (RuntimeError, ValueError, TypeError):
            return None, "its colour profile is damaged and ignored: its colours are taken as sRGB"
        if space == channels:
            same = np.abs(converted.astype(np.int16) - colours).max() <= 1
            return (None, "") if same else (icc, "")
    return None, "its colour profile is for another kind of picture and ignored: its colours are taken as sRGB"


def to_srgb(values: NDArray[Any], bits: int, profile: bytes | None) -> UInt8Array:
    """`values` (H, W, 1 or 3), uint8 or codes of `bits` in uint16, as (H, W, 3) uint8 sRGB: perceptual intent, rounded.

    profile: one that `usable_profile` returned. Without it 8-bit RGB is returned as it is, not copied.
    """
    if profile is not None:
        return _convert(values, profile, bits)
    eight = values if bits == 8 else scaled(values, bits, 8)
    return np.asarray(eight if eight.shape[2] == 3 else np.repeat(eight, 3, axis=2), np.uint8)


def ink_to_srgb(image: Image.Image, icc: bytes | None) -> UInt8Array:
    """`image` (mode CMYK or LAB, 8 bits) as (H, W, 3) uint8 sRGB, by its profile where it has one that can be used."""
    from PIL import ImageCms

    if icc or image.mode == "LAB":
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc and image.mode == "CMYK" else None
            transform = ImageCms.buildTransform(
                source or ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), image.mode, "RGB"
            )
            if (converted := ImageCms.applyTransform(image, transform)) is not None:
                return np.array(converted)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # broken, or not for this mode
            pass
    return np.array(image.convert("RGB"))


def _convert(values: NDArray[Any], icc: bytes, bits: int = 8) -> UInt8Array:
    """Raises imagecodecs.CmsError, a RuntimeError, where the profile is broken or for another number of channels."""
    import imagecodecs

    height, width, channels = values.shape
    out = np.empty((height, width, 3), np.uint8)
    for rows in bands(height, width):
        part = values[rows]
        if bits not in (8, 16):
            part = scaled(part, bits, 16)
        out[rows] = imagecodecs.cms_transform(
            np.ascontiguousarray(part if channels == 3 else part[..., 0]),
            icc,
            srgb_profile(),
            colorspace="rgb" if channels == 3 else "gray",
            outcolorspace="rgb",
            outdtype="u1",
            intent=PERCEPTUAL,
            # RGB of 8 bits is right to a level without, in a quarter of the time.
            flags=0 if part.dtype == np.uint8 and channels == 3 else EXACT,
        )
    return out
