"""Who is there: which part of the mask belongs to which face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.segmentation.coarse import clip
from portrait_nst.segmentation.crops import Window
from portrait_nst.types import Face, FloatArray

COVERED = 0.6  # mean probability that the middle of a face must have for its owner to be in the mask


def covers(probability: FloatArray, face: Face) -> bool:
    """Whether the mask holds the middle of this face."""
    left, top, width, height = face.box
    middle = Window.around(left + width / 2, top + height / 2, 0.6 * width, 0.6 * height)
    w = clip(middle, probability.shape)
    return float(probability[w.top : w.top + w.height, w.left : w.left + w.width].mean()) > COVERED


def split(probability: FloatArray, faces: Sequence[Face]) -> np.ndarray:
    """Number of the face that each pixel belongs to: (H, W) int32, -1 where nobody is.

    probability: (H, W) float32. faces: in pixels of it; each must be covered by it.
    Connected parts of the mask go to the face they hold; one that holds several is shared between them by the
    distance to each body's axis (from the face downwards), measured in faces, so that the larger, nearer
    person gets more. Parts without a face stay where they are near somebody (a raised hand), else they go.
    """
    import cv2

    height, width = probability.shape
    mask = probability > 0.5
    owners = np.full(mask.shape, -1, np.int32)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    near = np.stack([_distance(face, mask.shape) for face in faces])
    closest = near.argmin(axis=0).astype(np.int32)
    held = [_labels_held(labels, face) for face in faces]
    for label in range(1, count):
        part = labels == label
        mine = [i for i, seen in enumerate(held) if label in seen]
        if len(mine) == 1:
            owners[part] = mine[0]
        elif mine:
            among = np.array(mine, np.int32)[near[mine].argmin(axis=0)]
            owners[part] = among[part]
        elif stats[label, cv2.CC_STAT_AREA] > 1e-4 * height * width and near.min(axis=0)[part].min() < 1.2:
            owners[part] = closest[part]
    return owners


def _labels_held(labels: np.ndarray, face: Face) -> set[int]:
    left, top, width, height = face.box
    w = clip(Window.around(left + width / 2, top + height / 2, 0.6 * width, 0.6 * height), labels.shape)
    part = labels[w.top : w.top + w.height, w.left : w.left + w.width]
    values, counts = np.unique(part[part > 0], return_counts=True)
    return {int(values[counts.argmax()])} if len(values) else set()


def _distance(face: Face, shape: tuple[int, int]) -> FloatArray:
    """Distance of each pixel to the axis of this face's body, in face widths: (H, W) float32."""
    left, top, width, height = face.box
    x, y = left + width / 2, top + height / 2
    columns = np.arange(shape[1], dtype=np.float32) + 0.5 - x
    rows = np.arange(shape[0], dtype=np.float32) + 0.5 - y
    # Beside the axis below the face; from its end points above the face and below the feet.
    beyond = np.where(rows < 0, rows, np.maximum(rows - 7 * height, 0))
    return (np.sqrt(columns[None, :] ** 2 + beyond[:, None] ** 2) / max(width, 1e-6)).astype(np.float32)
