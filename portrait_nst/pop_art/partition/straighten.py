"""Borders are straightened: dynamic programming chooses the vertices of each arc that cost least.

The method is that of Perez and Vidal, "Optimum polygonal approximation of digitized curves" (1994). Opposed to the paper, an
edge costs the tonal error that it causes, not its distance from the curve, and each vertex has a cost, not the set a number.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.costs import StraightnessCosts
from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.topology import OUTSIDE, Points, Topology, conflicts, misplaced

_STEP = 3
_REACH = 40
_LOOSEN = (1.0, 0.6, 0.35, 0.2, 0.1)


def straighten(topology: Topology, edge_cost: EdgeCost, costs: StraightnessCosts) -> Topology:
    """The topology with few, straight edges; its arcs keep their ends and cross nowhere.

    Where two straightened arcs would cross, or one has jumped over another, both are straightened again with less
    deviation, and at last they are left as they were, since exact borders cross nothing.
    """
    levels = np.zeros(len(topology.arcs), int)
    arcs = [_closed_at_corner(topology, a) for a in topology.arcs]
    chosen = _choose(topology, arcs, topology.sides, edge_cost, costs)
    for _ in range(4 * len(_LOOSEN)):
        result = dataclasses.replace(topology, arcs=chosen)
        bad = conflicts(result) or misplaced(result)
        if not bad:
            return result.compact()
        for i in sorted(bad):
            levels[i] += 1
            level = levels[i]
            if level >= len(_LOOSEN):
                chosen[i] = arcs[i] if level > len(_LOOSEN) else _simplified(topology, arcs[i], 0.75)
            else:
                chosen[i] = _choose(topology, [arcs[i]], [topology.sides[i]], edge_cost, costs, _LOOSEN[level])[0]
    return dataclasses.replace(topology, arcs=arcs)


def _simplified(topology: Topology, arc: NDArray[np.int64], tolerance: float) -> NDArray[np.int64]:
    """The arc simplified by Douglas and Peucker's method, for arcs that dynamic programming cannot place."""
    line = shapely.simplify(shapely.LineString(topology.xy[arc]), tolerance)
    place = {tuple(p): int(v) for p, v in zip(topology.xy[arc].tolist(), arc)}
    return np.array([place[tuple(p)] for p in shapely.get_coordinates(line).tolist()], np.int64)


def _closed_at_corner(topology: Topology, arc: NDArray[np.int64]) -> NDArray[np.int64]:
    """The arc; a closed one without a junction starts at its sharpest corner."""
    if arc[0] != arc[-1] or len(arc) < 12:
        return arc
    ring = topology.xy[arc[:-1]]
    ahead, behind = np.roll(ring, -5, axis=0) - ring, ring - np.roll(ring, 5, axis=0)
    if sum(int(a[0] == arc[0]) + int(a[-1] == arc[0]) for a in topology.arcs) > 2:  # it begins at a junction
        return arc
    turn = np.abs(ahead[:, 0] * behind[:, 1] - ahead[:, 1] * behind[:, 0])
    start = int(turn.argmax())
    return np.concatenate([arc[start:-1], arc[:start], arc[start : start + 1]])


