"""Motions at another size, and one after the other."""

from __future__ import annotations

import cv2
import numpy as np

from portrait_nst.motion.carry import warp
from portrait_nst.motion.motion import Motion


def scaled(motion: Motion, size: tuple[int, int]) -> Motion:
    """The motion of the same frames at another size (height, width)."""
    if motion.size == size:
        return motion
    height, width = motion.size
    smaller = size[0] < height
    how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    back = cv2.resize(motion.back, size[::-1], interpolation=how)
    back = back * np.array([size[1] / width, size[0] / height], np.float32)
    return Motion(back, cv2.resize(motion.trust, size[::-1], interpolation=how))


def compose(first: Motion, second: Motion) -> Motion:
    """From the frame before the last to this one: `first` leads from the frame before the last to the last, `second` on to this.

    It is trusted where both are.
    """
    if first.size != second.size:
        raise ValueError(f"motions of one size follow each other, not of {first.size} and {second.size}")
    return Motion(second.back + warp(first.back, second.back), second.trust * warp(first.trust, second.back))
