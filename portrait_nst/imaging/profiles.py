"""Colour profiles: pictures are converted to sRGB when they are read, and tagged as sRGB when they are written."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from PIL import Image


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """The sRGB ICC profile that goes into every picture we write; the same bytes each time."""
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The header's creation time (six big-endian shorts) would make every output differ.
    profile[24:36] = b"".join(number.to_bytes(2, "big") for number in (2000, 1, 1, 0, 0, 0))
    return bytes(profile)


def to_srgb(image: Image.Image, icc: bytes | None) -> UInt8Array:
    """`image` (mode L, RGB, CMYK or LAB, 8 bits) as (H, W, 3) uint8 sRGB, by its profile where it has one.

    The intent is perceptual. A profile that is broken or for another kind of picture is ignored: pixels are then
    taken as sRGB. So are pixels whose profile is sRGB in all but name, which come through unchanged.
    """
    if icc or image.mode == "LAB":
        converted = _by_profile(image, icc if image.mode != "LAB" else None)
        if converted is not None:
            return converted
    return np.array(image.convert("RGB"))


def _by_profile(image: Image.Image, icc: bytes | None) -> UInt8Array | None:
    from PIL import Image, ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc)) if icc else ImageCms.createProfile("LAB")
        transform = ImageCms.buildTransform(
            source, ImageCms.createProfile("sRGB"), image.mode, "RGB", renderingIntent=ImageCms.Intent.PERCEPTUAL
        )
        if image.mode == "RGB":
            levels = np.linspace(0, 255, 16).round().astype(np.uint8)
            colours = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(64, 64, 3)
            probe = np.array(ImageCms.applyTransform(Image.fromarray(colours), transform))
            # Profiles of sRGB by other makers differ in the last digit; converting would only add rounding.
            if np.abs(probe.astype(np.int16) - colours).max() <= 1:
                return np.array(image)
        converted = ImageCms.applyTransform(image, transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # broken, or not for this mode
        return None
    return None if converted is None else np.array(converted)
