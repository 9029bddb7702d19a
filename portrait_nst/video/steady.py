"""Frames blended along time: what trembles from frame to frame settles, what moves stays sharp, what changes is followed at once.

    out = painted + keep (warped - painted),    keep = (1 - GAIN) trust (1 - change)

with the frame before carried along the motion. `trust` is the motion's; `change` is how far the film itself differs from its
frame before, carried along too: an eye that closes, light that falls on a cheek. So no ghost stays of what is not there any more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portrait_nst.motion.motion import Motion
from portrait_nst.motion.carry import warp
from portrait_nst.types import FloatArray, UInt8Array

GAIN = 0.3  # the part of the new painting in each frame: independent trembling falls to sqrt(GAIN / (2 - GAIN)) = 0.42
CHANGED = (4.0, 12.0)  # levels of 255 by which a place of the film differs: up to the first all is kept, from the second nothing
AROUND = 5  # pixels, a square's side over which that is averaged: noise of 2 levels leaves 0.6


@dataclass(frozen=True, eq=False)
class Steady:
    """A frame as it was shown, for the next one.

    picture: (h, w, 3) float32 in [0, 1].
    seen:    (h, w, 3) uint8, the film's own frame.
    there:   (h, w) float32, 1 where `picture` is painted and 0 elsewhere.
    """

    picture: FloatArray
    seen: UInt8Array
    there: FloatArray


def steadied(painted: FloatArray, seen: UInt8Array, alpha: FloatArray, motion: Motion | None, before: Steady | None) -> Steady:
    """`painted` (h, w, 3; [0, 1]) in agreement with the frame `before`, from which `motion` leads; as it is without one.

    seen:  (h, w, 3), the film's own frame; alpha: (h, w) in [0, 1], over 0 where it is painted.
    """
    there = (alpha > 0).astype(np.float32)
    if motion is None or before is None:
        return Steady(painted, seen, there)
    keep = kept(seen, motion, before)
    warped = warp(before.picture, motion.back, sharp=True)
    warped -= painted
    warped *= keep[..., None]
    warped += painted
    return Steady(np.clip(warped, 0, 1, out=warped), seen, there)


def kept(seen: UInt8Array, motion: Motion, before: Steady) -> FloatArray:
    """(h, w) in [0, 1 - GAIN]: how much of the frame `before` stays."""
    import cv2

    was, there = warp(before.seen, motion.back), warp(before.there, motion.back)
    away = np.abs(cv2.blur(np.subtract(seen, was, dtype=np.float32), (AROUND, AROUND))).max(2)
    least, most = CHANGED
    same = np.clip((most - away) * np.float32(1 / (most - least)), 0, 1)
    return np.asarray(same * there * motion.trust * np.float32(1 - GAIN), np.float32)
