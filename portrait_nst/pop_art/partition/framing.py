"""The frame to divide: the photo cropped and scaled so that lengths mean the same in every portrait.

A face box is 300 px wide in the frame, as far as the frame's sides stay within `_SIDE` and its area within `_AREA`. All
lengths in pop art are in frame pixels, and are multiplied by `Frame.unit` where the frame had to be smaller.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from portrait_nst import imaging
from portrait_nst.errors import InputError, MaskError
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.partition.face_maps import face_maps
from portrait_nst.pop_art.partition.red_lips import with_red_lips
from portrait_nst.types import Face, FloatArray, UInt8Array

_FACE = 300.0
_SIDE = 2000.0
_AREA = 1.6e6
_LEAST = 16


@dataclass(frozen=True, eq=False)
class Frame:
    """The working picture, h by w pixels.

    rgb:     (h, w, 3) uint8 sRGB.
    light:   (h, w) float32 OKLab lightness in [0, 1], in which red lips are darker.
    person:  (h, w) bool, where the person is.
    face:    (h, w) float32 in [0, 1], 1 inside the face, soft at its edge.
    focus:   (h, w) float32 in [0, 1], 1 at eyes, brows and mouth.
    box:     (left, top, width, height) of the frame in the photo's pixels.
    scale:   frame pixels for one of the photo's.
    unit:    1 where a face is 300 px wide; smaller in a smaller frame.
    has_face: whether a face gives `face` and `focus` a meaning.
    is_crop: whether the photo has more than the frame.
    faces:   the faces that give `face` and `focus`, in frame pixels.
    """

    rgb: UInt8Array
    light: FloatArray
    person: NDArray[np.bool_]
    face: FloatArray
    focus: FloatArray
    box: tuple[int, int, int, int]
    scale: float
    unit: float
    has_face: bool
    is_crop: bool
    faces: tuple[Face, ...] = ()

    @property
    def height(self) -> int:
        """The height in pixels."""
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        """The width in pixels."""
        return int(self.rgb.shape[1])

    @property
    def diagonal(self) -> float:
        """The length of the diagonal in pixels."""
        return float(np.hypot(self.height, self.width))


def prepare(
    rgb: UInt8Array,
    alpha: FloatArray,
    face: Face | None,
    bust: bool,
    others: Sequence[Face] = (),
    face_width: float | None = None,
) -> Frame:
    """Crop and scale a photo.

    rgb:    (H, W, 3) uint8 sRGB.
    alpha:  (H, W) float32 in [0, 1], the person.
    face:   gives the scale, if it is known; `Frame.face` and `Frame.focus` hold it and the others.
    bust:   whether to crop to head and shoulders, where a face is known.
    face_width: of all faces of a clip, in the photo's pixels, which gives the scale instead of this photo's face.

    Raises InputError for arrays of a wrong form, MaskError where alpha holds nobody.
    """
    _check(rgb, alpha)
    box = _bust(alpha, face) if bust and face is not None else (0, 0, rgb.shape[1], rgb.shape[0])
    left, top, width, height = box
    face_width = face_width or (face.box[2] if face is not None else None)
    ideal = _FACE / face_width if face_width else min(900.0 / min(width, height), 1200.0 / max(width, height))
    scale = min(ideal, _SIDE / max(width, height), (_AREA / (width * height)) ** 0.5)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    part = (slice(top, top + height), slice(left, left + width))
    shrink = scale < 1
    colours, outline = np.ascontiguousarray(rgb[part]), np.ascontiguousarray(alpha[part], np.float32)
    small = np.asarray(cv2.resize(colours, size, interpolation=cv2.INTER_AREA if shrink else cv2.INTER_CUBIC), np.uint8)
    matte = cv2.resize(outline, size, interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
    unit = float(np.clip(scale / ideal, 0.4, 1.0)) if face_width else 1.0
    person = _main_pieces(cv2.GaussianBlur(matte, (0, 0), 3 * unit) > 0.5)
    if not person.any():
        raise MaskError("The mask holds no person to divide; give one with --mask (mask= in Python), or another photo.")
    # Holes are filled that are smaller than a square of 30 px.
    person = imaging.fill_holes(person, math.ceil(900 * unit**2) - 1, at_border=True)
    inside = tuple(_in_frame(f, left, top, scale) for f in (face, *others) if f is not None)
    face_map, focus = face_maps(size, inside)
    return Frame(
        rgb=small,
        light=with_red_lips(oklab.lightness(small), small, inside),
        person=person,
        face=face_map,
        focus=focus,
        box=box,
        scale=scale,
        unit=unit,
        has_face=face is not None,
        is_crop=(width, height) != (rgb.shape[1], rgb.shape[0]),
        faces=inside,
    )


def _in_frame(face: Face, left: int, top: int, scale: float) -> Face:
    """A face of the photo in the pixels of a frame, which are (photo - (left, top)) * scale."""
    x, y, width, height = face.box
    moved = Face(
        (x - left, y - top, width, height),
        tuple((px - left, py - top) for px, py in face.keypoints),
        face.score,
        None if face.landmarks is None else face.landmarks - np.array([left, top], np.float32),
    )
    return moved.scaled(scale, scale)


def _check(rgb: UInt8Array, alpha: FloatArray) -> None:
    """Raise InputError for arrays of a wrong form."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise InputError(f"The photo must be (H, W, 3) uint8, not {rgb.shape} {rgb.dtype}.")
    if alpha.shape != rgb.shape[:2]:
        raise InputError(f"The mask must be of the photo's size {rgb.shape[:2]}, not {alpha.shape}.")
    if min(rgb.shape[:2]) < _LEAST:
        raise InputError(
            f"The photo is {rgb.shape[1]}x{rgb.shape[0]} px; a portrait needs at least {_LEAST} px a side."
        )


def _bust(alpha: FloatArray, face: Face) -> tuple[int, int, int, int]:
    """The box (left, top, width, height) of head and shoulders, five wide by six high, with hat and hair in it."""
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


def _main_pieces(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest piece of a mask, and the pieces that are at least a tenth as large."""
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    return np.asarray((areas >= max(1, 0.1 * areas.max()))[pieces])
