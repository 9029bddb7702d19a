"""The number of bits of a channel: samples in other codes, and with as many as a format can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging.pixels import bands
from portrait_nst.types import Samples

Codes = NDArray[np.uint8] | NDArray[np.uint16]


def with_bits(samples: Samples, bits: int) -> Samples:
    """`samples` with `bits` a channel: each code times the new white over the old one, rounded.

    More bits lose nothing: the way back gives the old codes.
    """
    if bits == samples.bits:
        return samples
    alpha = None if samples.alpha is None else scaled(samples.alpha, samples.bits, bits)
    return replace(samples, values=scaled(samples.values, samples.bits, bits), bits=bits, alpha=alpha)


def as_codes(values: NDArray[Any], bits: int) -> Codes:
    """Whole numbers of any type from 0 to 2**bits - 1 in the type of codes of `bits`."""
    return values.astype(np.uint8) if bits == 8 else values.astype(np.uint16)


def scaled(codes: NDArray[Any], old: int, new: int) -> Codes:
    """Codes (H, W) or (H, W, C) of `old` bits, 1 to 16, with `new` bits, rounded exactly."""
    result = as_codes(np.empty(codes.shape, np.uint8), new)
    white, before = 2**new - 1, 2**old - 1
    for rows in bands(*codes.shape[:2]):  # integers: a half is never met, since both whites are odd; 32 bits hold them
        result[rows] = (codes[rows].astype(np.uint32) * np.uint32(white) + np.uint32(before // 2)) // np.uint32(before)
    return result
