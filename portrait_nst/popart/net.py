"""A net of arcs: the borders of a partition, each stored once, so that neighbours share every vertex.

Directions: x to the right, y down, and "left" of (dx, dy) is the side of (-dy, dx), as in Shapely and in
Green's theorem, where a ring with its region on the left has a positive area.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

OUTSIDE = -1
"""What lies beyond the frame."""


@dataclass(frozen=True, eq=False)
class Net:
    """Borders of a partition of the frame (0, 0) to (width, height).

    xy:    (v, 2) float64, the vertices; frame corners are among them.
    arcs:  vertex numbers along each border, from junction to junction; first = last for a closed one.
    sides: (left, right) region of each arc; OUTSIDE beyond the frame.
    """

    xy: NDArray[np.float64]
    arcs: list[NDArray[np.int64]]
    sides: list[tuple[int, int]]
    width: int
    height: int

    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(e, 2) vertex numbers of all edges and the (e,) arc each belongs to."""
        pairs = [np.stack([arc[:-1], arc[1:]], axis=1) for arc in self.arcs]
        of = np.repeat(np.arange(len(self.arcs)), [len(p) for p in pairs])
        return np.concatenate(pairs), of

    def on_frame(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which vertices may not move in x, and which not in y: those on the frame's sides."""
        x, y = self.xy.T
        return (x <= 0) | (x >= self.width), (y <= 0) | (y >= self.height)


def crossings(net: Net) -> NDArray[np.int64]:
    """Numbers of the edges (in the order of `Net.edges`) that meet another away from a shared vertex, or have no length."""
    pairs, _ = net.edges()
    ends = net.xy[pairs]
    short = (ends[:, 0] == ends[:, 1]).all(axis=1)
    lines = shapely.linestrings(ends)
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    later = one < other
    one, other = one[later], other[later]
    shared = (pairs[one][:, :, None] == pairs[other][:, None, :]).reshape(-1, 4)
    touching = shared.sum(axis=1)
    bad = touching != 1
    # Two edges with one vertex in common are wrong only where they run back over each other.
    single = np.flatnonzero(touching == 1)
    which = shared[single].argmax(axis=1)
    a, b = which // 2, which % 2
    first, second = ends[one[single]], ends[other[single]]
    rows = np.arange(len(single))
    u, v = first[rows, 1 - a] - first[rows, a], second[rows, 1 - b] - second[rows, b]
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    bad[single] = (np.abs(cross) < 1e-9) & ((u * v).sum(axis=1) > 0)
    return np.unique(np.concatenate([one[bad], other[bad], np.flatnonzero(short)]))


def conflicts(net: Net) -> set[int]:
    """Numbers of the arcs that cross, touch or overlap another arc or themselves away from shared vertices."""
    return set(net.edges()[1][crossings(net)].tolist())


def faces(net: Net) -> tuple[list[shapely.Polygon], list[int]]:
    """The polygons that the arcs enclose, and the region each belongs to.

    Raises ValueError where the arcs do not enclose a partition.
    """
    region: dict[tuple[float, float, float, float], int] = {}
    lines = []
    for arc, (left, right) in zip(net.arcs, net.sides):
        points = net.xy[arc]
        lines.append(shapely.LineString(points))
        there = np.hstack([points[:-1], points[1:]]).tolist()
        for ax, ay, bx, by in there:
            region[ax, ay, bx, by] = left
            region[bx, by, ax, ay] = right
    polygons, owners = [], []
    for polygon in shapely.get_parts(shapely.polygonize(lines)):
        ring = shapely.get_coordinates(shapely.orient_polygons(polygon).exterior)[:2].ravel().tolist()
        owner = region.get(tuple(ring), OUTSIDE)
        if owner == OUTSIDE:
            raise ValueError("the arcs enclose something outside the frame")
        polygons.append(polygon)
        owners.append(owner)
    return polygons, owners


def is_partition(polygons: list[shapely.Polygon], width: int, height: int) -> bool:
    """Whether the polygons cover the frame exactly once: a valid coverage whose areas add up to the frame's."""
    if not polygons or not all(shapely.is_valid(polygons)):
        return False
    exact = abs(sum(p.area for p in polygons) - width * height) <= 1e-6 * width * height
    return exact and bool(shapely.coverage_is_valid(polygons))
