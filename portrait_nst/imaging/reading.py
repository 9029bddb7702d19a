"""Pictures and masks from files: upright, in sRGB, at 8 bits a channel, or as a plane of weights."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import MaskError
from portrait_nst.imaging import metadata
from portrait_nst.imaging.decoding import decode as _decode
from portrait_nst.imaging.gain_map_reading import read_gain_map
from portrait_nst.imaging.pixels import check_proportions, luma, resize_mask, to_float, to_uint8, upright
from portrait_nst.imaging.profiles import to_srgb
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.types import FloatArray, Photo

if TYPE_CHECKING:
    from PIL import Image

MIN_SIDE = 16


def load(path: str | Path, *, max_pixels: int | None = None) -> Photo:
    """The picture in the file `path`: JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF, or HEIC with pillow-heif.

    max_pixels: greatest width times height; by default the environment variable PORTRAIT_NST_MAX_PIXELS,
        or 400 million. It is compared with the file's header before anything is decoded.

    The picture is turned upright, converted to sRGB (perceptual intent) and rounded to 8 bits. Grey, CMYK, palette,
    1, 16 and 32 bits and floats are read. An animation or a file of several pages gives its first one. `Photo.alpha` is
    None where no pixel is transparent.

    Raises InputError, one line that says what is wrong with the file; ResourceError where memory ends.
    """
    return decode(read_bytes(path), str(path), path=Path(path), max_pixels=max_pixels)


def decode(data: bytes | Image.Image, name: str, *, path: Path | None = None, max_pixels: int | None = None) -> Photo:
    """Like `load`, for the bytes `data` (from a pipe, an upload) or of a PIL image; `name` is what error messages call them.

    A PIL image is treated as its file would be: its orientation, profile and transparency count. Its `Photo.sha256` is that of
    the upright RGB or RGBA pixels.
    """
    from PIL import Image

    decoded = _decode(data, name, max_pixels=max_pixels, min_side=MIN_SIDE)
    pixels = decoded.pixels if decoded.pixels.dtype == np.uint8 else to_uint8(decoded.pixels)
    alpha = decoded.alpha
    if alpha is not None and alpha.dtype != np.uint8:
        alpha = to_uint8(alpha)
    if alpha is not None and alpha.min() == 255:
        alpha = None
    icc = decoded.image.info.get("icc_profile") if decoded.image else None
    rgb = to_srgb(Image.fromarray(pixels, None if decoded.space == "RGB" else decoded.space), icc)
    turn = metadata.orientation(decoded.image)
    rgb, alpha = upright(rgb, turn), None if alpha is None else upright(alpha, turn)
    gain_map, notes = read_gain_map(data, turn)
    if not isinstance(data, bytes):
        data = (rgb if alpha is None else np.dstack([rgb, alpha])).tobytes()
    digest = hashlib.sha256(data).hexdigest()
    exif = metadata.read_exif(decoded.image)
    return Photo(rgb, alpha, path, digest, exif, gain_map=gain_map, notes=notes)


def load_mask(
    path: str | Path, size: tuple[int, int], *, of: str = "the photo", max_pixels: int | None = None
) -> FloatArray:
    """The mask in the file `path` as (height, width) float32 in [0, 1] at `size` (height, width).

    White (1) is what counts in the picture that messages call `of`. The file may be any picture with the proportions of
    `size`, at any scale, with 8 or 16 bits. The mask is its luma, without a colour profile; its luma times its alpha where
    it is grey and partly transparent; its alpha alone where it has one colour or is coloured (a cut-out). Pixels
    that are fully black or white stay exactly 0 or 1.

    Raises InputError as `load` does and for other proportions, and MaskError where nothing is marked.
    """
    return decode_mask(read_bytes(path), str(path), size, of=of, max_pixels=max_pixels)


def decode_mask(
    data: bytes | Image.Image, name: str, size: tuple[int, int], *, of: str = "the photo", max_pixels: int | None = None
) -> FloatArray:
    """Like `load_mask`, for the bytes `data` or of a PIL image; `name` is what error messages call them."""
    decoded = _decode(data, name, max_pixels=max_pixels, min_side=1)
    colour, alpha = decoded.pixels, decoded.alpha
    if decoded.space in ("CMYK", "LAB") and decoded.image is not None:
        colour = np.array(decoded.image.convert("RGB")) if decoded.space == "CMYK" else colour[..., 0]
    colour = _unit(colour)
    plain = colour.ndim == 2 or bool((np.ptp(colour, axis=2) < 0.02).all())
    grey = colour if colour.ndim == 2 else luma(colour)
    if alpha is not None and alpha.min() < alpha.max():
        opacity = _unit(alpha)
        mask = opacity if not plain or grey.min() == grey.max() else grey * opacity
    else:
        mask = grey
    mask = upright(mask, metadata.orientation(decoded.image))
    called = "The mask" if name == "the mask" else f"The mask {name}"
    check_proportions(called, mask.shape[:2], of, size)
    mask = resize_mask(mask, size)
    if not mask.any():
        raise MaskError(f"{called} is black everywhere; paint white what shall count of {of}.")
    return mask


def _unit(values: NDArray[np.uint8] | NDArray[np.float32]) -> FloatArray:
    return to_float(np.asarray(values, np.uint8)) if values.dtype == np.uint8 else values.astype(np.float32)
