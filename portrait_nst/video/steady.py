"""Frames blended along time: what trembles from frame to frame settles, what moves stays sharp, what changes is followed at once.

    out = painted + keep (warped - painted),    keep = (1 - GAIN) trust (1 - change)

with the frame before carried along the motion. `trust` is the motion's; `change` is how far the film itself differs from its
frame before, carried along too: an eye that closes, light that falls on a cheek. So no ghost stays of what is not there any more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portrait_nst.motion.carry import warp
from portrait_nst.motion.motion import Motion
from portrait_nst.motion.resize import scaled
from portrait_nst.types import FloatArray, UInt8Array

GAIN = 0.25  # the part of the new painting in each frame: independent trembling falls to sqrt(GAIN / (2 - GAIN)) = 0.38
CHANGED = (
    4.0,
    12.0,
)  # levels of 255 by which a place of the film differs: up to the first all is kept, from the second nothing
AROUND = 3  # pixels at half the size, a square's side over which that is averaged: noise of 2 levels leaves 0.5


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


def steadied(
    painted: FloatArray, seen: UInt8Array, alpha: FloatArray, motion: Motion | None, before: Steady | None
) -> Steady:
    """`painted` (h, w, 3; [0, 1]) in agreement with the frame `before`, from which `motion` leads; as it is without one.

    seen:  (h, w, 3), the film's own frame; alpha: (h, w) in [0, 1], over 0 where it is painted.
    """
    import cv2

    painted_at = (alpha > 0).astype(np.uint8)
    there = painted_at.astype(np.float32)
    if motion is None or before is None:
        return Steady(painted, seen, there)
    left, top, width, height = cv2.boundingRect(painted_at)
    box = slice(top, top + height), slice(left, left + width)
    out, here = painted.copy(), painted[box]
    if here.size:
        settled = warp(before.picture, motion.back, sharp=True, box=box)
        settled -= here
        settled *= kept(seen, motion, before)[box][..., None]
        settled += here
        np.clip(settled, 0, 1, out=out[box])
    return Steady(out, seen, there)


def kept(seen: UInt8Array, motion: Motion, before: Steady) -> FloatArray:
    """(h, w) in [0, 1 - GAIN]: how much of the frame `before` stays. It is found at half the size."""
    import cv2

    height, width = motion.size
    half = (max(1, width // 2), max(1, height // 2))
    small = scaled(motion, half[::-1])
    was, now, there = (
        np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_AREA)) for plane in (before.seen, seen, before.there)
    )
    was, there = warp(was, small.back), warp(there, small.back)
    difference = cv2.absdiff(
        cv2.blur(now.astype(np.float32), (AROUND, AROUND)), cv2.blur(was.astype(np.float32), (AROUND, AROUND))
    )
    red, green, blue = cv2.split(difference)
    away = cv2.max(cv2.max(red, green), blue)
    least, most = CHANGED
    same = np.clip((most - away) * np.float32(1 / (most - least)), 0, 1)
    keep = same * there * small.trust * np.float32(1 - GAIN)
    return np.asarray(cv2.resize(keep, (width, height), interpolation=cv2.INTER_LINEAR))
