"""How the person moves, up to the rim and past it.

At a silhouette optical flow mixes two motions, and a matte that is carried along it stays behind at a still background. A matte
belongs to the person: it is carried by the flow inside of them, which is continued outward.
"""

from __future__ import annotations

import cv2
import numpy as np

from portrait_nst.motion import Motion, warp
from portrait_nst.types import FloatArray

REACH = 4  # px within the outline up to which flow is not the person's own: half of a patch of DIS
SCALE = 4  # px of a cell in which flow is continued


def foreground_motion(motion: Motion, alpha: FloatArray) -> FloatArray:
    """The motion of the person, (H, W, 2) float32, as `Motion.back`: their own inside, continued smoothly elsewhere.

    alpha: (H, W), the matte of the frame before.

    It is continued by a pyramid of weighted means (pull), from which empty cells are filled (push): Gortler et al., "The
    Lumigraph" (SIGGRAPH 1996). Weights are the trust in the flow; cells of little weight take most from the coarser level.
    """
    height, width = alpha.shape
    cells = (max(1, width // SCALE), max(1, height // SCALE))
    back, trust, before = (
        np.asarray(cv2.resize(plane, cells, interpolation=cv2.INTER_AREA))
        for plane in (motion.back, motion.trust, alpha)
    )
    inside = (warp(before, back * np.float32(1 / SCALE)) > 0.5).astype(np.uint8)
    kernel = np.ones((2 * REACH // SCALE + 1, 2 * REACH // SCALE + 1), np.uint8)
    weight = trust * cv2.erode(inside, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=1)
    packed = cv2.merge([back[..., 0] * weight, back[..., 1] * weight, weight])
    filled = _filled(packed)
    return np.asarray(
        cv2.resize(cv2.GaussianBlur(filled, (0, 0), 1.0), (width, height), interpolation=cv2.INTER_LINEAR)
    )


def _filled(packed: FloatArray) -> FloatArray:
    """(h, w, 2): the mean of the first two channels, weighted by the third and already multiplied by it, filled where it is 0."""
    height, width = packed.shape[:2]
    mean = packed[..., :2] / np.maximum(packed[..., 2:], np.float32(1e-6))
    if max(height, width) == 1:
        return np.asarray(mean)
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse = _filled(np.asarray(cv2.resize(cv2.GaussianBlur(packed, (5, 5), 1.0), half, interpolation=cv2.INTER_AREA)))
    around = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).reshape(height, width, 2)
    own = np.minimum(4 * packed[..., 2:], 1)  # a cell of which a quarter is known speaks for itself
    return np.asarray(own * mean + (1 - own) * around, np.float32)
