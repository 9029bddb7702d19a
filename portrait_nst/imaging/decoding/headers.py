"""The size of a picture as its file's header says, for every format that is read; nothing is decoded."""

from __future__ import annotations

import io

from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding.limits import size_check
from portrait_nst.imaging.decoding.opening import TIFF_MAGIC, open_header


def picture_size(data: bytes, name: str, *, min_side: int = 16) -> tuple[int, int]:
    """The (height, width) of the picture in `data`, which may be the beginning of a file as far as its header lies there.

    Raises InputError, with the reason that reading it would give, for what is no picture or has a broken header, for one whose
    shorter side has less than `min_side` pixels, and for one over the limit of pixels.
    """
    try:
        image = open_header(data, name)
        height, width = image.height, image.width
    except InputError:
        size = _tiff_size(data)
        if size is None:
            raise
        height, width = size
    size_check(name, None, min_side)(width, height)
    return height, width


def _tiff_size(data: bytes) -> tuple[int, int] | None:
    """The (height, width) of a TIFF that Pillow does not know; None where `data` is none, or its tags cannot be read."""
    if data[:4] not in TIFF_MAGIC:
        return None
    import tifffile

    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            return int(file.pages.first.imagelength), int(file.pages.first.imagewidth)
    except Exception:  # whatever it raises on damaged tags, the size is not known
        return None
