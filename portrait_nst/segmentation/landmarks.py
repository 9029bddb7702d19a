"""The 478 points of a face that the detector has found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from portrait_nst.faces import LOOPS, eye_distance
from portrait_nst.segmentation import mediapipe_tasks
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

NEAR = (2.0, 1.5, 2.8)  # sides of the regions that the model sees, in faces
SIDE = 384  # pixels of such a region; the model's own input has 256, and shows the face alone
FAR = 0.25  # the points belong to the face if eyes, nose and mouth lie this near to its keypoints, in distances between the eyes


def with_landmarks(rgb: UInt8Array, face: Face) -> Face:
    """`face` with its 478 points; as it is where the model sees no face in its place.

    rgb: (H, W, 3) uint8. face: in its pixels. The model searches a picture for itself, and misses small and turned faces in
    a whole photo; it is given a square around the face alone, from up to three distances.
    """
    left, top, width, height = face.box
    for distance in NEAR:
        side = distance * max(width, height)
        roi = Roi.around(left + width / 2, top + 0.45 * height, side, side)
        found = mediapipe_tasks.landmarks(roi.cut(rgb, (SIDE, SIDE)))
        if found is None:
            continue
        scale = np.array([roi.width, roi.height], np.float32) / np.float32(SIDE)
        points = found * scale + np.array([roi.left, roi.top], np.float32)
        if _apart(points, face) < FAR:
            return replace(face, landmarks=points)
    return face


def keypoints_of(landmarks: FloatArray) -> FloatArray:
    """Eyes, nose tip and mouth, (4, 2), of 478 points: at the places of the detector's first four keypoints."""
    middles = [landmarks[list(LOOPS[part])].mean(0) for part in ("right eye", "left eye")]
    return np.array([*middles, landmarks[1], landmarks[list(LOOPS["lips"])].mean(0)], np.float32)


def _apart(landmarks: FloatArray, face: Face) -> float:
    """The mean distance of eyes, nose tip and mouth from the face's keypoints, in distances between the eyes."""
    away = keypoints_of(landmarks) - np.array(face.keypoints[:4], np.float32)
    return float(np.hypot(*away.T).mean()) / eye_distance(face)
