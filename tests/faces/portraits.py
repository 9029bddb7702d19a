"""A face whose points lie where usual ellipses have them, and its portrait, drawn."""

from __future__ import annotations

import numpy as np

from portrait_nst.faces import LOOPS, contour
from portrait_nst.faces.parts import POINTS
from portrait_nst.types import Face, UInt8Array

SIZE = (200, 180)
KEYPOINTS = ((60.0, 80.0), (120.0, 80.0), (90.0, 112.0), (90.0, 138.0), (30.0, 85.0), (150.0, 85.0))
SPARSE = Face((35.0, 50.0, 110.0, 110.0), KEYPOINTS, 0.9)
SKIN, WHITE, IRIS, LIGHT, LIPS = (200, 160, 130), (225, 222, 215), (40, 30, 25), (250, 250, 250), (120, 60, 60)


def with_points(face: Face = SPARSE) -> Face:
    """The `face` with points on the ellipses of its parts, all others in the middle."""
    points = np.tile(np.array(face.keypoints[2], np.float32), (POINTS, 1))
    for part, loop in LOOPS.items():
        ellipse = contour(face, part)
        first = 18 if part == "outline" else 0  # of 24: an outline begins at the forehead
        points[list(loop)] = np.roll(ellipse, -first, 0)[np.arange(len(loop)) * len(ellipse) // len(loop)]
    return Face(face.box, face.keypoints, face.score, points)


def portrait(face: Face = SPARSE, size: tuple[int, int] = SIZE) -> UInt8Array:
    """(H, W, 3) skin all over, with eyes, catchlights and lips."""
    import cv2

    found = np.full((*size, 3), SKIN, np.uint8)
    for side in ("right", "left"):
        for part, colour in (("eye", WHITE), ("iris", IRIS)):
            cv2.fillPoly(found, [np.round(contour(face, f"{side} {part}")).astype(np.int32)], colour)
        x, y = contour(face, f"{side} iris").mean(0)
        cv2.circle(found, (round(float(x)) + 1, round(float(y)) - 2), 2, LIGHT, -1)
    cv2.fillPoly(found, [np.round(contour(face, "lips")).astype(np.int32)], LIPS)
    return found
