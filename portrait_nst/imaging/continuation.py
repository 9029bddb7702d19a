"""A picture continued past its visible part, so that no trace of the hidden part is left.

Pull and push (Gortler, Grzeszczuk, Szeliski & Cohen, The Lumigraph, SIGGRAPH 1996): the visible pixels are averaged, level by
level, down to a single one; on the way back each level fills its unknown pixels from the coarser one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import FloatArray, UInt8Array


def continue_past(rgb: UInt8Array, visible: NDArray[np.bool_]) -> UInt8Array:
    """`rgb` (H, W, 3) uint8 with its hidden pixels replaced by a smooth continuation of the `visible` ones (H, W) bool.

    Visible pixels keep their bytes, and nothing depends on the others. Raises ValueError where nothing is visible.
    """
    import cv2

    if visible.shape != rgb.shape[:2] or not visible.any():
        raise ValueError(
            f"visible must be {rgb.shape[:2]} and true somewhere, not {visible.shape}, {visible.sum()} true"
        )
    if visible.all():
        return rgb
    weight = visible.astype(np.float32)
    levels = [_halved(rgb * weight[..., None], weight)]
    while max(levels[-1][1].shape) > 1:
        levels.append(_halved(*levels[-1]))
    colour, weight = levels.pop()
    found: FloatArray = (colour / weight).reshape(1, 1, 3)
    while levels:
        colour, weight = levels.pop()
        coarse = np.asarray(cv2.resize(found, weight.shape[::-1], interpolation=cv2.INTER_LINEAR)).reshape(colour.shape)
        found = colour + (1 - weight)[..., None] * coarse
    rounded = np.rint(found).clip(0, 255).astype(np.uint8)  # floats would take a gigabyte for a large picture
    full = np.asarray(cv2.resize(rounded, visible.shape[::-1], interpolation=cv2.INTER_LINEAR))
    full[visible] = rgb[visible]
    return full


def _halved(colour: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`colour` (h, w, 3), multiplied by its `weight` (h, w), and `weight`, averaged to half the size; a side of 1 stays."""
    import cv2

    height, width = weight.shape
    size = (width + 1) // 2, (height + 1) // 2
    halves = (cv2.resize(array, size, interpolation=cv2.INTER_AREA) for array in (colour, weight))
    smaller, lighter = (np.asarray(half, np.float32) for half in halves)
    return smaller.reshape(size[1], size[0], 3), lighter.reshape(size[1], size[0])
