"""HEIC files: 8, 10 or 12 bits a channel, lossless, with a profile and EXIF."""

from __future__ import annotations

import io

import numpy as np

from portrait_nst.imaging.encoding.pixel_planes import stacked
from portrait_nst.types import Samples

_LOSSLESS = -1
_IDENTITY = 0  # matrix coefficients: red, green and blue themselves are coded, since any other matrix rounds


def heic(samples: Samples, icc: bytes, exif: bytes) -> bytes:
    """RGB `samples` of 8, 10 or 12 bits as a HEIC file, lossless, with a profile and an EXIF block (b"" for none)."""
    import pillow_heif

    pixels = stacked(samples)
    height, width = pixels.shape[:2]
    mode = "RGB" if samples.alpha is None else "RGBA"
    if samples.bits > 8:  # the library takes the upper bits of 16
        mode, pixels = f"{mode};16", (pixels << np.uint16(16 - samples.bits)).astype("<u2", copy=False)
    file = io.BytesIO()
    pillow_heif.from_bytes(mode, (width, height), pixels.tobytes()).save(
        file,
        quality=_LOSSLESS,
        chroma=444,
        matrix_coefficients=_IDENTITY,
        bit_depth=samples.bits,
        icc_profile=icc,
        exif=exif or None,
    )
    return file.getvalue()
