"""Where people are: several looks at a photo joined, by how sure each one is at each place.

Looks are joined by their log-odds (a logarithmic opinion pool: Genest and Zidek, "Combining probability distributions",
Statistical Science 1986). An unsure look, whose log-odds are near 0, so counts little beside a sure one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation.looks import LARGEST, agreement, figure_roi, look, mean, overlap, person_boxes
from portrait_nst.segmentation.mediapipe_tasks import LANDSCAPE, SQUARE
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

SUREST = 4.0  # log-odds that no look exceeds: 0.98. The models' own reach 10, and one look would outvote three
NEARER = 0.9  # the say of a look at a region, whose cells are smaller, against what was known before
WIDER = 0.3  # the margin with which people are looked for again, in shares of their box: room for an arm not seen yet
SMALL = 0.6  # a region up to this share of the photo has its whole say, one of `LARGEST` none
AGREED = 0.8  # results that agree this far need nothing else to be believed
FAMILIAR = 0.75  # a look at a region counts if it agrees this far with what was known
SURE = 0.8  # a part of people is this sure somewhere
SIDE = 0.25  # the trust below which a place is at a region's side: the outermost thirty-second of its length
OTHERWISE = 0.25  # probabilities that differ by this are two opinions
CELLS = 128  # differences narrower than the photo's side over this are an edge seen more exactly, not another opinion


def pool(inferred: Sequence[FloatArray], weights: Sequence[float] | None = None) -> FloatArray:
    """Probabilities (H, W) in [0, 1] joined by the weighted mean of their log-odds: (H, W) float32."""
    weights = [1.0] * len(inferred) if weights is None else weights
    total = np.zeros(inferred[0].shape, np.float32)
    for one, weight in zip(inferred, weights):
        total += np.float32(weight / sum(weights)) * _log_odds(one)
    return _probability(total)


def closer(rgb: UInt8Array, probability: FloatArray, seen: Sequence[FloatArray], faces: Sequence[Face]) -> FloatArray:
    """`probability` joined with looks of both models at people alone, each of them whole.

    seen: the results (H, W) that `probability` is joined from; people are where any of them sees somebody.

    Where people fill a tenth of a photo, the models see their hands in a few cells only, and little of them before a restless
    backdrop; from close by they know arms, legs and things held much better. There they see more of an arm than was known, so
    that they look twice, the second time at all of it. Where both agree they need not be familiar.
    """
    boxes = person_boxes(seen, faces, WIDER)
    if boxes:
        boxes = person_boxes([pool(_both(rgb, roi)) for roi in boxes], faces) or boxes
    result = probability
    for roi in boxes:
        both = _both(rgb, roi)
        result = _joined(result, pool(both), roi, familiar=0.0 if overlap(*both) > AGREED else FAMILIAR)
    return result


def _both(rgb: UInt8Array, roi: Roi) -> tuple[FloatArray, FloatArray]:
    return mean(look(rgb, roi, SQUARE)), mean(look(rgb, roi, LANDSCAPE))


def sharpen(rgb: UInt8Array, probability: FloatArray, rois: Sequence[Roi]) -> FloatArray:
    """`probability` joined in each region with a look at that alone, in which the model's 256 cells are smaller.

    The look fades out towards the region's sides, and has no say where it would take away or add a thing that these sides
    cut: of a neighbour's shoulder at its rim it cannot know. One that contradicts all that is known (a tile of sleeve seen
    without its person) is left out.
    """
    result = probability
    for roi in rois:
        result = _joined(result, mean(look(rgb, roi)), roi)
    return result


def gather(rgb: UInt8Array, probability: FloatArray, faces: Sequence[Face]) -> FloatArray:
    """`probability` with the people added whom the model misses, or half misses, in the whole photo.

    The square model sees each figure on its own, and is believed where it and its mirror image agree.
    """
    result = probability.copy()
    for face in faces:
        roi = figure_roi(face).clipped(result.shape)
        inferred = look(rgb, roi)
        if agreement(inferred) > AGREED:
            result += rim_trust(roi, result.shape) * np.maximum(mean(inferred) - result, 0)
    return result


def without_doubtful(probability: FloatArray) -> FloatArray:
    """`probability` without those connected parts above 0.5 that no look is sure of anywhere, as of a screen near somebody."""
    import cv2

    _, labels = cv2.connectedComponents((probability > 0.5).astype(np.uint8), connectivity=8)
    sure = np.unique(labels[probability > SURE])
    return np.where((labels == 0) | np.isin(labels, sure), probability, np.float32(0))


def cut(known: FloatArray, near: FloatArray, trust: FloatArray) -> NDArray[np.bool_]:
    """Where a look at a region contradicts what is known, in parts that the region's sides cut: (H, W) bool.

    known, near: (H, W) float32 in [0, 1]. trust: see `rim_trust`; a part is cut where it reaches trust below 1.
    """
    import cv2

    width = max(3, round((known.shape[0] * known.shape[1]) ** 0.5 / CELLS))
    kernel = np.ones((width, width), np.uint8)
    result = np.zeros(known.shape, bool)
    for contradicted in (known - near > OTHERWISE, near - known > OTHERWISE):
        inside = (contradicted & (trust > 0)).astype(np.uint8)
        _, labels = cv2.connectedComponents(cv2.erode(inside, kernel), connectivity=8)
        reaching = np.unique(labels[(trust > 0) & (trust < SIDE)])
        parts = np.isin(labels, reaching[reaching > 0]).astype(np.uint8)
        result |= cv2.dilate(parts, np.ones((2 * width + 1, 2 * width + 1), np.uint8)) > 0
    return result


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


def _joined(known: FloatArray, near: FloatArray, roi: Roi, familiar: float = FAMILIAR) -> FloatArray:
    trust = rim_trust(roi, known.shape)
    if overlap(near * trust, known * trust) <= familiar:
        return known
    # A region that is nearly all of the photo shows nothing new. No sharp limit: a pixel more must not change the matte.
    news = np.clip((LARGEST - roi.width * roi.height / known.size) / (LARGEST - SMALL), 0, 1)
    say = np.float32(NEARER * news) * trust * ~cut(known, near, trust)
    return _probability((1 - say) * _log_odds(known) + say * _log_odds(near))


def _log_odds(probability: FloatArray) -> FloatArray:
    least = np.float32(1 / (1 + np.exp(SUREST)))
    clipped = np.clip(probability, least, 1 - least)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float32)


def _probability(log_odds: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float32)
