"""Take away the bands of in-between tone that quantising a blurred edge leaves, and flood what is freed."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.framing import Canvas
from portrait_nst.types import FloatArray


def remove_slivers(
    canvas: Canvas, light: FloatArray, tone: NDArray[np.uint8], tones: int, detail: float = 0.5
) -> NDArray[np.uint8]:
    """Open every tone with a disc and let the remains grow back over the gradient; (h, w) uint8 tones.

    The disc's radius is 5 px, 3 in the face, 1 at eyes and mouth; above detail 0.5 smaller, down to half.
    Pixels outside the person keep their value.
    """
    unit = canvas.unit * min(1.0, 1.5 - detail)
    kept = np.zeros(tone.shape, bool)
    for t in range(tones):
        layer = ((tone == t) & canvas.person).astype(np.uint8)
        coarse, middle, fine = (cv2.morphologyEx(layer, cv2.MORPH_OPEN, _disc(r * unit)) for r in (5, 3, 1))
        kept |= np.where(canvas.focus > 0.5, fine, np.where(canvas.face > 0.5, middle, coarse)).astype(bool)
    markers = np.where(kept, tone.astype(np.int32) + 2, 0)
    markers[~canvas.person] = 1
    if not kept.any():
        return tone
    return _flood(light, markers, canvas.person, tone)


def _disc(radius: float) -> NDArray[np.uint8]:
    r = max(1, round(radius))
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1)), np.uint8)


def _flood(
    light: FloatArray, markers: NDArray[np.int32], person: NDArray[np.bool_], tone: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Watershed of the gradient from `markers` (1 outside, tone + 2, 0 free); its own lines are filled afterwards."""
    picture = np.repeat((np.clip(light, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)
    flooded = cv2.watershed(picture, markers.copy())
    result = np.where(flooded >= 2, flooded - 2, 255).astype(np.uint8)
    free = person & (result == 255)
    while free.any():
        # A free pixel takes the nearest tone beside it, by lightness rank: erosion and dilation see the neighbours.
        near = cv2.erode(result, np.ones((3, 3), np.uint8))
        taken = free & (near < 255)
        if not taken.any():
            result[free] = tone[free]
            break
        result[taken] = near[taken]
        free &= ~taken
    result[~person] = tone[~person]
    return result
