"""Small helpers on arrays of pixels: number formats, sizes, greyness, luma, and the holes of a mask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError
from portrait_nst.types import FloatArray, UInt8Array

_BAND = 1 << 20  # pixels of a part that is computed at once

_Number = TypeVar("_Number", bound=np.generic)
LUMA = (0.299, 0.587, 0.114)
"""The weights of red, green and blue, sRGB values, in luma, which is lightness as television has it (ITU-R BT.601)."""


def to_float(pixels: UInt8Array) -> FloatArray:
    """uint8 [0, 255] of any shape as float32 [0, 1]; 0 and 255 become exactly 0 and 1."""
    return np.asarray(pixels.astype(np.float32) / np.float32(255))


def to_uint8(values: NDArray[np.floating[Any]]) -> UInt8Array:
    """Floats [0, 1] of any shape as uint8 [0, 255], rounded; values outside are clipped, NaN becomes 0."""
    scaled = np.asarray(values * 255)
    np.fmax(scaled, 0, out=scaled)  # of a number and NaN the number
    np.fmin(scaled, 255, out=scaled)
    return np.rint(scaled, out=scaled).astype(np.uint8)


def upright(pixels: NDArray[_Number], orientation: int) -> NDArray[_Number]:
    """`pixels` (H, W[, C]) turned and mirrored as the EXIF orientation 1 to 8 says."""
    if orientation >= 5:
        pixels = np.swapaxes(pixels, 0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def size_within(size: tuple[int, int], longest: float) -> tuple[int, int]:
    """`size` (height, width) scaled down where its longer side is greater than `longest` pixels; no side below 1."""
    factor = min(1.0, longest / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def resize(rgb: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    """`rgb` (H, W, 3) or (H, W) uint8 at `size` (height, width): area average down, Lanczos up, per axis.

    Computed on sRGB values. Raises ValueError on a size below 1.
    """
    import cv2

    if rgb.shape[:2] == tuple(size):
        return rgb.copy()
    resized = _resize(np.ascontiguousarray(rgb), size, cv2.INTER_LANCZOS4)
    return np.asarray(resized, np.uint8)


def resize_mask(mask: FloatArray, size: tuple[int, int]) -> FloatArray:
    """`mask` (H, W) float32 [0, 1] at `size` (height, width): area average down, cubic up, clipped, per axis.

    Where all pixels that a new one is made of are 0, or 1, so is the new one, exactly.
    """
    import cv2

    if mask.shape == tuple(size):
        return mask.copy()
    resized = np.clip(np.asarray(_resize(mask, size, cv2.INTER_CUBIC), np.float32), 0, 1)
    # The weights of a float32 average add up to 1 only within rounding; a 16-bit step is 1.5e-5.
    resized[resized > 1 - 4e-6] = 1
    resized[resized < 4e-6] = 0
    return resized


def _resize(pixels: NDArray[Any], size: tuple[int, int], up: int) -> NDArray[Any]:
    import cv2

    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"size must be (height, width) >= 1, not {size}")
    # cv2's area average is a true one only where both axes shrink: first the axes that shrink, then those that grow.
    down = (min(width, pixels.shape[1]), min(height, pixels.shape[0]))
    if down != pixels.shape[1::-1]:
        pixels = cv2.resize(pixels, down, interpolation=cv2.INTER_AREA)
    if down != (width, height):
        pixels = cv2.resize(pixels, (width, height), interpolation=up)
    return np.asarray(pixels)


def is_grey(rgb: UInt8Array, where: NDArray[np.bool_] | None = None) -> bool:
    """Whether the channels of `rgb` (H, W, 3) differ by no more than a level at each pixel, or at those of `where` (H, W).

    A grey picture may have gained one level when it was saved with three channels, for example as a JPEG.
    """
    for rows in bands(*rgb.shape[:2]):
        red, green, blue = np.moveaxis(rgb[rows], 2, 0)
        greatest, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
        coloured = greatest - least > 1
        if (coloured if where is None else coloured & where[rows]).any():
            return False
    return True


def as_grey(rgb: UInt8Array) -> UInt8Array:
    """`rgb` (H, W, 3) with three equal channels, its green one: for pictures that are grey to within a level."""
    return np.repeat(rgb[..., 1:2], 3, axis=2)


def check_proportions(what: str, size: tuple[int, int], of: str, whole: tuple[int, int]) -> None:
    """Raise InputError where a map of `size` (height, width) has other proportions than the picture of size `whole`.

    what, of: the names of the map and of the picture in the message, such as "The mask m.png" and "the photo".

    The proportions may differ by the rounding of either side to whole pixels, or by a fiftieth.
    """
    (height, width), (full_height, full_width) = size, whole
    wide, high = width / full_width, height / full_height
    if abs(wide - high) > max(1.5 / full_width, 1.5 / full_height, 0.02 * max(wide, high)):
        raise InputError(
            f"{what} is {width}x{height}, {of} {full_width}x{full_height}: expected the same proportions. "
            f"Make it from {of} as it is shown upright, at any scale."
        )


def luma(rgb: FloatArray) -> FloatArray:
    """The luma Y' = 0.299 R' + 0.587 G' + 0.114 B' (H, W) of `rgb` (H, W, 3) float32, in the same range.

    A pixel with three equal channels gives exactly their value, which it would not with a plain weighted sum.
    """
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return np.asarray(green + np.float32(LUMA[0]) * (red - green) + np.float32(LUMA[2]) * (blue - green))


def fill_holes(mask: NDArray[np.bool_], largest: float, *, at_border: bool = False) -> NDArray[np.bool_]:
    """`mask` (H, W) with its holes of at most `largest` pixels filled.

    A hole is a 4-connected part of the pixels that are false. One that touches the picture's border is left open unless
    `at_border` is set.
    """
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=4)
    filled = stats[:, cv2.CC_STAT_AREA] <= largest
    if not at_border:
        height, width = mask.shape
        left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
        right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
        filled &= (left > 0) & (top > 0) & (right < width) & (bottom < height)
    filled[0] = False  # the first label is the mask itself
    return np.asarray(mask | filled[labels]) if count > 1 else mask


def bands(height: int, width: int) -> Iterator[slice]:
    """The rows of a picture in parts of about a million pixels, for what is computed a part at a time to bound the memory."""
    step = max(1, _BAND // max(1, width))
    return (slice(top, top + step) for top in range(0, height, step))
