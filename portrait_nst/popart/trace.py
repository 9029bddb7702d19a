"""From a label map to a net: follow the cracks between pixels of different regions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.popart.net import OUTSIDE, Net


def trace(labels: NDArray[np.integer]) -> Net:
    """The exact borders of a label map, (h, w) integers from 0; every lattice point passed is a vertex.

    Junctions are the points where three or more borders meet, where one meets the frame, and the corners.
    """
    height, width = labels.shape
    right = np.zeros((height + 1, width + 1), bool)  # a crack from (x, y) to (x + 1, y)
    down = np.zeros((height + 1, width + 1), bool)  # a crack from (x, y) to (x, y + 1)
    right[1:height, :width] = labels[1:] != labels[:-1]
    down[:height, 1:width] = labels[:, 1:] != labels[:, :-1]
    degree = right.astype(np.int8) + down
    degree[:, 1:] += right[:, :-1]
    degree[1:] += down[:-1]
    junction = degree > 2
    rim = np.ones_like(junction)
    rim[1:height, 1:width] = False
    junction |= rim & (degree > 0)

    stride = width + 1
    # Cracks still to walk, by the point they leave: one entry a direction (east, south, west, north).
    free = [
        bytearray(right.tobytes()),
        bytearray(down.tobytes()),
        bytearray(np.pad(right[:, :-1], ((0, 0), (1, 0))).tobytes()),
        bytearray(np.pad(down[:-1], ((1, 0), (0, 0))).tobytes()),
    ]
    step = (1, stride, -1, -stride)
    ends = junction.ravel().tobytes()

    def walk(start: int, direction: int) -> list[int]:
        path, point, d = [start], start, direction
        while True:
            free[d][point] = 0
            point += step[d]
            free[(d + 2) % 4][point] = 0
            path.append(point)
            if ends[point] or point == start:
                return path
            d = next(t for t in (d, (d + 1) % 4, (d + 3) % 4) if free[t][point])

    paths = []
    for start in np.flatnonzero(junction).tolist():
        paths += [walk(start, d) for d in range(4) if free[d][start]]
    for d in (0, 1):
        point = free[d].find(1)
        while point >= 0:
            paths.append(walk(point, d))
            point = free[d].find(1, point)
    sides = [_sides(labels, p[0], p[1], stride) for p in paths]

    inner = junction & rim
    frame, frame_sides = _frame(labels, inner)
    paths += frame
    sides += frame_sides
    used, numbers = np.unique(np.concatenate([np.array(p) for p in paths]), return_inverse=True)
    xy = np.stack([used % stride, used // stride], axis=1).astype(float)
    cuts = np.cumsum([len(p) for p in paths])[:-1]
    return Net(xy, [a.astype(np.int64) for a in np.split(numbers, cuts)], sides, width, height)


def _sides(labels: NDArray[np.integer], a: int, b: int, stride: int) -> tuple[int, int]:
    """Regions on the left and right of the crack from lattice point a to b."""
    x, y, step = a % stride, a // stride, b - a
    if step == 1:
        return int(labels[y, x]), int(labels[y - 1, x])
    if step == -1:
        return int(labels[y - 1, x - 1]), int(labels[y, x - 1])
    if step > 0:
        return int(labels[y, x - 1]), int(labels[y, x])
    return int(labels[y - 1, x]), int(labels[y - 1, x - 1])


def _frame(labels: NDArray[np.integer], junction: NDArray[np.bool_]) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """The frame's own borders, clockwise on the screen so that the picture is on their left; corners are vertices."""
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
