"""Small pictures for the page, as bytes and as files."""

from __future__ import annotations

import io
from pathlib import Path

from portrait_nst import imaging
from portrait_nst.types import UInt8Array

JPEG_QUALITY = 88
JPEG, PNG = "image/jpeg", "image/png"


def write_view(rgb: UInt8Array, alpha: UInt8Array | None, longest: int, out: Path) -> str:
    """Write a picture, made `longest` pixels at most, to `out`, whole or not at all; returns its media type.

    rgb: (H, W, 3) uint8 sRGB. alpha: (H, W) uint8, or None for an opaque one.
    """
    size = imaging.size_within((rgb.shape[0], rgb.shape[1]), longest)
    small = imaging.resize(rgb, size)
    data, media = encoded(small, None if alpha is None else imaging.resize(alpha, size))
    imaging.write_atomic(out, data, overwrite=True)
    return media


def encoded(rgb: UInt8Array, alpha: UInt8Array | None = None) -> tuple[bytes, str]:
    """The file of a picture, and its media type: a JPEG, or a PNG with `alpha` (H, W) uint8."""
    from PIL import Image

    image = Image.fromarray(rgb)
    if alpha is not None:
        image.putalpha(Image.fromarray(alpha))
    file = io.BytesIO()
    if alpha is None:
        image.save(file, "JPEG", quality=JPEG_QUALITY)
    else:
        image.save(file, "PNG", compress_level=3)
    return file.getvalue(), PNG if alpha is not None else JPEG
