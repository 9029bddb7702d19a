"""Decoding the bytes of a file into pixels, for every format, depth and channel layout that we read.

Pillow reads; OpenCV helps where Pillow loses data: Pillow 11 to 13 cut 16-bit RGB down to its upper byte and
refuse float RGB. Nothing is ever clipped on the way to 8 bits: values are scaled by the range of their format.
"""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError, PortraitError, ResourceError

if TYPE_CHECKING:
    from PIL import Image

# Formats that decode within this process; Pillow's others start programs (EPS) or are no photographs.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF", "HEIF")
_EXPECTED = "expected JPEG, PNG, WebP, TIFF, BMP, GIF or HEIC"
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_MAGIC = {b"\xff\xd8": "JPEG", b"\x89PNG": "PNG", b"RIFF": "WebP", b"GIF8": "GIF", b"BM": "BMP"}
MAX_PIXELS = 400_000_000
MAX_PIXELS_VARIABLE = "PORTRAIT_NST_MAX_PIXELS"
_limit_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class Decoded:
    """The contents of a file, before orientation and colour profile are applied.

    pixels: uint8 [0, 255] or, from deeper files, float32 [0, 1]; (H, W) grey, (H, W, 3) RGB or LAB, (H, W, 4) CMYK.
    space:  "L", "RGB", "LAB" or "CMYK".
    alpha:  (H, W) with the number format of `pixels`, or None.
    image:  Pillow's image, for its metadata; None where only OpenCV reads the file.
    """

    pixels: NDArray[Any]
    space: str
    alpha: NDArray[Any] | None
    image: Image.Image | None


def decode(data: bytes | Image.Image, name: str, *, max_pixels: int | None, min_side: int) -> Decoded:
    """The first frame of the picture in `data`, whole or not at all; or a PIL image, at the frame where it stands.

    name:        the name of the picture in error messages.
    max_pixels:  width times height above which the header is refused, before anything is decoded; None for the default,
                 which the environment variable PORTRAIT_NST_MAX_PIXELS sets.
    min_side:    pixels that the shorter side must have.

    Raises InputError for anything but a whole picture, ResourceError where memory ends.
    """
    most = _limit(max_pixels)

    def check_size(width: int, height: int) -> None:
        if width * height > most:
            raise InputError(
                f"{name} says that it is {width} x {height} pixels, more than the limit of "
                f"{most / 1e6:g} megapixels. If it is no decompression bomb, set the environment variable "
                f"{MAX_PIXELS_VARIABLE} higher, for example to 1e9."
            )
        if min(width, height) < min_side:
            raise InputError(
                f"{name} is only {width} x {height} pixels; expected at least {min_side} on each side. "
                "Choose a larger picture."
            )

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # errors are raised below, in words that a user can act on
            if not isinstance(data, bytes):
                check_size(*data.size)
                data.load()
                return _channels(data, b"", name)
            image = _open(data, name)
            if image is None:
                return _float_tiff(data, name, check_size)
            check_size(*image.size)
            image.load()
            return _channels(image, data, name)
    except PortraitError:
        raise
    except MemoryError:
        raise ResourceError(f"There is not enough memory to decode {name}; use a smaller copy of it.") from None
    except Exception as error:  # whatever a decoder raises on damaged data, it means the same to the user
        reason = str(error).strip() or type(error).__name__
        raise InputError(f"{name} is damaged or incomplete ({reason}); get a whole copy of it.") from error


def _limit(max_pixels: int | None) -> int:
    if max_pixels is not None:
        return max_pixels
    given = os.environ.get(MAX_PIXELS_VARIABLE, "")
    if not given:
        return MAX_PIXELS
    try:
        return int(float(given))
    except (ValueError, OverflowError):
        raise InputError(f"{MAX_PIXELS_VARIABLE} is {given!r}; expected a number of pixels, such as 4e8.") from None


def open_header(data: bytes, name: str) -> Image.Image:
    """Pillow's image of `data` with its metadata read and its pixels not. Raises InputError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = _open(data, name)
    except PortraitError:
        raise
    except Exception as error:  # whatever a decoder raises on damaged data, it means the same to the user
        raise InputError(f"{name} is damaged or incomplete ({error}); get a whole copy of it.") from error
    if image is None:
        raise InputError(f"{name} is a TIFF of a kind that cannot be read.")
    return image


def _open(data: bytes, name: str) -> Image.Image | None:
    """Pillow's image, its header read; None for a TIFF that Pillow does not know. Raises InputError."""
    from PIL import Image, UnidentifiedImageError

    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        try:
            import pillow_heif
        except ImportError:
            raise InputError(
                f"{name} is a HEIC picture, which needs one more package: "
                "`pip install pillow-heif`, or export the picture as JPEG."
            ) from None
        pillow_heif.register_heif_opener()
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
    if data[:4] in (b"II*\0", b"MM\0*"):
        return None
    start = data[:64]
    looks = "it looks like a text file" if all(byte in b"\t\n\r\f" or byte >= 32 for byte in start) else "unknown data"
    for magic, kind in _MAGIC.items():
        if data.startswith(magic):
            looks = f"it starts like a {kind}, but its header is damaged or incomplete"
    raise InputError(f"{name} is not a picture that can be read: {looks}; {_EXPECTED}.")


