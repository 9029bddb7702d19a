"""Soft maps of the faces in a frame, where segments are to be finer."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from portrait_nst import faces
from portrait_nst.types import Face, FloatArray

_FADE = 0.35
"""How far beyond its outline a face fades, in distances between the eyes."""
_FINE = {"right eye": 0.1, "left eye": 0.1, "lips": 0.07, "right brow": 0.03, "left brow": 0.03}
"""How far around each part segments are as fine as in it, in distances between the eyes; as far again it fades."""


def face_maps(size: tuple[int, int], found: Sequence[Face]) -> tuple[FloatArray, FloatArray]:
    """Soft maps (h, w) in [0, 1] of the faces, and of their eyes, brows and mouths; zeros without a face.

    size:  (width, height) of the maps.
    found: faces with at least four keypoints, in pixels of the maps.
    """
    whole, fine = np.zeros(size[::-1], np.float32), np.zeros(size[::-1], np.float32)
    for face in found:
        eyes = faces.eye_distance(face)
        _grow(whole, faces.contour(face, "outline"), 0.0, _FADE * eyes)
        for part, margin in _FINE.items():
            _grow(fine, faces.contour(face, part), margin * eyes, margin * eyes)
    return whole, fine


def filled(size: tuple[int, int], points: FloatArray) -> FloatArray:
    """A mask (h, w) that is 1 inside a closed outline, (n, 2), and on it."""
    mask = np.zeros(size[::-1], np.float32)
    cv2.fillPoly(mask, [np.rint(points * 16 - 8).astype(np.int32)], 1.0, cv2.LINE_8, 4)
    return mask


def _grow(into: FloatArray, outline: FloatArray, margin: float, fade: float) -> None:
    """Raise a map in place: to 1 inside an outline and within `margin` pixels of it, falling to 0 over `fade` more."""
    height, width = into.shape
    reach = margin + fade + 2
    x0, y0 = np.maximum(np.floor(outline.min(axis=0) - reach), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(outline.max(axis=0) + reach), (width, height)).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    outside = 1 - filled((x1 - x0, y1 - y0), outline - np.array([x0, y0], np.float32))
    away = cv2.distanceTransform(outside.astype(np.uint8), cv2.DIST_L2, 5)
    part = into[y0:y1, x0:x1]
    np.maximum(part, np.clip((margin + fade - away) / max(fade, 1e-6), 0, 1), out=part)
