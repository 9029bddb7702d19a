"""Lightness as a painter reads it: red lips count as darker than skin of the same lightness."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from portrait_nst import faces
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.partition.face_maps import filled
from portrait_nst.types import Face, FloatArray, UInt8Array

_REDNESS = 1.0
"""How much darker lips count for each unit of OKLab's a that they are redder than the skin: red reads as dark."""


def with_red_lips(light: FloatArray, rgb: UInt8Array, found: Sequence[Face]) -> FloatArray:
    """Lightness (h, w) in which lips are darker by as much as they are redder than the skin around them.

    rgb: (h, w, 3) uint8 sRGB.
    """
    result = light.copy()
    height, width = light.shape
    for face in found:
        lips = filled((width, height), faces.contour(face, "lips"))
        away = cv2.distanceTransform((lips < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / faces.eye_distance(face)
        around = (away > 0.05) & (away < 0.2)
        if not around.any():
            continue
        y0, y1, x0, x1 = *np.flatnonzero(around.any(axis=1))[[0, -1]], *np.flatnonzero(around.any(axis=0))[[0, -1]]
        part = slice(y0, y1 + 1), slice(x0, x1 + 1)
        red = cv2.GaussianBlur(oklab.to_oklab(rgb[part])[..., 1].astype(np.float32), (0, 0), 1.0)
        more = np.maximum(red - np.median(red[around[part]]), 0) * np.clip(1 - away[part] / 0.05, 0, 1)
        result[part] -= _REDNESS * more.astype(np.float32)
    return result
