"""A map of faces, with eyes and mouth above the rest: where a likeness is decided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.imaging import size_within
from portrait_nst.types import Face, FloatArray

FEATURES = (0, 1, 3)  # right eye, left eye, mouth
FEATURE_SIGMA = 0.13
LONGEST = 512


def face_map(size: tuple[int, int], faces: Sequence[Face]) -> FloatArray:
    """(H, W) float32: 0 away from faces, 1 inside them, up to 2 at eyes and mouth; smooth everywhere.

    size: (H, W) in pixels; the map is computed at 512 px and enlarged. A face is an ellipse around its box, somewhat higher
    than the box, since MediaPipe's box ends at the brow.
    """
    import cv2

    factor = min(1.0, LONGEST / max(size))
    height, width = size_within(size, LONGEST)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = (y + 0.5) / factor, (x + 0.5) / factor
    found = np.zeros((height, width), np.float32)
    for face in faces:
        left, top, w, h = face.box
        radius = np.hypot((x - left - w / 2) / (0.62 * w), (y - top - 0.42 * h) / (0.75 * h))
        fade = np.clip((1.35 - radius) / 0.5, 0, 1)
        here = fade * fade * (3 - 2 * fade)
        for index in FEATURES:
            dx, dy = x - face.keypoints[index][0], y - face.keypoints[index][1]
            here = here + np.exp(-(dx * dx + dy * dy) / (2 * (FEATURE_SIGMA * w) ** 2))
        found = np.maximum(found, np.minimum(here, 2))
    return np.asarray(cv2.resize(found.astype(np.float32), (size[1], size[0]), interpolation=cv2.INTER_LINEAR))
