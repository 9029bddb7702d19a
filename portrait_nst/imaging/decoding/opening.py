"""Pillow's view of a file: its format, size and metadata, known from its header before a pixel is decoded."""

from __future__ import annotations

import io
import logging
import threading
import warnings
from typing import TYPE_CHECKING

from portrait_nst.errors import InputError, PortraitError

if TYPE_CHECKING:
    from PIL import Image

# Formats that decode within this process; Pillow's others start programs (EPS) or are no photographs.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF")
_EXPECTED = "expected JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAGIC = {b"\xff\xd8": "JPEG", b"\x89PNG": "PNG", b"RIFF": "WebP", b"GIF8": "GIF", b"BM": "BMP"}
_limit_lock = threading.Lock()

# What they log about odd files would reach the screen where nobody has set up logging.
for _library in ("PIL", "tifffile", "imagecodecs"):
    logging.getLogger(_library).addHandler(logging.NullHandler())


def is_heic(data: bytes) -> bool:
    """Whether `data` begins as a HEIC file does: an ISO media file with one of its brands, and none of AVIF's."""
    if data[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(data[:4], "big"), 512)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, length, 4))}
    return bool(brands & _HEIC_BRANDS) and not brands & _AVIF_BRANDS


def open_header(data: bytes, name: str) -> Image.Image:
    """Pillow's image of `data` with its metadata read and its pixels not. Raises InputError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = open_image(data, name)
    except PortraitError:
        raise
    except Exception as error:  # whatever a decoder raises on damaged data, it means the same to the user
        raise damaged(name, error) from error
    if image is None:
        raise InputError(f"{name} is a TIFF of a kind that cannot be read.")
    return image


def damaged(name: str, error: Exception) -> InputError:
    """The error that tells the user what a decoder said about the damaged file `name`."""
    reason = " ".join(str(error).split()) or type(error).__name__
    # What imagecodecs quotes from libpng can be stray memory, as text or as bytes that are none.
    if type(error).__module__.startswith("imagecodecs") or isinstance(error, UnicodeDecodeError):
        reason = "its pixels cannot be decoded"
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
    start = data[:64]
    looks = "it looks like a text file" if all(byte in b"\t\n\r\f" or byte >= 32 for byte in start) else "unknown data"
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            looks = f"it starts like a {kind}, but its header is damaged or incomplete"
    raise InputError(f"{name} is not a picture that can be read: {looks}; {_EXPECTED}.")
