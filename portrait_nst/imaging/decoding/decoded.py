"""What every decoder hands back: a file's samples as they stand in it, and what the file says about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError

CheckSize = Callable[[int, int], None]
"""Raises InputError where a picture of this width and height is not read; called before anything is decoded."""

FLOATS = "it holds floats or 32-bit numbers, which are read as 8 bits a channel"


@dataclass(frozen=True, eq=False)
class Decoded:
    """The contents of a file, before orientation and colour profile are applied.

    pixels: (H, W, C): uint8 for 8 bits a channel, uint16 codes from 0 to 2**bits - 1 for more, float32 [0, 1] for floats and
            32-bit integers; C is 1 for "L", 3 for "RGB" and "LAB", 4 for "CMYK".
    space:  "L", "RGB", "LAB" or "CMYK".
    bits:   of a channel: 8, 10, 12 or 16; 32 for float32.
    alpha:  (H, W) with the number format of `pixels`, or None.
    icc:    the ICC profile of the pixels, as the file gives it or made of what else it says on colours; None for sRGB.
    orientation: as EXIF has it, 1 to 8, where the pixels are still to be turned.
    exif:   the EXIF block to keep, or None.
    notes:  remarks for the user.
    """

    pixels: NDArray[Any]
    space: str
    bits: int = 8
    alpha: NDArray[Any] | None = None
    icc: bytes | None = None
    orientation: int = 1
    exif: bytes | None = None
    notes: tuple[str, ...] = ()


def split_alpha(samples: NDArray[Any]) -> tuple[NDArray[Any], str, NDArray[Any] | None]:
    """Colours (H, W, 1 or 3), their space, and alpha, of samples (H, W) or (H, W, 1 to 4)."""
    if samples.ndim == 2:
        samples = samples[..., None]
    channels = samples.shape[2]
    alpha = np.ascontiguousarray(samples[..., -1]) if channels in (2, 4) else None
    colours = np.ascontiguousarray(samples[..., : 1 if channels < 3 else 3])
    return colours, "L" if channels < 3 else "RGB", alpha


def is_blank(decoded: Decoded) -> bool:
    """Whether a picture shows nothing: it is fully transparent, or of one colour everywhere."""
    if decoded.alpha is not None and not decoded.alpha.any():
        return True
    pixels, first = decoded.pixels, decoded.pixels[0, 0]
    return bool((pixels[0] == first).all()) and bool((pixels == first).all())


def unit_range(values: NDArray[Any], name: str) -> NDArray[np.float32]:
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
