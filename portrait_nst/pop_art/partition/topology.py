"""The topology of a partition: its borders as arcs, each stored once, so that neighbours share every vertex.

The terms are those of TopoJSON: an arc runs from junction to junction and knows the region on either side.

Directions: x to the right, y down, and "left" of (dx, dy) is the side of (-dy, dx), as in Shapely and in
Green's theorem, where a ring with its region on the left has a positive area.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

OUTSIDE = -1
"""The number that stands for what lies beyond the frame."""

Points = NDArray[np.float64]
"""(n, 2) x and y in frame pixels."""


@dataclass(frozen=True, eq=False)
class Topology:
    """The borders of a partition of the frame (0, 0) to (width, height).

    xy:    (v, 2) float64, the vertices; the corners of the frame are among them.
    arcs:  vertex numbers along each border, from junction to junction; first = last for a closed one.
    sides: the (left, right) regions of each arc; OUTSIDE beyond the frame.
    """

    xy: Points
    arcs: list[NDArray[np.int64]]
    sides: list[tuple[int, int]]
    width: int
    height: int

    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The (e, 2) vertex numbers of all edges, and the (e,) numbers of the arcs that they belong to."""
        flat = np.concatenate(self.arcs)
        of = np.repeat(np.arange(len(self.arcs)), [len(arc) for arc in self.arcs])
        within = of[:-1] == of[1:]
        return np.stack([flat[:-1][within], flat[1:][within]], axis=1), of[:-1][within]

    def compact(self) -> Topology:
        """The same topology without the vertices that no arc passes."""
        used, numbers = np.unique(np.concatenate(self.arcs), return_inverse=True)
        cuts = np.cumsum([len(arc) for arc in self.arcs])[:-1]
        return dataclasses.replace(self, xy=self.xy[used], arcs=np.split(numbers, cuts))

    def on_frame(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which vertices may not move in x, and which may not move in y: those on the frame's sides."""
        x, y = self.xy.T
        return (x <= 0) | (x >= self.width), (y <= 0) | (y >= self.height)


def crossings(topology: Topology) -> NDArray[np.int64]:
    """Numbers of the edges, in the order of `Topology.edges`, that make the topology invalid.

    Such an edge meets another one away from a shared vertex, has no length, or has left its place in the order around
    a junction.
    """
    pairs, _ = topology.edges()
    ends = topology.xy[pairs]
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
    return np.unique(np.concatenate([one[bad], other[bad], np.flatnonzero(short), _out_of_order(topology)]))


def conflicts(topology: Topology) -> set[int]:
    """Numbers of the arcs that cross, touch or overlap another arc or themselves away from shared vertices."""
    return set(topology.edges()[1][crossings(topology)].tolist())


def _out_of_order(topology: Topology) -> NDArray[np.int64]:
    """Edges at junctions where the arcs are not in the order that their sides say.

    Two arcs between the same junctions can change places without a crossing: then the region between two arcs that
    follow each other has one number on the first arc and another on the second.
    """
    sizes = np.array([len(arc) - 1 for arc in topology.arcs])
    last = np.cumsum(sizes) - 1
    first = last - sizes + 1
    at = np.concatenate([[arc[0] for arc in topology.arcs], [arc[-1] for arc in topology.arcs]])
    to = np.concatenate([[arc[1] for arc in topology.arcs], [arc[-2] for arc in topology.arcs]])
    edge = np.concatenate([first, last])
    sides = np.array(topology.sides)
    left, right = np.concatenate([sides[:, 0], sides[:, 1]]), np.concatenate([sides[:, 1], sides[:, 0]])
    away = topology.xy[to] - topology.xy[at]
    order = np.lexsort((np.arctan2(away[:, 1], away[:, 0]), at))
    at, edge, left, right = at[order], edge[order], left[order], right[order]
    starts = np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))
    following = np.arange(len(at)) + 1
    following[np.concatenate([starts[1:], [len(at)]]) - 1] = starts
    wrong = left != right[following]
    return np.concatenate([edge[wrong], edge[following[wrong]]])


def faces(topology: Topology) -> tuple[list[shapely.Polygon], list[int]]:
    """The polygons that the arcs enclose, and the region each belongs to.

    Raises ValueError where the arcs do not enclose a partition, or a polygon lies in several regions.
    """
    polygons, owners, _ = _faces(topology)
    if any(len(found) != 1 for found in owners) or any(OUTSIDE in found for found in owners):
        raise ValueError("the arcs are not the borders of a partition")
    return polygons, [found.pop() for found in owners]


def misplaced(topology: Topology) -> set[int]:
    """Numbers of the arcs around polygons that lie in several regions: something came to be on the wrong side."""
    _, owners, around = _faces(topology)
    return {arc for found, arcs in zip(owners, around) if len(found) != 1 for arc in arcs}


def _faces(topology: Topology) -> tuple[list[shapely.Polygon], list[set[int]], list[set[int]]]:
    """The polygons, the regions that the edges of each one name, and the arcs that these edges belong to."""
    known: dict[tuple[float, ...], tuple[int, int]] = {}
    lines = []
    for i, (arc, (left, right)) in enumerate(zip(topology.arcs, topology.sides)):
        points = topology.xy[arc]
        lines.append(shapely.LineString(points))
        for ax, ay, bx, by in np.hstack([points[:-1], points[1:]]).tolist():
            known[ax, ay, bx, by] = left, i
            known[bx, by, ax, ay] = right, i
    polygons = list(shapely.get_parts(shapely.polygonize(lines)))
    owners, around = [], []
    for polygon in polygons:
        turned = shapely.orient_polygons(polygon)
        found: set[tuple[int, int]] = set()
        for points in rings(turned):
            found.update(known.get(tuple(e), (OUTSIDE, -1)) for e in np.hstack([points[:-1], points[1:]]).tolist())
        owners.append({region for region, _ in found})
        around.append({arc for _, arc in found if arc >= 0})
    return polygons, owners, around


def rings(polygon: shapely.Polygon) -> tuple[Points, ...]:
    """The shell and the holes of a polygon as closed rings of points, each of which ends where it begins."""
    return tuple(shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors))


def is_partition(polygons: list[shapely.Polygon], width: int, height: int) -> bool:
    """Whether the polygons cover the frame exactly once: a valid coverage whose areas add up to the frame's."""
    if not polygons or not all(shapely.is_valid(polygons)):
        return False
    exact = abs(sum(p.area for p in polygons) - width * height) <= 1e-6 * width * height
    return exact and bool(shapely.coverage_is_valid(polygons))
