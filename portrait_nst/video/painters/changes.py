"""What of a carried painting still holds in a frame, and what must be painted anew."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import FloatArray

NOISE = 1.5  # px: deviation of the Gaussian under which a frame is compared with what was carried; noise is not seen through it
SAME, OTHER = 6 / 255, 16 / 255  # difference up to which a place is the same, and from which it is another
MOST_STRETCH = 1.5  # times that strokes may be stretched
SHADE = 4.0  # px: deviation of the Gaussian under which light that changed is passed on to the painting
RIM = 5  # px around what is new that are painted with it, so that it joins
FADE = 1.5  # px: deviation of the Gaussian by which it fades into the rest
NEW = 0.02  # of the fade, from which on a pixel counts as painted anew


@dataclass(frozen=True, eq=False)
class Changes:
    """agree: (h, w) in [0, 1], how far a pixel is what it was; work: (h, w) in [0, 1], where must be painted; light: (h, w, 3), by
    how much it became lighter where it agrees.
    """

    agree: FloatArray
    work: FloatArray
    light: FloatArray

    @property
    def new(self) -> NDArray[np.bool_]:
        """(h, w): the pixels that are painted anew."""
        return np.asarray(self.work > NEW)


def changes(now: FloatArray, carried: FloatArray, held: FloatArray, stretch: FloatArray, mask: FloatArray) -> Changes:
    """What changed under `mask` (h, w) from the picture `carried` to `now`, both (h, w, 3) in [0, 1].

    held: (h, w) in [0, 1], the trust in the motion where something was painted, else 0; stretch: (h, w), that of the strokes.
    """
    apart = now - carried
    distance = np.sqrt((cv2.GaussianBlur(apart, (0, 0), NOISE) ** 2).mean(-1))
    agree = np.asarray(held * np.clip((OTHER - distance) / (OTHER - SAME), 0, 1), np.float32)
    new = ((agree < 0.5) | (stretch > MOST_STRETCH)) & (mask > 0)
    wide = cv2.dilate(new.astype(np.float32), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1,) * 2))
    work = np.where(mask > 0, np.clip(cv2.GaussianBlur(wide, (0, 0), FADE), 0, 1), 0).astype(np.float32)
    share = np.maximum(cv2.GaussianBlur(agree, (0, 0), SHADE), 0.05)
    light = cv2.GaussianBlur(apart * agree[..., None], (0, 0), SHADE) * (agree / share)[..., None]
    return Changes(agree, work, np.asarray(light, np.float32))
