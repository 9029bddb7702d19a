"""Slivers, the bands of in-between tone that quantising a blurred edge leaves, are removed and flooded."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.types import FloatArray


def remove_slivers(
    frame: Frame,
    light: FloatArray,
    tone: NDArray[np.uint8],
    tones: int,
    detail: float = 0.5,
    fixed: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Open every tone with a disc and let what remains grow back over the gradient; (h, w) uint8 tones.

    The disc's radius is 5 px, 3 in the face, 1 at eyes and mouth; above detail 0.5 smaller, down to half.
    Pixels outside the person keep their value, and so do those in `fixed`.
    """
    unit = frame.unit * min(1.0, 1.5 - detail)
    kept = np.zeros(tone.shape, bool) if fixed is None else fixed.copy()
    for t in range(tones):
        layer = ((tone == t) & frame.person).astype(np.uint8)
        coarse, middle, fine = (cv2.morphologyEx(layer, cv2.MORPH_OPEN, _disc(r * unit)) for r in (5, 3, 1))
        kept |= np.where(frame.focus > 0.5, fine, np.where(frame.face > 0.5, middle, coarse)).astype(bool)
    markers = np.where(kept, tone.astype(np.int32) + 2, 0)
    markers[~frame.person] = 1
    if not kept.any():
        return tone
    return _flood(light, markers, frame.person, tone)


def _disc(radius: float) -> NDArray[np.uint8]:
    """A disc of ones, for morphology."""
    r = max(1, round(radius))
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1)), np.uint8)


def _flood(
    light: FloatArray, markers: NDArray[np.int32], person: NDArray[np.bool_], tone: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The watershed of the gradient from `markers`: 1 outside the person, tone + 2, 0 where it is to be flooded."""
    picture = np.repeat((np.clip(light, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)
    flooded = cv2.watershed(picture, markers.copy())
    result = np.where(flooded >= 2, flooded - 2, 255).astype(np.uint8)
    free = person & (result == 255)
    while free.any():
        # The lines between watersheds take the darkest tone beside them: erosion sees the neighbours.
        near = cv2.erode(result, np.ones((3, 3), np.uint8))
        taken = free & (near < 255)
        if not taken.any():
            result[free] = tone[free]
            break
        result[taken] = near[taken]
        free &= ~taken
    result[~person] = tone[~person]
    return result
