"""TIFF by tifffile, as its tags say, whole or not at all: grey, RGB and CMYK of every depth and layout.

Pillow keeps the rest: palettes, single bits, LAB, and the compressions of facsimile and JPEG. It would leave black what an
uncompressed file lacks, and hands most compressed ones to libtiff, which writes what it thinks of them to standard error.
"""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError
from portrait_nst.imaging.colour.depth import scaled
from portrait_nst.imaging.decoding.decoded import FLOATS, CheckSize, Decoded, unit_range

if TYPE_CHECKING:
    from PIL import Image
    from tifffile import TiffPage

_BITS, _COMPRESSION, _PHOTOMETRIC, _FORMAT, _ORIENTATION, _ICC = 258, 259, 262, 339, 274, 34675
_COMPRESSIONS = {1, 5, 8, 32946, 32773, 34925, 50000}  # none, LZW, deflate (two numbers), PackBits, LZMA, Zstandard
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _SEPARATED = 0, 1, 2, 5
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _SEPARATED: 4}
_PLANAR = (1, 2)  # samples pixel by pixel, or plane by plane
_UNASSOCIATED, _ASSOCIATED = 2, 1  # kinds of alpha; every other extra sample is no alpha
_MOST_SAMPLES = 16  # of a pixel; more would take memory that the limit of pixels does not know of
_LEAST_SEGMENT = 1 << 24  # samples in a tile that are always allowed, however small the picture


def needs_tifffile(image: Image.Image) -> bool:
    """Whether the page of a TIFF at which Pillow's `image` stands is one that Pillow does not read well."""
    tags: Any = getattr(image, "tag_v2", {})
    bits = np.atleast_1d(tags.get(_BITS, 1))
    if bits.max() > 8 or np.max(tags.get(_FORMAT, 1)) > 1:
        return True
    usual = bool((bits == 8).all()) and tags.get(_PHOTOMETRIC) in _COLOURS
    return usual and tags.get(_COMPRESSION, 1) in _COMPRESSIONS


def read_tiff(data: bytes, page_number: int, name: str, check_size: CheckSize) -> Decoded:
    """The page `page_number`, from 0, of the TIFF file `data`.

    Raises InputError for a layout that is not read, and what tifffile and imagecodecs raise on damaged data.
    """
    from tifffile import TiffFile, TiffPage

    with TiffFile(io.BytesIO(data)) as file:
        page = file.pages[page_number]
        if not isinstance(page, TiffPage):
            raise _unknown(name)
        check_size(page.imagewidth, page.imagelength)
        _check(page, name, len(data))
        samples = page.asarray().reshape(page.shaped)[:, 0]
        pixels = np.moveaxis(samples, 0, 2).reshape(*samples.shape[1:3], -1)
        turn, icc = page.tags.get(_ORIENTATION), page.tags.get(_ICC)
        orientation = turn.value if turn is not None and turn.value in range(1, 9) else 1
        return _decoded(pixels, page, name, int(orientation), None if icc is None else bytes(icc.value))


def _unknown(name: str) -> InputError:
    return InputError(f"{name} is a TIFF of a kind that cannot be read; save it with 8 or 16 bits a channel.")


def _check(page: TiffPage, name: str, length: int) -> None:
    """Refuse what is not read, what lacks parts, and parts that would take more memory than the picture."""
    samples, colours = page.samplesperpixel, _COLOURS.get(int(page.photometric))
    if colours is None or not colours <= samples <= _MOST_SAMPLES or page.imagedepth != 1 or page.dtype is None:
        raise _unknown(name)
    if page.is_tiled and page.tilewidth * page.tilelength * samples > max(_LEAST_SEGMENT, 4 * page.size):
        raise _unknown(name)
    if int(page.planarconfig) not in _PLANAR:
        raise _unknown(name)
    ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False)]
    whole = (page.is_contiguous or len(ends) == math.prod(page.chunked)) and 0 not in page.databytecounts
    # tifffile leaves as it finds it, uninitialised, what no part of the file fills.
    filled = page.is_contiguous or math.prod(page.chunks) * len(ends) >= page.size
    if not whole or not filled or max(ends) > length:
        raise InputError(f"{name} is incomplete: its pixels lie beyond the file's end; get a whole copy of it.")


def _decoded(pixels: NDArray[Any], page: TiffPage, name: str, orientation: int, icc: bytes | None) -> Decoded:
    colours = _COLOURS[int(page.photometric)]
    bits = page.bitspersample
    notes: tuple[str, ...] = ()
    if not isinstance(bits, int) or pixels.dtype.kind not in "uif":
        raise _unknown(name)
    if pixels.dtype.kind != "u" or bits > 16:
        values = unit_range(pixels[..., :colours], name)
        extra = np.clip(np.nan_to_num(pixels[..., colours:].astype(np.float32)), 0, 1)
        pixels, bits, white = np.concatenate([values, extra], axis=2), 32, 1
        notes = (FLOATS,)
    else:
        most = 2**bits - 1
        if bits not in (8, 10, 12, 16):  # odd depths are carried at the next one that files are written with
            deep, full = (8, 255) if bits < 8 else (16, 65535)
            pixels, bits, most = scaled(pixels, bits, deep), deep, full
        white = most
    alpha = None
    kinds = [int(kind) for kind in page.extrasamples]
    if not kinds and pixels.shape[2] == colours + 1:
        kinds = [_UNASSOCIATED]  # the tag is missing: programs that leave it out mean alpha; Pillow sees it so too
    for place, kind in enumerate(kinds[: pixels.shape[2] - colours]):
        if kind in (_ASSOCIATED, _UNASSOCIATED):
            alpha = np.ascontiguousarray(pixels[..., colours + place])
            break
    values = np.ascontiguousarray(pixels[..., :colours])
    if page.photometric == _WHITE_IS_ZERO:
        values = white - values
    if alpha is not None and kind == _ASSOCIATED:
        values = _divided(values, alpha, white)
    if colours == 4:
        if bits == 32:
            raise _unknown(name)
        return Decoded(
            scaled(values, bits, 8), "CMYK", 8, None if alpha is None else scaled(alpha, bits, 8), icc, orientation
        )
    return Decoded(values, "L" if colours == 1 else "RGB", bits, alpha, icc, orientation, notes=notes)


def _divided(values: NDArray[Any], alpha: NDArray[Any], white: int) -> NDArray[Any]:
    """Colours that were multiplied by their alpha, as they were before; black where alpha is 0."""
    share = np.maximum(alpha, 1 if alpha.dtype.kind == "u" else np.float32(1e-6)).astype(np.float32)[..., None]
    undone = np.clip(values.astype(np.float32) * np.float32(white) / share, 0, white)
    undone[alpha == 0] = 0
    return np.asarray(np.rint(undone) if values.dtype.kind == "u" else undone, values.dtype)
