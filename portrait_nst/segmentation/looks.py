"""Looks: what the selfie models see of a photo, or of a part of it, each time as it is and mirrored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.segmentation.mediapipe_tasks import INPUT, LANDSCAPE, SQUARE, confidence
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

NEAR = 2.4  # side of the region around a head, in faces
BUST = 4.8  # side of the region around head and shoulders, in faces
MARGIN = 0.12  # what is left around people who are seen from close by, in shares of their box
GAP = 0.12  # of the photo's side: parts this near to each other may be one person's
LARGEST = 0.9  # a region that fills more of the photo than this shows nothing that the photo does not
FIGURE = 6.0  # side of the region around a whole figure, in faces


def look(rgb: UInt8Array, roi: Roi, model: str = SQUARE) -> list[FloatArray]:
    """A model's two results for one region, as it is and mirrored, each (H, W) float32 in [0, 1] and 0 outside of it."""
    seen = roi.cut(rgb, INPUT[model])
    found = []
    for mask in (confidence(model, seen), confidence(model, seen[:, ::-1])[:, ::-1]):
        plane = np.zeros(rgb.shape[:2], np.float32)
        part, where = roi.paste(np.ascontiguousarray(mask), rgb.shape)
        plane[where] = part
        found.append(plane)
    return found


def square_looks(rgb: UInt8Array) -> list[FloatArray]:
    """The square model's results for the whole photo: as it is, with some border repeated, and both mirrored.

    The padded photo shows the background at the frame better, the plain one a face that the frame cuts.
    """
    return look(rgb, _whole(rgb, 1.0)) + look(rgb, _whole(rgb, 1.16))


def landscape_looks(rgb: UInt8Array) -> list[FloatArray]:
    """The landscape model's results for the whole photo with more border. It knows painted people, and limbs, better."""
    return look(rgb, _whole(rgb, 1.15), LANDSCAPE) + look(rgb, _whole(rgb, 1.25), LANDSCAPE)


def figure_looks(rgb: UInt8Array, face: Face) -> list[FloatArray]:
    """The landscape model's results for the figure below one face: finds people who are small in their picture."""
    return look(rgb, figure_roi(face), LANDSCAPE) + look(rgb, figure_roi(face, 1.1), LANDSCAPE)


def figure_roi(face: Face, scale: float = 1.0) -> Roi:
    """The region around the figure below a face."""
    left, top, width, height = face.box
    side = scale * FIGURE
    return Roi.around(left + width / 2, top + 1.6 * height, side * width, side * height)


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
    return [roi for roi in rois if roi.width * roi.height < LARGEST * shape[0] * shape[1]]


def person_boxes(seen: Sequence[FloatArray], faces: Sequence[Face], margin: float = MARGIN) -> list[Roi]:
    """Regions around the people with these faces, each with what any of the results `seen` (H, W) takes for them.

    People who nearly touch are in one region, and so is a hand that the results see apart from its arm. None where they fill
    the photo anyway.
    """
    import cv2

    shape = seen[0].shape
    reach = 2 * round(GAP * (shape[0] * shape[1]) ** 0.5 / 2) + 1
    mask = (np.max(seen, 0) > 0.5).astype(np.uint8)
    _, labels = cv2.connectedComponents(cv2.dilate(mask, np.ones((reach, reach), np.uint8)), connectivity=8)
    labels *= mask
    held = {int(label) for face in faces for label in np.unique(labels[Roi.middle_of(face).slices]) if label}
    rois = []
    for label in sorted(held):
        left, top, width, height = cv2.boundingRect((labels == label).astype(np.uint8))
        scale = 1 + 2 * margin
        roi = Roi.around(left + width / 2, top + height / 2, scale * width, scale * height).clipped(shape)
        rois += [roi] if roi.width * roi.height < LARGEST * shape[0] * shape[1] else []
    return rois


def cut_off(probability: FloatArray, face: Face) -> bool:
    """Whether a figure found by `figure_looks` reaches far beyond its region, and so is not the whole person."""
    roi = figure_roi(face).clipped(probability.shape)
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
    return float(np.mean([overlap(a, b) for a, b in pairs])) if pairs else 1.0


def overlap(a: FloatArray, b: FloatArray) -> float:
    """The soft intersection over union of two results."""
    return float(np.minimum(a, b).sum(dtype=np.float64) / max(np.maximum(a, b).sum(dtype=np.float64), 1.0))


def _whole(rgb: UInt8Array, scale: float) -> Roi:
    height, width = rgb.shape[:2]
    return Roi.around(width / 2, height / 2, scale * width, scale * height)
