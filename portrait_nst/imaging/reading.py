"""Pictures and masks from files: upright, in sRGB, at 8 bits a channel, or as a plane of weights; and their recipes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError, MaskError
from portrait_nst.imaging import metadata
from portrait_nst.imaging.colour.profiles import ink_to_srgb, to_srgb, usable_profile
from portrait_nst.imaging.decoding.decode import decode as _decode
from portrait_nst.imaging.decoding.decoded import Decoded
from portrait_nst.imaging.decoding.opening import open_header
from portrait_nst.imaging.gain_maps.reading import read_gain_map
from portrait_nst.imaging.pixels import check_proportions, luma, resize_mask, to_uint8, upright
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.types import FloatArray, Photo, Samples, UInt8Array

if TYPE_CHECKING:
    from PIL import Image

MIN_SIDE = 16


def load(path: str | Path, *, max_pixels: int | None = None) -> Photo:
    """The picture in the file `path`: JPEG, PNG, WebP, TIFF, BMP, GIF, AVIF or HEIC.

    max_pixels: greatest width times height; by default the environment variable PORTRAIT_NST_MAX_PIXELS,
        or 400 million. It is compared with the file's header before anything is decoded.

    The picture is turned upright, converted to sRGB (perceptual intent) and rounded to 8 bits; `Photo.native` holds the file's
    own samples, upright, where they are in another colour space, grey, or of more bits. Grey, CMYK, LAB, palette, 1 to 16 and
    32 bits and floats are read. An animation or a file of several pages gives its first frame that is not blank.
    `Photo.alpha` is None where no pixel is transparent. `Photo.notes` say what the user should know of it.

    Raises InputError, one line that says what is wrong with the file; ResourceError where memory ends.
    """
    return decode(read_bytes(path), str(path), path=Path(path), max_pixels=max_pixels)


def decode(data: bytes | Image.Image, name: str, *, path: Path | None = None, max_pixels: int | None = None) -> Photo:
    """Like `load`, for the bytes `data` (from a pipe, an upload) or of a PIL image; `name` is what error messages call them.

    A PIL image is treated as its file would be: its orientation, profile and transparency count. Its `Photo.sha256` is that of
    the upright RGB or RGBA pixels.
    """
    decoded = _decode(data, name, max_pixels=max_pixels, min_side=MIN_SIDE)
    alpha = decoded.alpha
    decoded = replace(
        decoded,
        pixels=upright(decoded.pixels, decoded.orientation),
        alpha=None if alpha is None or alpha.min() == _white(decoded) else upright(alpha, decoded.orientation),
    )
    rgb, native, notes = _in_both_spaces(decoded)
    alpha = decoded.alpha
    if alpha is not None and alpha.dtype != np.uint8:
        alpha = to_uint8(_unit(alpha, decoded))
    gain_map, remarks = read_gain_map(data, decoded.orientation)
    if not isinstance(data, bytes):
        data = (rgb if alpha is None else np.dstack([rgb, alpha])).tobytes()
    digest = hashlib.sha256(data).hexdigest()
    return Photo(rgb, alpha, path, digest, decoded.exif, native, gain_map, (*decoded.notes, *notes, *remarks))


def _in_both_spaces(decoded: Decoded) -> tuple[UInt8Array, Samples | None, tuple[str, ...]]:
    """The pixels in sRGB at 8 bits, the file's own samples where they are not the same, and notes."""
    pixels, bits = decoded.pixels, decoded.bits
    if decoded.space in ("CMYK", "LAB"):
        from PIL import Image

        note = f"its colours are {decoded.space}, which are converted to RGB"
        return ink_to_srgb(Image.fromarray(pixels, decoded.space), decoded.icc), None, (note,)
    profile, note = usable_profile(decoded.icc, pixels.shape[2])
    notes = (note,) if note else ()
    if bits == 32:
        if profile is None:
            return np.repeat(to_uint8(pixels), 3 // pixels.shape[2], axis=2), None, notes
        return to_srgb(np.rint(pixels * np.float32(65535)).astype(np.uint16), 16, profile), None, notes
    rgb = to_srgb(pixels, bits, profile)
    if bits == 8 and profile is None and pixels.shape[2] == 3:
        return rgb, None, notes
    return rgb, Samples(pixels, bits, profile, decoded.alpha), notes


def _white(decoded: Decoded) -> int:
    """The number that stands for white, or for opaque."""
    return 1 if decoded.bits == 32 else 2**decoded.bits - 1


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
    if decoded.space in ("CMYK", "LAB"):
        from PIL import Image

        ink = decoded.space == "CMYK"
        colour = np.array(Image.fromarray(colour, "CMYK").convert("RGB")) if ink else colour[..., :1]
    colour = _unit(colour, decoded)
    colour = colour[..., 0] if colour.shape[2] == 1 else colour
    plain = colour.ndim == 2 or bool((np.ptp(colour, axis=2) < 0.02).all())
    grey = colour if colour.ndim == 2 else luma(colour)
    if alpha is not None and alpha.min() < alpha.max():
        opacity = _unit(alpha, decoded)
        mask = opacity if not plain or grey.min() == grey.max() else grey * opacity
    else:
        mask = grey
    mask = upright(mask, decoded.orientation)
    called = "The mask" if name == "the mask" else f"The mask {name}"
    check_proportions(called, mask.shape[:2], of, size)
    mask = resize_mask(mask, size)
    if not mask.any():
        raise MaskError(f"{called} is black everywhere; paint white what shall count of {of}.")
    return mask


def read_recipe(path: str | Path | bytes) -> dict[str, Any]:
    """The recipe that `save` wrote into the picture `path`, a file or the bytes of one.

    Raises InputError where the file is no picture, or holds no recipe.
    """
    data, name = (path, "The picture") if isinstance(path, bytes) else (read_bytes(path), str(path))
    recipe = metadata.recipe_of(open_header(data, name))
    if recipe is None:
        raise InputError(
            f"{name} holds no recipe: it was not written by portrait-nst, or with --no-recipe, or a program has removed its "
            "metadata. Use the file as portrait-nst wrote it."
        )
    return recipe


def _unit(values: NDArray[Any], decoded: Decoded) -> FloatArray:
    return np.asarray(values.astype(np.float32) / np.float32(_white(decoded)))
