"""A label map is turned into a topology by following the cracks between pixels of different regions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.topology import OUTSIDE, Topology

# Directions are 0 east, 1 south, 2 west, 3 north; quarters 1 north-east, 2 south-east, 3 south-west, 4 north-west.
_QUARTERS = np.array([(0, 0), (1, -1), (1, 1), (-1, 1), (-1, -1)]) / 4
_RISING, _FALLING = 1, 2
# Where the pixels in the north-west and south-east connect (falling), the path goes round the north-east or the south-west
# pixel; where those in the north-east and south-west connect (rising), it goes round one of the others. The table gives
# the new direction and the quarter by the direction of arrival.
_TURNS = {
    (_FALLING, 0): (1, 3),
    (_FALLING, 1): (0, 1),
    (_FALLING, 2): (3, 1),
    (_FALLING, 3): (2, 3),
    (_RISING, 0): (3, 4),
    (_RISING, 1): (2, 4),
    (_RISING, 2): (1, 2),
    (_RISING, 3): (0, 2),
}


def _corners(labels: NDArray[np.integer]) -> NDArray[np.uint8]:
    """(h + 1, w + 1): _FALLING or _RISING where four borders meet and a diagonal belongs to one region, else 0."""
    height, width = labels.shape
    result = np.zeros((height + 1, width + 1), np.uint8)
    nw, ne, sw, se = labels[:-1, :-1], labels[:-1, 1:], labels[1:, :-1], labels[1:, 1:]
    crossing = (nw != ne) & (nw != sw) & (se != ne) & (se != sw)
    falling, rising = crossing & (nw == se), crossing & (ne == sw)
    falling &= ~rising | (nw < ne)
    result[1:height, 1:width] = np.where(falling, _FALLING, np.where(rising, _RISING, 0))
    return result


def trace(labels: NDArray[np.integer]) -> Topology:
    """The exact borders of a label map, (h, w) integers from 0; every lattice point on a border is a vertex.

    Junctions are the points where three or more borders meet, where one meets the frame, and the corners. Where a
    region's pixels touch only at a corner they count as connected: the borders that meet there part, a quarter pixel
    from the corner each, so that no region touches itself in a point.
    """
    height, width = labels.shape
    right = np.zeros((height + 1, width + 1), bool)  # a crack from (x, y) to (x + 1, y)
    down = np.zeros((height + 1, width + 1), bool)  # a crack from (x, y) to (x, y + 1)
    right[1:height, :width] = labels[1:] != labels[:-1]
    down[:height, 1:width] = labels[:, 1:] != labels[:, :-1]
    degree = right.astype(np.int8) + down
    degree[:, 1:] += right[:, :-1]
    degree[1:] += down[:-1]
    corner = _corners(labels)
    junction = (degree > 2) & (corner == 0)
    rim = np.ones_like(junction)
    rim[1:height, 1:width] = False
    junction |= rim & (degree > 0)

    stride = width + 1
    # The cracks that are still to be followed, by the point they leave: one array for each direction.
    free = [
        bytearray(right.tobytes()),
        bytearray(down.tobytes()),
        bytearray(np.pad(right[:, :-1], ((0, 0), (1, 0))).tobytes()),
        bytearray(np.pad(down[:-1], ((1, 0), (0, 0))).tobytes()),
    ]
    step = (1, stride, -1, -stride)
    ends = junction.ravel().tobytes()
    parting = corner.ravel().tobytes()
    count = stride * (height + 1)

    def follow(start: int, direction: int) -> list[int]:
        path, point, d = [start], start, direction
        while True:
            free[d][point] = 0
            point += step[d]
            free[(d + 2) % 4][point] = 0
            if ends[point]:
                path.append(point)
                return path
            if parting[point]:
                d, quarter = _TURNS[parting[point], d]
                path.append(point + quarter * count)
            else:
                path.append(point)
                d = next((t for t in (d, (d + 1) % 4, (d + 3) % 4) if free[t][point]), -1)
            if d < 0 or not free[d][point]:
                path[0] = path[-1]
                return path

    paths = []
    for start in np.flatnonzero(junction).tolist():
        paths += [follow(start, d) for d in range(4) if free[d][start]]
    for d in (0, 1):
        point = free[d].find(1)
        while point >= 0:
            paths.append(follow(point, d))
            point = free[d].find(1, point)
    sides = [_sides(labels, p[0] % count, p[1] % count, stride) for p in paths]

    inner = junction & rim
    frame, frame_sides = _frame(labels, inner)
    paths += frame
    sides += frame_sides
    used, numbers = np.unique(np.concatenate([np.array(p) for p in paths]), return_inverse=True)
    quarter, lattice = np.divmod(used, count)
    xy = np.stack([lattice % stride, lattice // stride], axis=1) + _QUARTERS[quarter]
    cuts = np.cumsum([len(p) for p in paths])[:-1]
    return Topology(xy, [a.astype(np.int64) for a in np.split(numbers, cuts)], sides, width, height)


def _sides(labels: NDArray[np.integer], a: int, b: int, stride: int) -> tuple[int, int]:
    """The regions on the left and right of the crack from lattice point a to b."""
    x, y, step = a % stride, a // stride, b - a
    if step == 1:
        return int(labels[y, x]), int(labels[y - 1, x])
    if step == -1:
        return int(labels[y - 1, x - 1]), int(labels[y, x - 1])
    if step > 0:
        return int(labels[y, x - 1]), int(labels[y, x])
    return int(labels[y - 1, x]), int(labels[y - 1, x - 1])


def _frame(labels: NDArray[np.integer], junction: NDArray[np.bool_]) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """The frame's own borders, clockwise on the screen so that the picture lies on their left; corners are vertices."""
    height, width = labels.shape
    stride = width + 1
    top = [(x, 0) for x in range(width)]
    side = [(width, y) for y in range(height)]
    bottom = [(x, height) for x in range(width, 0, -1)]
    back = [(0, y) for y in range(height, 0, -1)]
    around = top + side + bottom + back
    corners = {(0, 0), (width, 0), (width, height), (0, height)}
    starts = [i for i, (x, y) in enumerate(around) if junction[y, x]] or [0]
    around = around[starts[0] :] + around[: starts[0]] + [around[starts[0]]]
    paths: list[list[int]] = []
    sides: list[tuple[int, int]] = []
    path: list[int] = []
    for i, (x, y) in enumerate(around):
        last = i == len(around) - 1
        stop = bool(junction[y, x]) or last
        if i == 0 or stop or (x, y) in corners:
            path.append(y * stride + x)
        if stop and i > 0:
            px, py = around[i - 1]
            pixel = labels[min(py, y, height - 1), min(px, x, width - 1)]
            paths.append(path)
            sides.append((int(pixel), OUTSIDE))
            path = [y * stride + x]
    return paths, sides
