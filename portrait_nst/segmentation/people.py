"""Which part of the mask belongs to which face.

Bodies that touch part where the picture has its edges. Each pixel goes to the person from whose head and chest the way to it is
cheapest; ways cost by their length, by the edges that they cross, and where a look at that person alone (see `alone`) marks less
than one at somebody else. The border is found on a coarse grid, and then drawn by a watershed in the picture itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst.segmentation.geodesic import Costs, geodesic
from portrait_nst.segmentation.roi import Roi
from portrait_nst.types import Face, FloatArray, UInt8Array

COVERED = 0.6  # mean probability that the middle of a face must have for its owner to be in the mask
# Distances from a body's axis, in faces, up to which a part of the mask without a face is this body's: one that is as thin as a
# raised hand, and one as thick as a body, which something in front parts from its head.
NEAR, UNDER = 1.2, 0.45
CRUMB = 1e-4  # share of the picture below which such a part is a crumb

# The coarse grid, and what a way on it costs.
SIDE = 240  # cells of a square picture's side
EDGE = 12.0  # difference of neighbouring cells in CIELAB that costs as much as a way as long as a face is wide
OUTSIDE = 3.0  # what a step outside of the mask costs beside that
CONTRADICTED = 8.0  # what a way as long as a face costs, where the look at this person marks nothing, and another's all
# How far below a face its body surely is, in its heights, and how far to either side, in its widths.
CHEST = (2.0, 0.35)
# A cell is surely somebody's whose way is shorter than the next one's by this factor, or by this much.
FACTOR, MARGIN = 0.15, 3.0

# What belongs to nobody who has a face: where the look at the owner alone marks less than `MARKED`, and so does all that hangs on
# it, if it is as thick as a body, by the radius in faces. Thin parts are limbs, which looks lose.
MARKED, BODY = 0.4, 0.35

Mask = NDArray[np.bool_]
Owners = NDArray[np.int32]


def covers(probability: FloatArray, face: Face) -> bool:
    """Whether a mask holds the middle of this face: the one rule for which face belongs to a region.

    probability: (H, W) float32 in [0, 1], a matte or the probability of a person. face: in its pixels.
    """
    middle = probability[Roi.middle_of(face).slices]
    return middle.size > 0 and float(middle.mean()) > COVERED


def split(rgb: UInt8Array, probability: FloatArray, faces: Sequence[Face], looks: FloatArray | None = None) -> Owners:
    """The number of the face that each pixel belongs to: (H, W) int32, -1 outside of the mask, n where it is nobody's.

    rgb: (H, W, 3) uint8. probability: (H, W) float32. faces: n of them, in pixels of these, each covered by the mask.
    looks: (n, H, W) float32, what a look at each person alone marks, as `alone` gives it; None where that is not known.

    Connected parts of the mask go to the face they hold; one that holds several is shared out. Parts without a face stay where
    they are near somebody (a raised hand, a body below a lectern), else they are nobody's; so is, by the `looks`, a bystander
    without a face.
    """
    mask = probability > 0.5
    owners = np.where(mask, len(faces), -1).astype(np.int32)
    shared = _shared(rgb, mask, faces, looks) if len(faces) > 1 else np.zeros(mask.shape, np.int32)
    owners[mask] = shared[mask]
    _drop_crumbs(owners, faces)
    if looks is not None:
        _drop_bystanders(owners, faces, looks)
    return owners


def strays(probability: FloatArray, faces: Sequence[Face]) -> Mask:
    """(H, W) bool: connected parts of the mask that hold no face and are small, or far from everybody, as of a screen."""
    nearest = np.argmin([_distance(face, probability.shape) for face in faces], axis=0)
    owners = np.where(probability > 0.5, nearest, -1).astype(np.int32)
    _drop_crumbs(owners, faces)
    return np.asarray(owners == len(faces))


def _drop_crumbs(owners: Owners, faces: Sequence[Face]) -> None:
    """Make parts of the mask nobody's that hold no face and are small or far from their owner; in place."""
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats((owners >= 0).astype(np.uint8), connectivity=8)
    held = set().union(*(_labels_held(labels, face) for face in faces))
    rest = ~np.isin(labels, [0, *held])
    if not rest.any():
        return
    near = np.min([_distance(face, owners.shape) for face in faces], axis=0)
    for label in np.unique(labels[rest]):
        part = labels == label
        mine = int(np.bincount(owners[part]).argmax())
        thick = cv2.distanceTransform(part.astype(np.uint8), cv2.DIST_L2, 3).max() > BODY * faces[mine].box[2]
        far = near[part].min() >= (UNDER if thick else NEAR)
        if far or stats[label, cv2.CC_STAT_AREA] <= CRUMB * owners.size:
            owners[part] = len(faces)


def _drop_bystanders(owners: Owners, faces: Sequence[Face], looks: FloatArray) -> None:
    """Make parts of the mask nobody's that are as thick as a body, and joined to no head by what the looks mark; in place."""
    import cv2

    for i, (face, look) in enumerate(zip(faces, looks)):
        mine = owners == i
        _, labels = cv2.connectedComponents((mine & (look >= MARKED)).astype(np.uint8), connectivity=8)
        head = _labels_held(labels, face)
        if not head:  # a look that does not know its own person knows nothing of others
            continue
        rest = (mine & ~np.isin(labels, list(head))).astype(np.uint8)
        thickness = cv2.distanceTransform(rest, cv2.DIST_L2, 3)
        _, parts = cv2.connectedComponents(rest, connectivity=8)
        thick = np.unique(parts[thickness > BODY * face.box[2]])
        owners[np.isin(parts, thick[thick > 0])] = len(faces)