def _channels(image: Image.Image, data: bytes, name: str) -> Decoded:
    """The pixels of a loaded image, at their own depth; `data` is its file, or empty where there is none."""
    deep = _deep(image, data, name)
    if deep is not None:
        space = "L" if deep.shape[2] < 3 else "RGB"
        alpha = deep[..., -1] if deep.shape[2] in (2, 4) else None
        return Decoded(np.ascontiguousarray(deep[..., :3] if space == "RGB" else deep[..., 0]), space, alpha, image)
    if image.mode == "L" and isinstance(image.info.get("transparency"), int):
        grey = np.array(image)
        return Decoded(grey, "L", np.where(grey == image.info["transparency"], 0, 255).astype(np.uint8), image)
    if image.mode in ("LA", "La"):
        both = np.array(image.convert("LA"))
        return Decoded(both[..., 0].copy(), "L", both[..., 1].copy(), image)
    if image.mode in ("1", "L"):
        return Decoded(np.array(image.convert("L")), "L", None, image)
    if image.mode in ("CMYK", "LAB"):
        return Decoded(np.array(image), image.mode, None, image)
    if image.has_transparency_data:
        rgba = np.array(image.convert("RGBA"))
        return Decoded(rgba[..., :3].copy(), "RGB", rgba[..., 3].copy(), image)
    return Decoded(np.array(image.convert("RGB")), "RGB", None, image)


def _deep(image: Image.Image, data: bytes, name: str) -> NDArray[np.float32] | None:
    """(H, W, 1 to 4) float32 [0, 1] where the file has more than 8 bits a channel, else None."""
    tags = getattr(image, "tag_v2", {})
    if image.mode.startswith("I;16"):
        bits = int(np.atleast_1d(tags.get(258, 16))[0])
        grey = np.array(image).astype(np.float32) / np.float32(2**bits - 1)
        if tags.get(262) == 0:  # "white is zero", which Pillow heeds only up to 8 bits
            grey = 1 - grey
        clear = image.info.get("transparency")
        if isinstance(clear, int):
            return np.stack([grey, (np.array(image) != clear).astype(np.float32)], -1)
        return grey[..., None]
    if image.mode in ("I", "F"):
        return _unit_range(np.array(image, np.float32), name)[..., None]
    if not data:  # a PIL image without a file has 8 bits a channel in all other modes
        return None
    png16 = image.format == "PNG" and data[24] == 16
    # Pillow undoes a multiplied-in alpha (extra sample of type 1), OpenCV does not.
    tiff16 = image.format == "TIFF" and 16 in np.atleast_1d(tags.get(258, 8)) and tags.get(338) != (1,)
    if not (png16 or tiff16) or image.mode not in ("RGB", "RGBA"):
        return None
    pixels = _by_opencv(data)
    if pixels is None or pixels.dtype != np.uint16 or pixels.shape[:2] != image.size[::-1] or pixels.ndim != 3:
        return None  # Pillow's upper bytes are at most one step off
    return pixels.astype(np.float32) / np.float32(65535)


def _by_opencv(data: bytes) -> NDArray[Any] | None:
    """(H, W, 3 or 4) in RGB(A) order, or (H, W), with the file's own depth, unturned; None where it cannot."""
    import cv2

    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if pixels is None or pixels.ndim == 2:
        return pixels
    return np.ascontiguousarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])


def _float_tiff(data: bytes, name: str, check_size: Callable[[int, int], None]) -> Decoded:
    """A TIFF that Pillow does not know: read by OpenCV where it is float RGB and whole."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    file = io.BytesIO(data)
    tags = ImageFileDirectory_v2(file.read(8))
    file.seek(tags.next)
    tags.load(file)
    width, height = int(tags[256]), int(tags[257])
    check_size(width, height)
    if 3 not in np.atleast_1d(tags.get(339, 1)):
        raise InputError(f"{name} is a TIFF of a kind that cannot be read; save it with 8 or 16 bits a channel.")
    offsets, counts = np.atleast_1d(tags.get(273, tags.get(324, 0))), np.atleast_1d(tags.get(279, tags.get(325, 0)))
    if (offsets + counts).max() > len(data):
        raise InputError(f"{name} is incomplete: its pixels lie beyond the file's end; get a whole copy of it.")
    pixels = _by_opencv(data)
    if pixels is None or pixels.shape[:2] != (height, width) or pixels.dtype != np.float32 or pixels.ndim != 3:
        raise InputError(f"{name} is a TIFF of a kind that cannot be read; save it with 8 or 16 bits a channel.")
    alpha = np.clip(pixels[..., 3], 0, 1) if pixels.shape[2] == 4 else None
    return Decoded(_unit_range(pixels[..., :3], name), "RGB", alpha, None)


def _unit_range(values: NDArray[Any], name: str) -> NDArray[np.float32]:
    """Float or 32-bit values as [0, 1]: those up to 1 as they are, else by the range (8 or 16 bits) that they fill."""
    low, high = float(values.min()), float(values.max())
    # Sharpening leaves a little below 0 and above 1; HDR reaches far above and has no one right exposure.
    for white, least in ((1.0, 0.0), (255.0, 16.0), (65535.0, 255.0)):
        if least <= high <= white * 1.02 and low >= -0.02 * white:
            return np.clip(values / np.float32(white), 0, 1).astype(np.float32)
    raise InputError(
        f"{name} holds values from {low:g} to {high:g}; expected 0 to 1, 0 to 255 or 0 to 65535. "
        "Tone-map it and save it with 8 or 16 bits a channel."
    )
