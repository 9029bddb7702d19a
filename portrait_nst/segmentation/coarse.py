"""Where people are, from several inferences of the selfie model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.segmentation.mediapipe_tasks import INPUT, LANDSCAPE, SQUARE, confidence
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

NEAR = 2.4  # side of the region around a head, in faces
BUST = 4.8  # side of the region around head and shoulders, in faces


def infer(rgb: UInt8Array, roi: Roi, model: str = SQUARE, *, mirrored: bool = False) -> FloatArray:
    """A model's probability of a person in one region, brought back to the photo's pixels: (H, W) float32, 0 outside."""
    seen = roi.cut(rgb, INPUT[model])
    mask = confidence(model, seen[:, ::-1])[:, ::-1] if mirrored else confidence(model, seen)
    plane = np.zeros(rgb.shape[:2], np.float32)
    part, where = roi.paste(np.ascontiguousarray(mask), rgb.shape)
    plane[where] = part
    return plane


def sharpen(rgb: UInt8Array, probability: FloatArray, rois: Sequence[Roi]) -> FloatArray:
    """`probability` replaced in each region, where the model's 256 cells are smaller.

    The mean over the region and its mirror image counts, fading out towards the region's sides. A result that
    contradicts what is known (a tile of sleeve seen without its person) is left out.
    """
    result = probability.copy()
    for roi in rois:
        near = 0.5 * (infer(rgb, roi) + infer(rgb, roi, mirrored=True))
        trust = rim_trust(roi, result.shape)
        if _agreement(near * trust, result * trust) > 0.75:
            result += trust * (near - result)
    return result


def gather(rgb: UInt8Array, probability: FloatArray, faces: Sequence[Face]) -> FloatArray:
    """`probability` with the people added whom the model misses, or half misses, in the whole photo.

    The square model sees each figure on its own, and is believed where it and its mirror image agree.
    """
    result = probability.copy()
    for face in faces:
        roi = _figure(face, 6.0).clipped(result.shape)
        inferred = _pairs(rgb, [roi], SQUARE)
        if agreement(inferred) > 0.8:
            result += rim_trust(roi, result.shape) * np.maximum(mean(inferred) - result, 0)
    return result


def head_rois(faces: Sequence[Face], shape: tuple[int, ...]) -> list[Roi]:
    """Regions around each head, wide ones before near ones.

    They end at the photo's border: a repeated border would fade a cut face out.
    """
    rois = []
    for side in (BUST, NEAR):
        for face in faces:
            left, top, width, height = face.box
            size = side * max(width, height)
            rois.append(Roi.around(left + width / 2, top + 0.4 * height, size, size).clipped(shape))
    return [roi for roi in rois if roi.width * roi.height < 0.7 * shape[0] * shape[1]]


def infer_square(rgb: UInt8Array) -> list[FloatArray]:
    """The square model's results for the whole photo: as it is, with some border repeated, and both mirrored.

    The padded photo shows the background at the frame better, the plain one a face that the frame cuts.
    """
    return _pairs(rgb, [_whole(rgb, 1.0), _whole(rgb, 1.16)], SQUARE)


def infer_landscape(rgb: UInt8Array) -> list[FloatArray]:
    """The landscape model's results for the whole photo with more border. It knows painted people better."""
    return _pairs(rgb, [_whole(rgb, 1.15), _whole(rgb, 1.25)], LANDSCAPE)


def infer_figure(rgb: UInt8Array, face: Face) -> list[FloatArray]:
    """The landscape model's results for the figure below one face: finds people who are small in their picture."""
    return _pairs(rgb, [_figure(face, 6.0), _figure(face, 6.6)], LANDSCAPE)


def cut_off(probability: FloatArray, face: Face) -> bool:
    """Whether a figure found by `infer_figure` reaches far beyond its region, and so is not the whole person."""
    roi = _figure(face, 6.0).clipped(probability.shape)
    part = probability[roi.slices] > 0.5
    sides = [
        (roi.left > 0, part[:, 0]),
        (roi.top > 0, part[0]),
        (roi.left + roi.width < probability.shape[1], part[:, -1]),
        (roi.top + roi.height < probability.shape[0], part[-1]),
    ]
    open_sides = [side.mean() for inner, side in sides if inner]
    return max(open_sides, default=0.0) > 0.4


def mean(inferred: Sequence[FloatArray]) -> FloatArray:
    """The mean of several results, (H, W) float32."""
    return np.asarray(np.mean(inferred, axis=0), np.float32)


def agreement(inferred: Sequence[FloatArray]) -> float:
    """How far several results agree: mean over pairs of the soft intersection over union, in [0, 1]."""
    pairs = [(a, b) for i, a in enumerate(inferred) for b in inferred[i + 1 :]]
    return float(np.mean([_agreement(a, b) for a, b in pairs])) if pairs else 1.0


def _figure(face: Face, side: float) -> Roi:
    left, top, width, height = face.box
    return Roi.around(left + width / 2, top + 1.6 * height, side * width, side * height)


def _whole(rgb: UInt8Array, scale: float) -> Roi:
    height, width = rgb.shape[:2]
    return Roi.around(width / 2, height / 2, scale * width, scale * height)


def _pairs(rgb: UInt8Array, rois: Sequence[Roi], model: str) -> list[FloatArray]:
    return [infer(rgb, roi, model, mirrored=mirrored) for roi in rois for mirrored in (False, True)]


def _agreement(a: FloatArray, b: FloatArray) -> float:
    return float(np.minimum(a, b).sum(dtype=np.float64) / max(np.maximum(a, b).sum(dtype=np.float64), 1.0))


def rim_trust(roi: Roi, shape: tuple[int, ...]) -> FloatArray:
    """1 in the region's middle, falling to 0 over an eighth at those sides that are not the photo's border."""

    def ramp(start: int, length: int, total: int) -> FloatArray:
        at = np.arange(total, dtype=np.float32) + 0.5 - start
        fade = max(length / 8, 1.0)
        low = at / fade if start > 0 else np.full(total, np.inf, np.float32)
        high = (length - at) / fade if start + length < total else np.full(total, np.inf, np.float32)
        return np.clip(np.minimum(low, high), 0, 1).astype(np.float32)

    rows, columns = ramp(roi.top, roi.height, shape[0]), ramp(roi.left, roi.width, shape[1])
    return np.asarray(rows[:, None] * columns[None, :])