def _choose(
    topology: Topology,
    arcs: list[NDArray[np.int64]],
    sides: list[tuple[int, int]],
    edge_cost: EdgeCost,
    costs: StraightnessCosts,
    loosen: float = 1.0,
) -> list[NDArray[np.int64]]:
    """The best vertices of each arc between its `sides`; `loosen` scales the deviation that is allowed."""
    result = list(arcs)
    work = [i for i, arc in enumerate(arcs) if OUTSIDE not in sides[i] and len(arc) > 2]
    if not work:
        return result
    candidates = [_candidates(arcs[i]) for i in work]
    arc_of = np.repeat(np.arange(len(work)), [len(c) for c in candidates])
    vertex = np.concatenate(candidates)
    closed = np.array([arcs[i][0] == arcs[i][-1] for i in work])[arc_of]
    factors = np.array([edge_cost.coefficients(*sides[i]) for i in work]).reshape(-1, 4)[arc_of]
    table = _edge_table(topology.xy[vertex], arc_of, closed, factors, edge_cost, costs, loosen)
    back = _cheapest(table, arc_of)
    for number, i in enumerate(work):
        low, high = int(np.searchsorted(arc_of, number)), int(np.searchsorted(arc_of, number, side="right")) - 1
        path = [high]
        while path[-1] > low:
            path.append(path[-1] - int(back[path[-1]]))
        picked = vertex[path[::-1]]
        if arcs[i][0] == arcs[i][-1] and len(picked) < 4:
            picked = candidates[number][np.linspace(0, len(candidates[number]) - 1, 4).astype(int)]
        result[i] = picked
    return result


def _edge_table(
    points: Points,
    arc_of: NDArray[np.int64],
    closed: NDArray[np.bool_],
    factors: NDArray[np.float64],
    edge_cost: EdgeCost,
    costs: StraightnessCosts,
    loosen: float,
) -> NDArray[np.float64]:
    """(n, reach + 1): what the edge from candidate b - k to candidate b costs, at [b, k]; infinite where none may be.

    points:  (n, 2) the candidates of all arcs, one arc after another; arc_of, closed and factors are those of their arcs.
    """
    local_scale = edge_cost.local_scale(points)
    deviation = costs.deviation * loosen * local_scale
    count = len(points)
    first = np.searchsorted(arc_of, arc_of)  # where each candidate's arc begins
    last = np.searchsorted(arc_of, arc_of, side="right") - 1
    table = np.full((count, _REACH + 1), np.inf)
    for k in range(1, min(_REACH, count - 1) + 1):
        a = np.flatnonzero(arc_of[: count - k] == arc_of[k:])
        whole_ring = closed[a] & (first[a] == a) & (last[a] == a + k)
        a = a[~whole_ring]
        if not a.size:
            continue
        b = a + k
        along = points[b] - points[a]
        length = np.hypot(along[:, 0], along[:, 1])
        worst = np.zeros(len(a))
        for j in np.unique(np.linspace(1, k - 1, min(k - 1, 10)).astype(int)) if k > 1 else ():
            off = points[a + j] - points[a]
            worst = np.maximum(worst, np.abs(along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]))
        limit = np.minimum(deviation[a], deviation[b])
        allowed = (worst <= limit * length) & (length > 0) | (k == 1)
        a, b, length = a[allowed], b[allowed], length[allowed]
        scale = np.minimum(local_scale[a], local_scale[b])
        lack = np.clip(1 - length / (costs.shortest * scale), 0, 1)
        straightness = scale**2 * (costs.vertex + costs.short * lack**2)
        table[b, k] = edge_cost.cost(points[a], points[b], factors[a]) + straightness
    return table


def _candidates(arc: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every third vertex of an arc, its ends, and at least four where it is closed."""
    steps = max(3 if arc[0] == arc[-1] else 1, round((len(arc) - 1) / _STEP))
    return np.asarray(arc[np.unique(np.linspace(0, len(arc) - 1, steps + 1).round().astype(int))])


def _cheapest(table: NDArray[np.float64], arc_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many candidates before each one the best edge that ends there begins."""
    count, width = table.shape
    best = np.zeros(count + width)  # shifted by `width`, so that a window never leaves the array
    back = np.zeros(count, np.int64)
    reverse = table[:, ::-1]
    starts = np.concatenate([[True], arc_of[1:] != arc_of[:-1]])
    for b in range(count):
        if starts[b]:
            continue
        total = best[b + 1 : b + 1 + width] + reverse[b]
        k = int(total.argmin())
        best[b + width] = total[k]
        back[b] = width - 1 - k
    return back
