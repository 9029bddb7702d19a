"""Maps of faces, drawn from the outlines of their parts: where a likeness is decided."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.faces.parts import contour, eye_distance, open_line
from portrait_nst.types import Face, FloatArray

EYES = 64  # pixels between the eyes at which each face is drawn, so that a map does not depend on the size of the photo
FADE = 0.5  # distances between the eyes over which a face fades beyond its outline: to the hairline and the ears
SOFT = 0.25  # the same for a part of the face, since strokes that are to leave an eye alone are wider than its lids
# What a part adds to the 1 of its face, and how far beyond its outline (in distances between the eyes) it adds all of it: lids
# and lashes belong to an eye, and its lips' own edge to a mouth. Brows and nose may have more of the paint.
PARTS = {"right eye": (1.0, 0.06), "left eye": (1.0, 0.06), "right brow": (0.5, 0.0), "left brow": (0.5, 0.0)}
PARTS |= {"lips": (0.6, 0.02), "mouth": (1.0, 0.03), "nose": (0.4, 0.0)}
JAW = (0.4, 0.02)  # the line of the jaw, without which a chin is lost in the neck


def face_map(size: tuple[int, int], faces: Sequence[Face]) -> FloatArray:
    """(H, W) float32: 0 away from `faces`, 1 within their outlines, up to 2 at eyes and mouth; smooth everywhere.

    size: (H, W) in pixels. Brows add 0.5 to the 1 of their face, lips 0.6, nose and jaw 0.4. Where faces
    overlap, the greater value counts.
    """
    found = np.zeros(size, np.float32)
    for face in faces:
        place = window(face, size)
        if place is not None:
            found[place] = np.maximum(found[place], map_in(face, place))
    return found


def window(face: Face, size: tuple[int, int]) -> tuple[slice, slice] | None:
    """The rows and columns of a photo of `size` (H, W) in which the map of a `face` is not 0; None if there are none."""
    outline, beyond = contour(face, "outline"), FADE * eye_distance(face) + 1
    (left, top), (right, bottom) = np.floor(outline.min(0) - beyond), np.ceil(outline.max(0) + beyond)
    rows = slice(max(0, int(top)), min(size[0], int(bottom)))
    columns = slice(max(0, int(left)), min(size[1], int(right)))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


def map_in(face: Face, place: tuple[slice, slice], soft: float = SOFT) -> FloatArray:
    """The map of one `face` in the rows and columns `place` of its photo, (h, w) float32, with parts that fade over `soft`."""
    import cv2

    rows, columns = place
    size = (rows.stop - rows.start, columns.stop - columns.start)
    factor = EYES / eye_distance(face)
    small = (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    scale = np.array([small[1] / size[1], small[0] / size[0]])

    def near(points: FloatArray, full: float, fade: float, *, filled: bool = True) -> FloatArray:
        """1 within an outline or on a line and up to `full` beyond, falling to 0 over `fade`, in distances between the eyes."""
        drawn = [np.round(((points - (columns.start, rows.start)) * scale - 0.5) * 16).astype(np.int32)]
        away = np.full(small, 255, np.uint8)
        if filled:
            cv2.fillPoly(away, drawn, 0, shift=4)
        else:
            cv2.polylines(away, drawn, False, 0, shift=4)
        apart = cv2.distanceTransform(
            away, cv2.DIST_L2, cv2.DIST_MASK_5
        )  # the precise one differs by a bit from call to call
        left = np.clip(1 - (apart / EYES - full) / fade, 0, 1)
        return np.asarray(left * left * (3 - 2 * left), np.float32)

    parts = [np.float32(most) * near(contour(face, part), full, soft) for part, (most, full) in PARTS.items()]
    jaw = open_line(face, "jaw")
    if jaw is not None:
        parts.append(np.float32(JAW[0]) * near(jaw, JAW[1], soft, filled=False))
    found = np.minimum(near(contour(face, "outline"), 0.0, FADE) + np.max(parts, 0), 2).astype(np.float32)
    way = cv2.INTER_AREA if factor > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(found, (size[1], size[0]), interpolation=way), np.float32)
