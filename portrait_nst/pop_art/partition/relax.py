"""Move the vertices of a straightened topology, junctions too, to where the tones fit best."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.costs import StraightnessCosts
from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.topology import Topology, crossings, misplaced

_AROUND = np.array([(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)], float)
_AROUND[1::2] /= np.sqrt(2)


def relax(
    topology: Topology, edge_cost: EdgeCost, costs: StraightnessCosts, steps: tuple[float, ...] = (4, 2, 2, 1, 1, 0.5)
) -> Topology:
    """Move vertices downhill in steps (frame pixels): in every neighbourhood the one that gains most, if nothing crosses."""
    factors = np.array([edge_cost.coefficients(*s) for s in topology.sides]).reshape(-1, 4)
    moved = topology
    for step in steps:
        moved = _step(moved, edge_cost, costs, factors, step)
    return topology if misplaced(moved) else moved


def energy(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    factors: NDArray[np.float64],
    edge_cost: EdgeCost,
    costs: StraightnessCosts,
) -> NDArray[np.float64]:
    """The tonal error of edges and the cost of their shortness, (n,)."""
    length = np.hypot(*(end - start).T)
    scale = edge_cost.local_scale((start + end) / 2)
    lack = np.clip(1 - length / (costs.shortest * scale), 0, 1)
    return np.asarray(edge_cost.cost(start, end, factors) + scale**2 * costs.short * lack**2)


def _step(
    topology: Topology, edge_cost: EdgeCost, costs: StraightnessCosts, factors: NDArray[np.float64], step: float
) -> Topology:
    """The topology after each vertex was offered a move by `step` in eight directions."""
    pairs, of = topology.edges()
    inner = factors[of].any(axis=1)
    a, b, f = pairs[inner, 0], pairs[inner, 1], factors[of[inner]]
    xy = topology.xy
    count = len(xy)
    stuck_x, stuck_y = topology.on_frame()
    now = energy(xy[a], xy[b], f, edge_cost, costs)
    best, target = np.full(count, -1e-3), xy.copy()
    for direction in _AROUND:
        moved = xy + step * direction
        moved[stuck_x, 0], moved[stuck_y, 1] = xy[stuck_x, 0], xy[stuck_y, 1]
        moved = np.clip(moved, (1.0, 1.0), (topology.width - 1.0, topology.height - 1.0))
        moved[stuck_x, 0], moved[stuck_y, 1] = xy[stuck_x, 0], xy[stuck_y, 1]
        change = np.bincount(a, energy(moved[a], xy[b], f, edge_cost, costs) - now, count)
        change += np.bincount(b, energy(xy[a], moved[b], f, edge_cost, costs) - now, count)
        better = change < best
        best[better], target[better] = change[better], moved[better]
    order = np.lexsort((np.arange(count), best))
    rank = np.empty(count, int)
    rank[order] = np.arange(count)
    moves = best < -1e-3
    loses = rank[a] > rank[b]
    moves[np.where(loses, a, b)[moves[a] & moves[b]]] = False
    return _accept(topology, target, moves)


def _accept(topology: Topology, target: NDArray[np.float64], moves: NDArray[np.bool_]) -> Topology:
    """The topology with the chosen vertices at their targets, but for those whose edges would cross."""
    pairs, _ = topology.edges()
    moves = moves.copy()
    while moves.any():
        candidate = dataclasses.replace(topology, xy=np.where(moves[:, None], target, topology.xy))
        bad = crossings(candidate)
        if not bad.size:
            return candidate
        involved = np.unique(pairs[bad])
        if not moves[involved].any():
            return topology
        moves[involved] = False
    return topology
