"""The matte of a frame at a glance: what can be known of it in hundredths of a second, for the frames of a clip.

`selection.person` looks at a photo from many distances and solves for its alpha; a frame of a clip has a frame before it, whose
matte is known (see `video.matte_track`), and needs to be told only what has changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from portrait_nst.segmentation.guided_filter import affine_coefficients
from portrait_nst.segmentation.mediapipe_tasks import INPUT, SQUARE, confidence
from portrait_nst.segmentation.refine import CONTRAST
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import FloatArray, UInt8Array

MARGIN = 0.12  # what is left around a person, in shares of their box
GRID = (
    32  # the box is taken in whole units of the frame's side over this: one that moved with every frame would flicker
)
RADIUS = 2  # of the guided filter, at half the frame's size: 1 px leaves noise in, 4 px closes the gaps of hair
EPS = 1e-4  # of the guided filter
CELLS = 256  # of the longest side: the model sees no more of a whole frame
CONTRARY = 0.5  # in probability, by which two looks differ that contradict each other,
MANY = 0.01  # if it is in more than this share of the frame
NOTHING = 0.02  # differences of alpha that nobody sees, and that are not worked on
LEVELS = (0.04, 0.96)  # what the guided filter leaves below and above is 0 and 1: it washes plain places


def glance(rgb: UInt8Array, known: FloatArray | None = None) -> FloatArray:
    """Where people are, by two looks of the selfie model: (H, W) float32 in [0, 1], mostly 0 and 1, its edges those of 256 cells.

    rgb: (H, W, 3) uint8. known: (H, W) about where they are; the second look is at that part from close by, else at all again.
    """
    return Looks.first(rgb, known).seen(rgb.shape)


@dataclass(frozen=True, eq=False)
class Looks:
    """What the selfie model says of a frame by two looks: (h, w) float32 in [0, 1], of half the frame's size or 256 px.

    whole: at all of it.
    near:  at the part where people are known to be, from close by; elsewhere as `whole`. This look is mirrored: errors of the
           model that depend on the side are halved.
    """

    whole: FloatArray
    near: FloatArray

    @classmethod
    def first(cls, rgb: UInt8Array, known: FloatArray | None) -> Looks:
        """Both looks at a frame (H, W, 3) uint8; `known` (H, W) says about where people are."""
        whole = _whole(rgb)
        return cls(whole, _near(rgb, known, whole))

    def next(self, rgb: UInt8Array, known: FloatArray, back: FloatArray, lost: FloatArray, near: bool) -> Looks:
        """One look at the next frame, `near` or at the whole. The other is carried along, unless they contradict each other.

        back: (H, W, 2), as in `Motion`. lost: (H, W) in [0, 1]: where nothing can be carried, and this look stands for both.
        """
        import cv2

        from portrait_nst.motion import warp

        height, width = self.whole.shape
        ratio = np.array((width / back.shape[1], height / back.shape[0]), np.float32)
        small = np.asarray(cv2.resize(back, (width, height), interpolation=cv2.INTER_LINEAR) * ratio)
        carried = warp(self.whole if near else self.near, small)
        fresh = _near(rgb, known, carried) if near else _whole(rgb)
        carried += cv2.resize(lost, (width, height), interpolation=cv2.INTER_LINEAR) * (fresh - carried)
        if (np.abs(fresh - carried) > CONTRARY).mean() > MANY:
            return Looks.first(rgb, known)
        return Looks(carried, fresh) if near else Looks(fresh, carried)

    def seen(self, shape: tuple[int, ...]) -> FloatArray:
        """Where people are in a frame of `shape` (H, W), as `glance` says it."""
        import cv2

        low, high = CONTRAST
        plane = cv2.resize(self.whole + self.near, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(plane * np.float32(0.5 / (high - low)) - np.float32(low / (high - low)), 0, 1))


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
    *slopes, offset = affine_coefficients(small, np.asarray(coarse, np.float32), RADIUS, EPS)
    slope, offset = (
        cv2.resize(each, plane.shape[::-1], interpolation=cv2.INTER_LINEAR) for each in (cv2.merge(slopes), offset)
    )
    parts = cv2.multiply(slope, colours, scale=1 / 255, dtype=cv2.CV_32F)
    fitted = cv2.add(cv2.transform(parts, np.ones((1, 3), np.float32)), offset)
    kernel = np.ones((4 * RADIUS + 1, 4 * RADIUS + 1), np.uint8)
    least, most = cv2.erode(plane, kernel), cv2.dilate(plane, kernel)
    fitted = cv2.min(cv2.max(fitted, least), most)
    low, high = LEVELS
    fitted = np.clip(fitted * np.float32(1 / (high - low)) - np.float32(low / (high - low)), 0, 1)
    result = alpha.copy()
    np.copyto(result[part], fitted, where=most - least > NOTHING)  # a neighbourhood that is all 0 or all 1 stays so
    return result


def _whole(rgb: UInt8Array) -> FloatArray:
    import cv2

    mask = confidence(SQUARE, Roi(0, 0, rgb.shape[1], rgb.shape[0]).cut(rgb, INPUT[SQUARE]))
    return np.asarray(cv2.resize(mask, _cells(rgb.shape)[::-1], interpolation=cv2.INTER_LINEAR))


def _near(rgb: UInt8Array, known: FloatArray | None, elsewhere: FloatArray) -> FloatArray:
    """The mirrored look at where people are `known` to be, or at all; (h, w) as `elsewhere`."""
    box = None if known is None else _box(known)
    roi = box or Roi(0, 0, rgb.shape[1], rgb.shape[0])
    mask = np.ascontiguousarray(confidence(SQUARE, roi.cut(rgb, INPUT[SQUARE])[:, ::-1])[:, ::-1])
    height, width = elsewhere.shape
    across, down = width / rgb.shape[1], height / rgb.shape[0]
    x0, x1 = (round(across * x) for x in (roi.left, roi.left + roi.width))
    y0, y1 = (round(down * y) for y in (roi.top, roi.top + roi.height))
    part, where = Roi(x0, y0, max(1, x1 - x0), max(1, y1 - y0)).paste(mask, (height, width))
    plane = elsewhere.copy()
    plane[where] = part
    return plane


def _cells(shape: tuple[int, ...]) -> tuple[int, int]:
    """(height, width) of `Looks` of a frame of `shape`."""
    longest = max(shape[:2])
    scale = min(1.0, max(0.5, CELLS / longest))
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _box(known: FloatArray) -> Roi | None:
    """The box of a person with a margin, in whole units of the grid; None where nobody is."""
    import cv2

    left, top, width, height = cv2.boundingRect((known > 0.5).astype(np.uint8))
    if not width:
        return None
    unit = max(known.shape) / GRID
    x0, y0 = (int(unit * np.floor(v / unit)) for v in (left - MARGIN * width, top - MARGIN * height))
    x1, y1 = (int(unit * np.ceil(v / unit)) for v in (left + (1 + MARGIN) * width, top + (1 + MARGIN) * height))
    return Roi(x0, y0, max(1, x1 - x0), max(1, y1 - y0)).clipped(known.shape)