def _shared(rgb: UInt8Array, mask: Mask, faces: Sequence[Face], looks: FloatArray | None) -> Owners:
    """The number of the face from which the way to each pixel is cheapest: (H, W) int32."""
    import cv2

    height, width = mask.shape
    cell = max(1.0, (height * width) ** 0.5 / SIDE)
    size = (max(1, round(width / cell)), max(1, round(height / cell)))
    coarse = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5
    small = [face.scaled(size[1] / height, size[0] / width) for face in faces]
    right, down = _costs(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), coarse, small)
    if looks is not None:
        seen = np.stack([cv2.resize(look, size, interpolation=cv2.INTER_AREA) for look in looks])
        widths = np.array([face.box[2] for face in small])[:, None, None]
        against = CONTRADICTED * (seen.max(0) - seen) / widths
        right += (against[:, :, 1:] + against[:, :, :-1]) / 2
        down += (against[:, 1:] + against[:, :-1]) / 2
    ways = geodesic(_seeds(small, coarse), right, down)
    nearest = ways.argmin(0)
    first, second = np.partition(ways, 1, axis=0)[:2]
    sure = coarse & ((first < FACTOR * second) | (second - first > MARGIN)) & _away_from_borders(nearest)
    return _drawn(rgb, mask, nearest, sure)


def _drawn(rgb: UInt8Array, mask: Mask, nearest: NDArray[np.intp], sure: Mask) -> Owners:
    """`nearest`, known on the coarse grid, at the picture's size: where it is not `sure` the border is the picture's own."""
    import cv2

    def enlarged(plane: NDArray[np.generic]) -> Owners:
        size = (mask.shape[1], mask.shape[0])
        return np.asarray(cv2.resize(plane.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST), np.int32)

    count = int(nearest.max()) + 1
    # 1, 2, ...: people; 0: to be decided; the last: the outside.
    markers = enlarged(np.where(sure, nearest + 1, 0))
    markers[~mask] = count + 1
    found = cv2.watershed(cv2.bilateralFilter(np.ascontiguousarray(rgb), 7, 40, 5), markers) - 1
    # Watershed draws its lines as -1; they and leaks of the outside go to the nearest person.
    return np.where((found >= 0) & (found < count), found, enlarged(nearest)).astype(np.int32)


def _away_from_borders(owner: NDArray[np.intp]) -> Mask:
    """Cells around which all others have the same owner."""
    import cv2

    plane, around = owner.astype(np.uint8), np.ones((3, 3), np.uint8)
    return np.asarray(cv2.erode(plane, around) == cv2.dilate(plane, around), bool)


def _costs(rgb: UInt8Array, mask: Mask, faces: Sequence[Face]) -> tuple[Costs, Costs]:
    """What a step to the next column and to the next row costs: (n, h, w - 1) and (n, h - 1, w)."""
    import cv2

    smooth = cv2.bilateralFilter(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), 5, 25, 4)
    lab = smooth.astype(np.float64) * (100 / 255, 1, 1)
    length = 1 / np.array([face.box[2] for face in faces])[:, None, None]

    def steps(one: NDArray[np.float64], other: NDArray[np.float64], inside: Mask) -> Costs:
        # Squared, so that one edge costs more than the shading of a whole sleeve.
        return np.asarray(((one - other) ** 2).sum(2) / EDGE**2 + np.where(inside, 0, OUTSIDE) + length)

    right = steps(lab[:, 1:], lab[:, :-1], mask[:, 1:] & mask[:, :-1])
    return right, steps(lab[1:], lab[:-1], mask[1:] & mask[:-1])


def _seeds(faces: Sequence[Face], mask: Mask) -> NDArray[np.bool_]:
    """(n, h, w): the head of each person, and the chest below it down to where somebody else's head hides it."""
    rows, columns = np.mgrid[: mask.shape[0], : mask.shape[1]] + 0.5
    boxes = [face.box for face in faces]
    heads = np.stack(
        [np.hypot((columns - x - w / 2) / (0.5 * w), (rows - y - 0.42 * h) / (0.62 * h)) for x, y, w, h in boxes]
    )
    whose = np.where(heads.min(0) < 1, heads.argmin(0), -1)
    beside = np.stack([np.abs(columns - x - w / 2) / w for x, _, w, _ in boxes])
    seeds = np.zeros_like(heads, bool)
    for i, (_, y, _, h) in enumerate(boxes):
        chest = (
            (beside[i] < CHEST[1]) & (beside[i] == beside.min(0)) & (rows > y + h / 2) & (rows < y + (1 + CHEST[0]) * h)
        )
        hidden = ((whose >= 0) & (whose != i) & chest).any(1)
        if hidden.any():
            chest[int(hidden.argmax()) :] = False
        seeds[i] = (whose == i) | (chest & (whose < 0))
    return seeds & mask


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
