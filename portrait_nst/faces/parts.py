"""The parts of a face by the numbers of MediaPipe's 478 points, or from the detector's six keypoints where these are all.

The loops run along the edges of MediaPipe's `FaceLandmarksConnections`, which a test compares them with. "Right" is the
person's own right, as everywhere here: it lies at the left in a photo.
"""

from __future__ import annotations

import numpy as np

from portrait_nst.types import Face, FloatArray

POINTS = 478
LOOPS: dict[str, tuple[int, ...]] = {
    "outline": (
        *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
        *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
    ),
    "right eye": (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    "left eye": (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
    "right iris": (469, 470, 471, 472),
    "left iris": (474, 475, 476, 477),
    "right brow": (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    "left brow": (300, 293, 334, 296, 336, 285, 295, 282, 283, 276),
    "nose": (98, 97, 2, 326, 327, 294, 278, 344, 440, 275, 4, 45, 220, 115, 48, 64),
    "lips": (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    "mouth": (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
}
"""Closed outlines: "lips" is the outer line of both lips, "mouth" the inner one, "nose" the tip with both wings."""
LINES: dict[str, tuple[int, ...]] = {
    "right upper lid": (33, 246, 161, 160, 159, 158, 157, 173, 133),
    "left upper lid": (263, 466, 388, 387, 386, 385, 384, 398, 362),
    "right lower lid": (33, 7, 163, 144, 145, 153, 154, 155, 133),
    "left lower lid": (263, 249, 390, 373, 374, 380, 381, 382, 362),
    "nose ridge": (168, 6, 197, 195, 5, 4),
    "nostrils": (98, 97, 2, 326, 327),
    "between the lips": (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    "jaw": (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454),
}
"""Open lines; lids from the outer corner to the inner one."""

# Ellipses (along, up, width, height) around keypoints, in distances between the eyes, for faces without the 478 points.
_SIZES = {"eye": (0.0, 0.0, 0.24, 0.1), "iris": (0.0, 0.0, 0.09, 0.09), "brow": (0.0, 0.35, 0.34, 0.08)}
_SIZES |= {"nose": (0.0, 0.0, 0.28, 0.16), "lips": (0.0, 0.0, 0.4, 0.17), "mouth": (0.0, 0.0, 0.33, 0.05)}
_KEYPOINT = {"right": 0, "left": 1, "nose": 2, "lips": 3, "mouth": 3}
_STEPS = 24


def contour(face: Face, part: str) -> FloatArray:
    """The closed outline of one of the `LOOPS`, (n, 2) float32, x and y in the photo's pixels.

    Where only keypoints are known it is an ellipse of a usual size at the part's usual place. Raises KeyError for another part.
    """
    loop = LOOPS[part]
    if face.landmarks is not None:
        return np.asarray(face.landmarks[list(loop)], np.float32)
    turn = np.linspace(0, 2 * np.pi, _STEPS, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], 1)
    left, top, width, height = face.box
    if part == "outline" or len(face.keypoints) < 4:
        # MediaPipe's box ends at the brows, a face somewhat above.
        middle = np.array([left + width / 2, top + 0.42 * height])
        return np.asarray(middle + circle * (0.5 * width, 0.62 * height), np.float32)
    side, _, kind = part.rpartition(" ")
    along, up, across, down = _SIZES[kind]
    eyes = np.array(face.keypoints[1], float) - np.array(face.keypoints[0], float)
    rotation = np.stack([eyes, (-eyes[1], eyes[0])])  # along the line of the eyes, and down from it
    middle = np.array(face.keypoints[_KEYPOINT[side or part]], float) + np.array([along, -up]) @ rotation
    return np.asarray(middle + (circle * (across, down)) @ rotation, np.float32)


def open_line(face: Face, line: str) -> FloatArray | None:
    """One of the `LINES`, (n, 2) float32 in the photo's pixels; None where the 478 points are not known."""
    numbers = LINES[line]
    return None if face.landmarks is None else np.asarray(face.landmarks[list(numbers)], np.float32)


def eye_distance(face: Face) -> float:
    """The distance between the eyes in pixels, by the keypoints; at least 1e-6."""
    right, left = face.keypoints[:2]
    return max(float(np.hypot(right[0] - left[0], right[1] - left[1])), 1e-6)
