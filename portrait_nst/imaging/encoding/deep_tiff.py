"""TIFF files of 16 bits, which Pillow writes for grey only: its directories, and the samples as one strip."""

from __future__ import annotations

import io

from portrait_nst.imaging.encoding.pixel_planes import stacked
from portrait_nst.types import Samples

_EXIF, _GPS = 0x8769, 0x8825
_UNASSOCIATED = 2  # the kind of an extra sample: alpha that the colours are not multiplied with
_GREY, _RGB = 1, 2


def deep_tiff(samples: Samples, icc: bytes, exif: bytes) -> bytes:
    """`samples` of 16 bits as an uncompressed TIFF file with a profile and an EXIF block (b"" for none)."""
    from PIL import Image
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    pixels = stacked(samples)
    height, width = pixels.shape[:2]
    count = 1 if pixels.ndim == 2 else pixels.shape[2]
    colours = samples.values.shape[2]
    tags = ImageFileDirectory_v2(b"II*\0\0\0\0\0")
    if exif:
        block = Image.Exif()
        block.load(exif)
        for tag, value in block.items():
            tags[tag] = block.get_ifd(tag) if tag in (_EXIF, _GPS) else value
    tags[256], tags[257] = width, height
    tags[258], tags[339] = (16,) * count, (1,) * count
    tags[259], tags[262] = 1, _RGB if colours == 3 else _GREY
    # Pillow counts the strip's place from the directory's end.
    tags[273], tags[278], tags[279] = 0, height, pixels.nbytes
    tags[277], tags[284] = count, 1
    if samples.alpha is not None:
        tags[338] = (_UNASSOCIATED,)
    tags.tagtype[34675] = 7  # bytes of no type
    tags[34675] = icc
    file = io.BytesIO()
    tags.save(file)
    file.write(pixels.astype("<u2", copy=False).tobytes())
    return file.getvalue()
