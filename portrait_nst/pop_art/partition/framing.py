"""The frame to divide: the photo cut and scaled so that lengths mean the same in every portrait.

A face box is 300 px wide on the canvas, as far as the canvas stays within `_SIDE` by `_AREA`; all lengths
of this room are in canvas pixels and multiplied by `Canvas.unit` where the canvas had to be smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError, MaskError
from portrait_nst.pop_art.colour import oklab
from portrait_nst.types import Face, FloatArray, UInt8Array

_FACE = 300.0
_SIDE = 2000.0
_AREA = 1.6e6
_LEAST = 16


@dataclass(frozen=True, eq=False)
class Canvas:
    """The working frame, h by w pixels.

    rgb:     (h, w, 3) uint8 sRGB.
    light:   (h, w) float32 OKLab lightness in [0, 1].
    matte:   (h, w) float32 in [0, 1]; person: (h, w) bool, where it is the person's.
    face:    (h, w) float32 in [0, 1], 1 inside the face, soft at its edge.
    focus:   (h, w) float32 in [0, 1], 1 at eyes and mouth.
    box:     (left, top, width, height) of the frame in the photo's pixels.
    scale:   canvas pixels for one of the photo's.
    unit:    1 where a face is 300 px wide; smaller on a smaller canvas.
    found:   whether a face gives `face` and `focus` a meaning.
    is_part: whether the photo has more than the frame.
    """

    rgb: UInt8Array
    light: FloatArray
    matte: FloatArray
    person: NDArray[np.bool_]
    face: FloatArray
    focus: FloatArray
    box: tuple[int, int, int, int]
    scale: float
    unit: float
    found: bool
    is_part: bool

    @property
    def height(self) -> int:
        return self.rgb.shape[0]

    @property
    def width(self) -> int:
        return self.rgb.shape[1]

    @property
    def diagonal(self) -> float:
        return float(np.hypot(self.height, self.width))


def prepare(rgb: UInt8Array, alpha: FloatArray, face: Face | None, bust: bool, others: Sequence[Face] = ()) -> Canvas:
    """Cut and scale a photo.

    rgb (H, W, 3) uint8 sRGB; alpha (H, W) float32 in [0, 1]; bust: head and shoulders only, where a face is known.
    face gives the scale; it and the others are in `Canvas.face` and `Canvas.focus`.
    Raises InputError for arrays of a wrong form, MaskError where alpha holds nobody.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise InputError(f"The photo must be (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}.")
    if alpha.shape != rgb.shape[:2]:
        raise InputError(f"The mask must be of the photo's size {rgb.shape[:2]}, not {alpha.shape}.")
    if min(rgb.shape[:2]) < _LEAST:
        raise InputError(
            f"The photo is {rgb.shape[1]}x{rgb.shape[0]} px; a portrait needs at least {_LEAST} px a side."
        )
    box = _bust(alpha, face) if bust and face is not None else (0, 0, rgb.shape[1], rgb.shape[0])
    left, top, width, height = box
    ideal = _FACE / face.box[2] if face is not None else min(900.0 / min(width, height), 1200.0 / max(width, height))
    scale = min(ideal, _SIDE / max(width, height), (_AREA / (width * height)) ** 0.5)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    cut = (slice(top, top + height), slice(left, left + width))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(np.ascontiguousarray(rgb[cut]), size, interpolation=how), np.uint8)
    matte = cv2.resize(
        np.ascontiguousarray(alpha[cut], np.float32),
        size,
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
    )
    unit = float(np.clip(scale / ideal, 0.4, 1.0)) if face is not None else 1.0
    person = _largest(cv2.GaussianBlur(matte, (0, 0), 3 * unit) > 0.5, unit)
    if not person.any():
        raise MaskError("The mask holds no person to divide; give one with --mask, or another photo.")
    ellipse, focus = _face_maps(size, face, left, top, scale)
    for other in others:
        more = _face_maps(size, other, left, top, scale)
        ellipse, focus = np.maximum(ellipse, more[0]), np.maximum(focus, more[1])
    return Canvas(
        small,
        oklab.lightness(small),
        np.asarray(matte, np.float32),
        person,
        ellipse,
        focus,
        box,
        scale,
        unit,
        face is not None,
        (width, height) != (rgb.shape[1], rgb.shape[0]),
    )


def _bust(alpha: FloatArray, face: Face) -> tuple[int, int, int, int]:
    """Head and shoulders, five wide by six high, with the whole head (hat, hair) in it."""
    height, width = alpha.shape
    x, y, w, _ = face.box
    centre = x + w / 2
    left, right = max(0.0, centre - 1.25 * w), min(float(width), centre + 1.25 * w)
    head = alpha[:, int(max(0, x)) : int(min(width, x + w)) + 1] > 0.5
    rows = np.flatnonzero(head.any(axis=1))
    crown = float(rows[0]) if rows.size else y - 0.5 * w
    top = max(0.0, min(max(crown, y - 1.2 * w) - 0.16 * w, y - 0.5 * w))
    bottom = min(float(height), max(top + 1.2 * (right - left), y + 1.9 * w))
    box = round(left), round(top), round(right) - round(left), round(bottom) - round(top)
    return box if min(box[2:]) >= _LEAST else (0, 0, width, height)


def _largest(mask: NDArray[np.bool_], unit: float) -> NDArray[np.bool_]:
    """The largest piece of a mask with what is a tenth as large, its small holes filled."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count < 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = (areas >= 0.1 * areas.max())[pieces]
    holes, pieces, stats, _ = cv2.connectedComponentsWithStats((~kept).astype(np.uint8), connectivity=4)
    filled = stats[:, cv2.CC_STAT_AREA] < 900 * unit**2
    filled[0] = False
    return np.asarray(kept | (filled[pieces] & ~kept)) if holes > 1 else np.asarray(kept)


def _face_maps(
    size: tuple[int, int], face: Face | None, left: int, top: int, scale: float
) -> tuple[FloatArray, FloatArray]:
    """Soft ellipse of the face, and soft spots at eyes and mouth, each (h, w) in [0, 1]."""
    width, height = size
    if face is None:
        return np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    spots = [((px - left) * scale, (py - top) * scale) for px, py in face.keypoints[:4]]
    span = face.box[2] * scale
    (rx, ry), (lx, ly), _, (mx, my) = spots
    angle = float(np.arctan2(ly - ry, lx - rx))
    turn = np.cos(angle), np.sin(angle)

    def ellipse(cx: float, cy: float, a: float, b: float, soft: float) -> FloatArray:
        u = ((x - cx) * turn[0] + (y - cy) * turn[1]) / a
        v = (-(x - cx) * turn[1] + (y - cy) * turn[0]) / b
        return np.clip((1 + soft - np.sqrt(u * u + v * v)) / soft, 0, 1).astype(np.float32)

    middle = (face.box[0] + face.box[2] / 2 - left) * scale, (face.box[1] + face.box[3] / 2 - top) * scale
    oval = ellipse(middle[0], middle[1] - 0.02 * span, 0.5 * span, 0.62 * span, 0.3)
    eyes = np.maximum(ellipse(rx, ry, 0.15 * span, 0.10 * span, 0.6), ellipse(lx, ly, 0.15 * span, 0.10 * span, 0.6))
    mouth = ellipse(mx, my, 0.2 * span, 0.10 * span, 0.6)
    return oval, np.maximum(eyes, mouth)
