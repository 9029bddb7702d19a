"""What the selfie model marks when it looks at one person alone: the evidence for whose body is whose.

In a window that is narrow and centred on one figure, and with the heads of others blurred out, the model takes the neighbours for
background, though in the whole picture it marks them as gladly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation.coarse import rim_trust
from portrait_nst.segmentation.looks import look, mean
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

WIDE, HIGH, ABOVE = (
    4.5,
    9.0,
    1.2,
)  # the window in faces: its width, its height, and how far it begins above the face's box
UNKNOWN = 0.5  # outside of the window
BLURRED = 7  # cells a side to which a region around a head is blurred: nothing of a face is left
HEAD = (0.75, 0.95)  # half axes of the ellipse that holds a head with its hair, in faces


def alone(rgb: UInt8Array, faces: Sequence[Face]) -> FloatArray:
    """The probability of each person by a look at them alone: (n, H, W) float32, `UNKNOWN` where the look does not reach.

    rgb: (H, W, 3) uint8. faces: n of them, in its pixels.
    """
    return np.stack([_look(rgb, face, [other for other in faces if other is not face]) for face in faces])


def _look(rgb: UInt8Array, face: Face, others: Sequence[Face]) -> FloatArray:
    left, top, width, height = face.box
    roi = Roi.around(left + width / 2, top + (HIGH / 2 - ABOVE) * height, WIDE * width, HIGH * height).clipped(
        rgb.shape
    )
    seen = _without_heads(rgb, others, kept=face)
    near = mean(look(seen, roi))
    sure = rim_trust(roi, rgb.shape)
    return np.asarray(sure * near + (1 - sure) * np.float32(UNKNOWN), np.float32)


def _without_heads(rgb: UInt8Array, faces: Sequence[Face], kept: Face) -> UInt8Array:
    """`rgb` with the heads of these faces blurred, as far as they do not hide the face that is `kept`."""
    import cv2

    seen, spared = rgb.copy() if faces else rgb, _head(kept, rgb.shape)
    for face in faces:
        left, top, width, height = face.box
        around = Roi.around(left + width / 2, top + height / 2, 7 * width, 7 * height).clipped(rgb.shape).slices
        part = np.ascontiguousarray(rgb[around])
        tiny = cv2.resize(part, (BLURRED, BLURRED), interpolation=cv2.INTER_AREA)
        blurred = cv2.resize(tiny, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_LINEAR)
        gone = (_head(face, rgb.shape) & ~spared)[around]
        seen[around][gone] = blurred[gone]
    return seen


def _head(face: Face, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) bool: the ellipse of a head."""
    import cv2

    left, top, width, height = face.box
    centre, axes = (
        (round(left + width / 2), round(top + 0.4 * height)),
        (round(HEAD[0] * width), round(HEAD[1] * height)),
    )
    return np.asarray(cv2.ellipse(np.zeros(shape[:2], np.uint8), centre, axes, 0, 0, 360, 1, -1), bool)
