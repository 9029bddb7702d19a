"""Pillow's view of a file: its format, size and metadata, known from its header before a pixel is decoded."""

from __future__ import annotations

import io
import logging
import threading
import warnings
from typing import TYPE_CHECKING

from portrait_nst.errors import InputError, PortraitError
from portrait_nst.imaging.decoding.png_texts import without_large
from portrait_nst.imaging.iso_boxes import boxes_are_cut

if TYPE_CHECKING:
    from PIL import Image

# Formats that decode within this process; Pillow's others start programs (EPS) or are no photographs.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF")
_EXPECTED = "expected JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAGIC = {b"\xff\xd8": "JPEG", b"\x89PNG": "PNG", b"RIFF": "WebP", b"GIF8": "GIF", b"BM": "BMP"}
_CUT = ("truncated", "end of file", "unexpected eof")  # what decoders say of files that lack their end
_limit_lock = threading.Lock()

# What they log about odd files would reach the screen where nobody has set up logging.
for _library in ("PIL", "tifffile", "imagecodecs"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


def is_heic(data: bytes) -> bool:
    """Whether `data` begins as a HEIC file does: an ISO media file with one of its brands, and none of AVIF's."""
    brands = _brands(data)
    return bool(brands & _HEIC_BRANDS) and not brands & _AVIF_BRANDS


def _brands(data: bytes) -> set[bytes]:
    """What kinds of file the ISO media file `data` says that it is; none for other files."""
    if data[4:8] != b"ftyp":
        return set()
    length = min(int.from_bytes(data[:4], "big"), 512)
    return {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}


def open_header(data: bytes, name: str) -> Image.Image:
    """Pillow's image of `data` with its metadata read and its pixels not. Raises InputError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = open_image(data, name)
    except PortraitError:
        raise
    except Exception as error:  # whatever a decoder raises on damaged data, it means the same to the user
        if whole := without_large(data, error):
            return open_header(whole[0], name)
        raise damaged(name, error, data) from error
    if image is None:
        raise InputError(f"{name} is a TIFF of a kind that cannot be read.")
    return image


def damaged(name: str, error: Exception, data: object = b"") -> InputError:
    """The error that tells the user, in words of ours, what a decoder said about the damaged file `name` of the bytes `data`.

    What decoders say is of their boxes and buffers; what imagecodecs quotes from libpng can even be stray memory.
    """
    said = str(error).lower()
    cut = any(words in said for words in _CUT) or (isinstance(data, bytes) and boxes_are_cut(data))
    reason = "the file ends before its pixels do" if cut else "its pixels cannot be decoded"
    return InputError(f"{name} is damaged or incomplete ({reason}); get a whole copy of it.")


def open_image(data: bytes, name: str) -> Image.Image | None:
    """Pillow's image, its header read; None for a TIFF that Pillow does not know. Raises InputError and what Pillow raises."""
    from PIL import Image, UnidentifiedImageError

    if is_heic(data):
        from pillow_heif import HeifImageFile

        heic: Image.Image = HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]
        return heic
    Image.init()
    formats = [known for known in _FORMATS if known in Image.OPEN]
    with _limit_lock:  # Pillow's own limit is one for the whole process; ours is checked by the caller
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(io.BytesIO(data), formats=formats)
        except UnidentifiedImageError:
            pass
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    if data[:4] in TIFF_MAGIC:
        return None
    if _brands(data) & _AVIF_BRANDS:
        raise damaged(name, ValueError("no AVIF"), data)
    start = data[:64]
    looks = "it looks like a text file" if all(byte in b"\t\n\r\f" or byte >= 32 for byte in start) else "unknown data"
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            looks = f"it starts like a {kind}, but its header is damaged or incomplete"
    raise InputError(f"{name} is not a picture that can be read: {looks}; {_EXPECTED}.")
