"""Skin: where a person's hands, arms and neck are, by the colour of the face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.faces import face_map
from portrait_nst.imaging import size_within
from portrait_nst.types import Face, FloatArray, UInt8Array

LONGEST = 384  # pixels of the side at which it is computed
ADDED = (60.0, 6.0, 6.0)  # variances of L, a and b beyond the face's own: other light, other skin
FAR = 2.0  # deviations from the face's colour at which there is still skin, to one part in e^(1/2)
SHADED, SHINING = 25, 95  # percentiles of a face's lightness beyond which it is shade, hair or shine
COLOURED = 4.0  # least chroma of a face in CIELAB: a face with less differs from its surroundings by lightness only
SMOOTH = 2.0  # pixels


def skin_map(rgb: UInt8Array, alpha: FloatArray, faces: Sequence[Face]) -> FloatArray:
    """(H, W) float32 in [0, 1]: where `rgb` (H, W, 3), under the matte `alpha` (H, W), has the colour of one of the `faces`.

    A Gaussian in CIELAB around the median of each face's middle. 0 everywhere for a photo without colours.
    """
    import cv2

    size = rgb.shape[:2]
    small = size_within(size, LONGEST)[::-1]

    def shrunk(array: FloatArray | UInt8Array) -> FloatArray:
        return np.asarray(cv2.resize(array, small, interpolation=cv2.INTER_AREA), np.float32)

    lab = np.asarray(cv2.cvtColor(cv2.GaussianBlur(shrunk(rgb) / np.float32(255), (0, 0), 1.0), cv2.COLOR_RGB2LAB))
    painted = shrunk(alpha)
    found = np.zeros(painted.shape, np.float32)
    for face in faces:
        middle = lab[(shrunk(np.minimum(face_map(size, [face]), 1)) > 0.9) & (painted > 0.9)]
        if len(middle) < 16:
            continue
        low, high = np.percentile(middle[:, 0], (SHADED, SHINING))
        middle = middle[(middle[:, 0] >= low) & (middle[:, 0] <= high)]
        usual = np.median(middle, 0)
        if np.hypot(*usual[1:]) < COLOURED:
            continue
        inverse = np.linalg.inv(np.cov(middle.T) + np.diag(ADDED)).astype(np.float32)
        apart = lab - usual
        found = np.maximum(found, np.exp(-((apart @ inverse) * apart).sum(2) / (2 * FAR**2)))
    found = cv2.GaussianBlur((found * painted).astype(np.float32), (0, 0), SMOOTH)
    return np.asarray(cv2.resize(found, (size[1], size[0]), interpolation=cv2.INTER_LINEAR), np.float32)
