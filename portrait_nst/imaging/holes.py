"""Holes of a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
