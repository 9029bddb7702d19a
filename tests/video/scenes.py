"""Short clips made of one photo, whose motion is known exactly."""

from __future__ import annotations

from typing import cast

import numpy as np

from portrait_nst.clips.frame import Frame
from portrait_nst.motion import Motion
from portrait_nst.types import FloatArray, UInt8Array
from portrait_nst.video.seen import SeenFrame


def motion_of(size: tuple[int, int], across: float, down: float, trust: float = 1.0) -> Motion:
    """Everything was (across, down) further in the frame before."""
    back = np.broadcast_to(np.array([across, down], np.float32), (*size, 2)).copy()
    return Motion(back, np.full(size, trust, np.float32))


def seen(rgb: UInt8Array, alpha: FloatArray | None = None, motion: Motion | None = None) -> SeenFrame:
    """A frame that is all person, if no `alpha` says otherwise."""
    there = np.ones(rgb.shape[:2], np.float32) if alpha is None else alpha
    return SeenFrame(cast(Frame, None), np.ascontiguousarray(rgb), there, (), motion, 0)


def pan(photo: UInt8Array, count: int, step: int, alpha: FloatArray | None = None, noise: float = 0) -> list[SeenFrame]:
    """`count` views of a photo, each `step` pixels further to the right, under a sensor's noise of so many levels."""
    width, random, found = photo.shape[1] - (count - 1) * step, np.random.default_rng(0), []
    for number in range(count):
        columns = slice(number * step, number * step + width)
        view = photo[:, columns] + random.normal(0, noise, (photo.shape[0], width, 3)) * bool(noise)
        motion = motion_of(view.shape[:2], step, 0) if number else None
        own = None if alpha is None else np.ascontiguousarray(alpha[:, columns])
        found.append(seen(np.clip(np.rint(view), 0, 255).astype(np.uint8), own, motion))
    return found
