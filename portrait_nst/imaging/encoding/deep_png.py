"""PNG files of 16 bits: Pillow writes no RGB of that depth, so the pixels are imagecodecs', and the chunks beside them ours."""

from __future__ import annotations

import zlib

from portrait_nst.imaging.encoding.pixel_planes import stacked
from portrait_nst.imaging.png_chunks import SIGNATURE, chunk
from portrait_nst.types import Samples

_HEADER = len(SIGNATURE) + 25  # bytes of the signature and of IHDR
_LEVEL = 6  # of deflate, as Pillow's


def deep_png(samples: Samples, icc: bytes, texts: dict[str, str], exif: bytes) -> bytes:
    """`samples` of 16 bits as a PNG file with a profile, texts by their keywords, and an EXIF block (b"" for none)."""
    import imagecodecs

    pixels = imagecodecs.png_encode(stacked(samples), level=_LEVEL)
    chunks = chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc))
    for keyword, text in texts.items():
        chunks += chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())
    if exif:
        chunks += chunk(b"eXIf", exif.removeprefix(b"Exif\0\0"))
    return bytes(pixels[:_HEADER] + chunks + pixels[_HEADER:])
