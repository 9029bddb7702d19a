"""Keep every region in one piece: no region may touch itself in a single vertex.

Such a vertex is legal in a polygon (a hole that touches the shell), but GEOS' coverage check refuses some of them,
and a painter cannot paint them. The name is that of planar graphs: at a pinch vertex a face meets itself.
"""

from __future__ import annotations

import dataclasses
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.topology import Topology, crossings, misplaced

Spoke = tuple[float, int, int, int]
"""One end of an arc at a vertex: (direction, arc, 0 for its first vertex or -1 for its last, region on its left)."""


def spokes(topology: Topology, vertices: set[int]) -> dict[int, list[Spoke]]:
    """The ends of arcs at some vertices, in order of direction; between two of them lies the region of the first."""
    found: dict[int, list[Spoke]] = {v: [] for v in vertices}
    for i, (arc, (left, right)) in enumerate(zip(topology.arcs, topology.sides)):
        for end, step, side in ((0, 1, left), (-1, -2, right)):
            vertex = int(arc[end])
            if vertex in found:
                away = topology.xy[arc[step]] - topology.xy[vertex]
                found[vertex].append((float(np.arctan2(away[1], away[0])), i, end, side))
    return {v: sorted(s) for v, s in found.items()}


def is_pinched(topology: Topology, vertex: int) -> bool:
    """Whether a region touches itself at a vertex."""
    regions = [side for *_, side in spokes(topology, {vertex})[vertex]]
    return len(set(regions)) < len(regions)


def split_pinched(topology: Topology) -> Topology:
    """The topology with vertices at which a region touches itself split in two, a little apart."""
    ends, counts = np.unique(np.concatenate([arc[[0, -1]] for arc in topology.arcs]), return_counts=True)
    for vertex in ends[counts > 3].tolist():
        while True:
            around = spokes(topology, {vertex})[vertex]
            twice = next(((i, j) for i, j in combinations(range(len(around)), 2) if around[i][3] == around[j][3]), None)
            if twice is None:
                break
            split = _split_vertex(topology, vertex, around[twice[0] + 1 : twice[1] + 1])
            if split is None:
                break
            topology = split
    return topology


def _split_vertex(topology: Topology, vertex: int, group: list[Spoke]) -> Topology | None:
    """The topology with a group of arcs ending at a new vertex beside the old one; None where there is no room."""
    way = np.array([[np.cos(a), np.sin(a)] for a, *_ in group]).mean(axis=0)
    norm = float(np.hypot(*way))
    if norm < 1e-6:
        way, norm = np.array([-np.sin(group[0][0]), np.cos(group[0][0])]), 1.0
    for step in (2.0, 1.0, 0.5, 0.2, -0.2, 0.05):
        place: NDArray[np.float64] = topology.xy[vertex] + step * way / norm
        if not (0 < place[0] < topology.width and 0 < place[1] < topology.height):
            continue
        arcs = list(topology.arcs)
        for _, arc, end, _ in group:
            arcs[arc] = arcs[arc].copy()
            arcs[arc][end] = len(topology.xy)
        candidate = dataclasses.replace(topology, xy=np.vstack([topology.xy, place]), arcs=arcs)
        if not crossings(candidate).size and not misplaced(candidate):
            return candidate
    return None
