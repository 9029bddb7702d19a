"""Luma, the lightness of a coloured pixel as television has it: Y' = 0.299 R' + 0.587 G' + 0.114 B' (ITU-R BT.601)."""

from __future__ import annotations

import numpy as np

from portrait_nst.types import FloatArray

LUMA = (0.299, 0.587, 0.114)  # the weights of red, green and blue in sRGB values; they add up to 1


def luma(rgb: FloatArray) -> FloatArray:
    """The luma (H, W) of `rgb` (H, W, 3) float32, in the same range.

    Written so that a pixel with three equal channels gives exactly their value, which a plain weighted sum does not.
    """
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    return np.asarray(green + np.float32(LUMA[0]) * (red - green) + np.float32(LUMA[2]) * (blue - green))
