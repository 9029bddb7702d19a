"""Soft maps of the faces in a frame, where segments are to be finer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.types import Face, FloatArray


def face_maps(
    size: tuple[int, int], faces: Sequence[Face], left: int, top: int, scale: float
) -> tuple[FloatArray, FloatArray]:
    """Soft ellipses at the faces, and soft spots at their eyes and mouths, each (h, w) in [0, 1]; zeros without a face.

    size:  (width, height) of the maps, whose pixels are (photo - (left, top)) * scale.
    faces: each with at least four keypoints, right eye, left eye, nose tip and mouth, in the photo's pixels.
    """
    width, height = size
    ellipses, focus = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    for face in faces:
        oval, spots = _face_map(size, face, left, top, scale)
        ellipses, focus = np.maximum(ellipses, oval), np.maximum(focus, spots)
    return ellipses, focus


def _face_map(size: tuple[int, int], face: Face, left: int, top: int, scale: float) -> tuple[FloatArray, FloatArray]:
    """The maps of one face; see `face_maps`."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    spots = [((px - left) * scale, (py - top) * scale) for px, py in face.keypoints[:4]]
    span = face.box[2] * scale
    (rx, ry), (lx, ly), _, (mx, my) = spots
    angle = float(np.arctan2(ly - ry, lx - rx))
    turn = np.cos(angle), np.sin(angle)

    def ellipse(cx: float, cy: float, a: float, b: float, soft: float) -> FloatArray:
        u = ((x - cx) * turn[0] + (y - cy) * turn[1]) / a
        v = (-(x - cx) * turn[1] + (y - cy) * turn[0]) / b
        return np.asarray(np.clip((1 + soft - np.sqrt(u * u + v * v)) / soft, 0, 1), np.float32)

    middle = (face.box[0] + face.box[2] / 2 - left) * scale, (face.box[1] + face.box[3] / 2 - top) * scale
    oval = ellipse(middle[0], middle[1] - 0.02 * span, 0.5 * span, 0.62 * span, 0.3)
    eyes = np.maximum(ellipse(rx, ry, 0.15 * span, 0.10 * span, 0.6), ellipse(lx, ly, 0.15 * span, 0.10 * span, 0.6))
    mouth = ellipse(mx, my, 0.2 * span, 0.10 * span, 0.6)
    return oval, np.asarray(np.maximum(eyes, mouth))
