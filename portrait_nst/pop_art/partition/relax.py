"""Move the vertices of a straightened net, junctions too, to where the tones fit best."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.edge_cost import Fit
from portrait_nst.pop_art.partition.straighten import Prices
from portrait_nst.pop_art.partition.topology import Net, crossings, misplaced

_AROUND = np.array([(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)], float)
_AROUND[1::2] /= np.sqrt(2)


def relax(net: Net, fit: Fit, prices: Prices, steps: tuple[float, ...] = (4, 2, 2, 1, 1, 0.5)) -> Net:
    """Descend in steps (canvas pixels): of every neighbourhood the vertex that gains most moves, if nothing crosses."""
    factors = np.array([fit.coefficients(*s) for s in net.sides]).reshape(-1, 4)
    moved = net
    for step in steps:
        moved = _sweep(moved, fit, prices, factors, step)
    return net if misplaced(moved) else moved


def energy(
    start: NDArray[np.float64], end: NDArray[np.float64], factors: NDArray[np.float64], fit: Fit, prices: Prices
) -> NDArray[np.float64]:
    """Tonal error of edges, and what their shortness costs; (n,)."""
    length = np.hypot(*(end - start).T)
    grain = fit.grain((start + end) / 2)
    lack = np.clip(1 - length / (prices.shortest * grain), 0, 1)
    return fit.cost(start, end, factors) + grain**2 * prices.short * lack**2


def _sweep(net: Net, fit: Fit, prices: Prices, factors: NDArray[np.float64], step: float) -> Net:
    pairs, of = net.edges()
    inner = factors[of].any(axis=1)
    a, b, f = pairs[inner, 0], pairs[inner, 1], factors[of[inner]]
    xy = net.xy
    count = len(xy)
    stuck_x, stuck_y = net.on_frame()
    now = energy(xy[a], xy[b], f, fit, prices)
    best, target = np.full(count, -1e-3), xy.copy()
    for direction in _AROUND:
        moved = xy + step * direction
        moved[stuck_x, 0], moved[stuck_y, 1] = xy[stuck_x, 0], xy[stuck_y, 1]
        moved = np.clip(moved, (1.0, 1.0), (net.width - 1.0, net.height - 1.0))
        moved[stuck_x, 0], moved[stuck_y, 1] = xy[stuck_x, 0], xy[stuck_y, 1]
        change = np.bincount(a, energy(moved[a], xy[b], f, fit, prices) - now, count)
        change += np.bincount(b, energy(xy[a], moved[b], f, fit, prices) - now, count)
        better = change < best
        best[better], target[better] = change[better], moved[better]
    order = np.lexsort((np.arange(count), best))
    rank = np.empty(count, int)
    rank[order] = np.arange(count)
    moves = best < -1e-3
    loses = rank[a] > rank[b]
    moves[np.where(loses, a, b)[moves[a] & moves[b]]] = False
    return _accept(net, target, moves)


def _accept(net: Net, target: NDArray[np.float64], moves: NDArray[np.bool_]) -> Net:
    """Move the vertices chosen, and put back those whose edges would cross."""
    pairs, _ = net.edges()
    moves = moves.copy()
    while moves.any():
        candidate = dataclasses.replace(net, xy=np.where(moves[:, None], target, net.xy))
        bad = crossings(candidate)
        if not bad.size:
            return candidate
        guilty = np.unique(pairs[bad])
        if not moves[guilty].any():
            return net
        moves[guilty] = False
    return net
