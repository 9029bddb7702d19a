"""Heads without a face: people seen from behind, or with the head turned away.

The selfie models mark dogs and shoes as gladly as people, so that their word alone is no reason. Three things together are,
measured on 1000 photographs of all kinds: every look of both models agrees on one figure; the detector of faces takes its head
for one from at least one distance, though not from near; and that head is narrower than what it stands on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation import looks
from portrait_nst.segmentation.mediapipe_tasks import LANDSCAPE, SQUARE
from portrait_nst.segmentation.people import covers
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

AGREED = 0.9  # the least overlap of any two looks at one figure from close by
GLIMPSE = 0.65  # the least score of a face seen from one distance
MARGINS = (0.1, 0.3)  # what is seen around the figure, in shares of its box
RELATIVE = (0.2, 0.7)  # a head's width, in widths of its figure: a face in a pattern is smaller, a head alone is larger
UPPER = 1 / 3  # the middle of a head lies this far below the top of its figure at most; a dog's chest has a face too
NARROW = 0.5  # greatest width of the upper fifth, in widths of the figure
SHOULDERS = 1.4  # least width of the third quarter, in widths of the second tenth: below the neck a figure grows wide


def heads(rgb: UInt8Array, seen: Sequence[FloatArray], glimpses: Sequence[Face], faces: Sequence[Face]) -> list[Face]:
    """The heads of figures without a face, at most one for each figure; they have no keypoints.

    rgb: (H, W, 3) uint8. seen: results (H, W) in [0, 1] for the whole photo. glimpses, faces: in its pixels; a figure that
    holds one of the `faces` is no matter here.
    """
    tried = likely(glimpses)
    if not tried:
        return []
    found: list[Face] = []
    figures = [np.asarray(figure, np.float32) for figure in _figures(np.max(seen, 0) > 0.5, tried)]
    for figure in figures:
        if any(covers(figure, face) for face in faces):
            continue
        body = _agreed(rgb, figure)
        if body is not None:
            found += [replace(face, keypoints=()) for face in tried if _on_shoulders(body, face)][:1]
    return found


def likely(glimpses: Sequence[Face]) -> list[Face]:
    """The glimpses that may be heads, the surest first."""
    return sorted((face for face in glimpses if face.score >= GLIMPSE), key=lambda face: -face.score)


def _figures(mask: NDArray[np.bool_], glimpses: Sequence[Face]) -> list[NDArray[np.bool_]]:
    """The connected parts of `mask` that hold the middle of a glimpse."""
    import cv2

    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    middles = [labels[Roi.middle_of(face).slices] for face in glimpses]
    held = {int(np.median(middle)) for middle in middles if middle.size}
    return [labels == label for label in sorted(held - {0})]


def _agreed(rgb: UInt8Array, figure: FloatArray) -> NDArray[np.bool_] | None:
    """The figure as all looks from close by agree on it, (H, W) bool; None where two of them do not."""
    import cv2

    left, top, width, height = cv2.boundingRect(figure.astype(np.uint8))
    seen: list[FloatArray] = []
    for margin in MARGINS:
        scale = 1 + 2 * margin
        roi = Roi.around(left + width / 2, top + height / 2, scale * width, scale * height).clipped(figure.shape)
        for model in (SQUARE, LANDSCAPE):
            seen += looks.look(rgb, roi, model)
            if any(looks.overlap(seen[-1], other) < AGREED for other in seen):
                return None
    return looks.mean(seen) > 0.5


def _on_shoulders(body: NDArray[np.bool_], head: Face) -> bool:
    """Whether a head lies in the upper third of a body (H, W) that is wider below than it is there."""
    rows, columns = np.flatnonzero(body.any(1)), np.flatnonzero(body.any(0))
    if not len(rows):
        return False
    top, height, width = rows[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    x, y = (round(head.box[i] + head.box[i + 2] / 2) for i in (0, 1))
    inside = 0 <= y < body.shape[0] and 0 <= x < body.shape[1] and bool(body[y, x])
    wide = body[top : top + height].sum(1) / width

    def mean(start: float, end: float) -> float:
        return float(wide[int(start * height) : max(int(end * height), int(start * height) + 1)].mean())

    crown, brow = mean(0, 0.1), mean(0.1, 0.2)
    return (
        inside
        and y < top + UPPER * height
        and RELATIVE[0] < head.box[2] / width < RELATIVE[1]
        and max(crown, brow) < NARROW
        and mean(0.5, 0.75) > SHOULDERS * brow
    )
