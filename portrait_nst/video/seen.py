"""A frame with all that is known of it before it is painted."""

from __future__ import annotations

from dataclasses import dataclass

from portrait_nst.clips.frame import Frame
from portrait_nst.motion.motion import Motion
from portrait_nst.types import Face, FloatArray, UInt8Array


@dataclass(frozen=True, eq=False)
class SeenFrame:
    """A frame, its matte and its faces, as `video.track` follows them.

    frame:  the frame.
    rgb:    (h, w, 3) uint8: how it looks at the size at which it is tracked and painted.
    alpha:  (h, w) float32 in [0, 1]: what is painted of it; exactly 0 and 1 away from the rim.
    faces:  the faces in it, in pixels of `rgb`, the largest first.
    motion: from the frame before, at the same size; None for the first of a shot.
    shot:   the number of its shot, from 0.
    """

    frame: Frame
    rgb: UInt8Array
    alpha: FloatArray
    faces: tuple[Face, ...]
    motion: Motion | None
    shot: int
