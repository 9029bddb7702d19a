"""Which part of the mask belongs to which face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

CORE = 0.45  # distance from a body's axis, in faces, that is surely this body
CLEAR = 0.4  # a pixel this much nearer to one body than to the next is surely its own
COVERED = 0.6  # mean probability that the middle of a face must have for its owner to be in the mask


def covers(probability: FloatArray, face: Face) -> bool:
    """Whether a mask holds the middle of this face: the one rule for which face belongs to a region.

    probability: (H, W) float32 in [0, 1], a matte or the probability of a person. face: in its pixels.
    """
    middle = probability[Roi.middle_of(face).slices]
    return middle.size > 0 and float(middle.mean()) > COVERED


def split(rgb: UInt8Array, probability: FloatArray, faces: Sequence[Face]) -> NDArray[np.int32]:
    """Number of the face that each pixel belongs to: (H, W) int32, -1 where nobody is.

    rgb: (H, W, 3) uint8. probability: (H, W) float32. faces: in pixels of them, each covered by the mask.
    Connected parts of the mask go to the face they hold; one that holds several is shared out. Parts
    without a face stay where they are near somebody (a raised hand), else they go.
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
            owners[part] = np.array(mine, np.int32)[_share(rgb, part, near[mine])[part]]
        elif stats[label, cv2.CC_STAT_AREA] > 1e-4 * height * width and near.min(axis=0)[part].min() < 1.2:
            owners[part] = closest[part]
    return owners if len(faces) == 1 else _connected(owners, near, faces)


def _connected(owners: NDArray[np.int32], near: FloatArray, faces: Sequence[Face]) -> NDArray[np.int32]:
    """`owners` with parts that lie apart from their owner's head given to the nearest person whom they touch."""
    import cv2

    result = owners.copy()
    for i, face in enumerate(faces):
        _, labels, stats, _ = cv2.connectedComponentsWithStats((owners == i).astype(np.uint8), connectivity=8)
        head = _labels_held(labels, face)
        for label in range(1, len(stats)):
            if label in head:
                continue
            part = labels == label
            rim = (cv2.dilate(part.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0) & ~part
            touching = np.unique(owners[rim & (owners >= 0)])
            if len(touching):
                result[part] = touching[near[touching][:, part].mean(axis=1).argmin()]
    return result


def _share(rgb: UInt8Array, part: NDArray[np.bool_], near: FloatArray) -> NDArray[np.int32]:
    """Which of several touching people each pixel of `part` belongs to: (H, W) index into `near`.

    near: (people, H, W), see `_distance`. Who is clearly nearest has a pixel; in the doubtful zone between
    them a watershed lets the border run along the edges of the picture, sleeve against sleeve.
    """
    import cv2

    order = np.sort(near, axis=0)
    closest = near.argmin(axis=0).astype(np.int32)
    clear = (order[0] < CORE) | (order[0] < CLEAR * order[1])
    # 1, 2, ...: people; 0: to be decided; the last: the outside.
    markers = np.where(clear, closest + 1, 0).astype(np.int32)
    markers[~part] = len(near) + 1
    smooth = cv2.bilateralFilter(np.ascontiguousarray(rgb), 7, 40, 5)
    found = cv2.watershed(smooth, markers) - 1
    # Watershed draws its lines as -1; they and leaks of the outside go to the nearest person.
    return np.asarray(np.where((found >= 0) & (found < len(near)), found, closest), np.int32)


def _labels_held(labels: NDArray[np.int32], face: Face) -> set[int]:
    """The label of the connected part that holds most of the middle of this face; empty where none does."""
    part = labels[Roi.middle_of(face).slices]
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
    return np.asarray(np.sqrt(columns[None, :] ** 2 + beyond[:, None] ** 2) / max(width, 1e-6), np.float32)
