"""HEIC by libheif: the primary image at its own depth. libheif turns and mirrors it as the file says; EXIF's turn is the same one."""

from __future__ import annotations

import io

import numpy as np

from portrait_nst.imaging.colour_tags import nclx_profile
from portrait_nst.imaging.decoded import CheckSize, Decoded, split_alpha


def read_heic(data: bytes, check_size: CheckSize) -> Decoded:
    """The primary image of the HEIC file `data`, upright. Raises what libheif raises on damaged data."""
    import pillow_heif

    file = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False, hdr_to_16bit=False)
    image = file[file.primary_index]
    check_size(*image.size)
    samples = np.array(image)  # a copy: the array stands on libheif's memory
    bits = int(image.info["bit_depth"]) if samples.dtype == np.uint16 else 8
    pixels, space, alpha = split_alpha(samples)
    icc, notes = image.info.get("icc_profile"), ()
    nclx = image.info.get("nclx_profile")
    if not icc and nclx:
        codes = int(nclx["color_primaries"]), int(nclx["transfer_characteristics"])
        icc, notes = nclx_profile(*codes, grey=space == "L")
    return Decoded(pixels, space, bits, alpha, icc or None, notes=notes)
