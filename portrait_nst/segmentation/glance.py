"""The matte of a frame at a glance: what can be known of it in hundredths of a second, for the frames of a clip.

`selection.person` looks at a photo from many distances and solves for its alpha; a frame of a clip has a frame before it, whose
matte is known (see `video.matte_track`), and needs to be told only what has changed.
"""

from __future__ import annotations

import numpy as np

from portrait_nst.segmentation.guided_filter import affine_coefficients
from portrait_nst.segmentation.mediapipe_tasks import INPUT, SQUARE, confidence
from portrait_nst.segmentation.refine import CONTRAST
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import FloatArray, UInt8Array

MARGIN = 0.12  # what is left around a person, in shares of their box
GRID = 32  # the box is taken in whole units of the frame's side over this: one that moved with every frame would flicker
RADIUS = 2  # of the guided filter, at half the frame's size: 1 px leaves noise in, 4 px closes the gaps of hair
EPS = 1e-4  # of the guided filter
NOTHING = 0.02  # differences of alpha that nobody sees, and that are not worked on
LEVELS = (0.04, 0.96)  # what the guided filter leaves below and above is 0 and 1: it washes plain places


def glance(rgb: UInt8Array, known: FloatArray | None = None) -> FloatArray:
    """Where people are, by two looks of the selfie model: (H, W) float32 in [0, 1], mostly 0 and 1, its edges those of 256 cells.

    rgb: (H, W, 3) uint8. known: (H, W) about where they are; the second look is at that part from close by, else at all again.

    The second look is mirrored: errors of the model that depend on the side are halved.
    """
    whole = Roi(0, 0, rgb.shape[1], rgb.shape[0])
    near = None if known is None else _box(known)
    probability = (_look(rgb, whole, mirrored=False) + _look(rgb, near or whole, mirrored=True)) / 2
    if near is not None:
        # Outside of the near look only the first one has seen anything.
        outside = np.ones(probability.shape, bool)
        outside[near.slices] = False
        probability[outside] *= 2
    low, high = CONTRAST
    return np.asarray(np.clip((probability - np.float32(low)) / np.float32(high - low), 0, 1), np.float32)


def snapped(rgb: UInt8Array, alpha: FloatArray) -> FloatArray:
    """A matte (H, W) that is off by few pixels, with its edges drawn to those of the picture; (H, W) float32 in [0, 1].

    He and Sun's fast guided filter (arXiv:1505.00996) at half size. Only the box of what is neither 0 nor 1 is worked on.
    """
    import cv2

    mixed = (alpha > NOTHING) & (alpha < 1 - NOTHING)
    left, top, width, height = cv2.boundingRect(mixed.astype(np.uint8))
    if not width:
        return alpha
    part = Roi(left - 8, top - 8, width + 16, height + 16).clipped(alpha.shape).slices
    colours, plane = rgb[part], np.ascontiguousarray(alpha[part])
    size = (max(1, plane.shape[1] // 2), max(1, plane.shape[0] // 2))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    coarse = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
    planes = cv2.merge(affine_coefficients(small, np.asarray(coarse, np.float32), RADIUS, EPS))
    slopes = np.asarray(cv2.resize(planes, plane.shape[::-1], interpolation=cv2.INTER_LINEAR))
    kernel = np.ones((4 * RADIUS + 1, 4 * RADIUS + 1), np.uint8)
    least, most = cv2.erode(plane, kernel), cv2.dilate(plane, kernel)
    rows, columns = np.nonzero(most - least > NOTHING)  # a neighbourhood that is all 0 or all 1 stays so
    slope, colour = slopes[rows, columns], colours[rows, columns] * np.float32(1 / 255)
    fitted = slope[:, 3] + slope[:, 0] * colour[:, 0] + slope[:, 1] * colour[:, 1] + slope[:, 2] * colour[:, 2]
    fitted = np.clip(fitted, least[rows, columns], most[rows, columns])
    result = alpha.copy()
    result[part][rows, columns] = np.clip((fitted - np.float32(LEVELS[0])) / np.float32(LEVELS[1] - LEVELS[0]), 0, 1)
    return result


def _look(rgb: UInt8Array, roi: Roi, mirrored: bool) -> FloatArray:
    seen = roi.cut(rgb, INPUT[SQUARE])
    mask = confidence(SQUARE, seen[:, ::-1])[:, ::-1] if mirrored else confidence(SQUARE, seen)
    plane = np.zeros(rgb.shape[:2], np.float32)
    part, where = roi.paste(np.ascontiguousarray(mask), rgb.shape)
    plane[where] = part
    return plane


def _box(known: FloatArray) -> Roi | None:
    """The box of a person with a margin, in whole units of the grid; None where nobody is."""
    import cv2

    left, top, width, height = cv2.boundingRect((known > 0.5).astype(np.uint8))
    if not width:
        return None
    unit = max(known.shape) / GRID
    x0, y0 = (int(unit * np.floor(v / unit)) for v in (left - MARGIN * width, top - MARGIN * height))
    x1, y1 = (
        int(unit * np.ceil(v / unit)) for v in (left + (1 + MARGIN) * width, top + (1 + MARGIN) * height)
    )
    return Roi(x0, y0, max(1, x1 - x0), max(1, y1 - y0)).clipped(known.shape)
