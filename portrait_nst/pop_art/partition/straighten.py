"""Straight borders: per arc, the vertices with the least tonal error and a price for each (dynamic programming)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.edge_cost import Fit
from portrait_nst.pop_art.partition.topology import OUTSIDE, Net, conflicts, misplaced

_STEP = 3
_REACH = 40
_LOOSEN = (1.0, 0.6, 0.35, 0.2, 0.1)


@dataclass(frozen=True)
class Prices:
    """What straightness costs, in canvas pixels and squared lightness.

    vertex:    price of one vertex.
    shortest:  edges under this length pay up to `short` more.
    deviation: how far an edge may leave the exact border.
    """

    vertex: float = 2.0
    shortest: float = 34.0
    short: float = 14.0
    deviation: float = 15.0


def straighten(net: Net, fit: Fit, prices: Prices) -> Net:
    """The net with few, straight edges; its arcs keep their ends, and cross nowhere.

    Where two straightened arcs would cross, both are redone closer to the exact border, down to the border itself,
    which crosses nothing. Likewise where one jumped over another.
    """
    levels = np.zeros(len(net.arcs), int)
    arcs = [_closed_at_corner(net, a) for a in net.arcs]
    chosen = _choose(net, arcs, fit, prices, np.ones(len(arcs)))
    for _ in range(4 * len(_LOOSEN)):
        result = Net(net.xy, chosen, net.sides, net.width, net.height)
        bad = conflicts(result) or misplaced(result)
        if not bad:
            return result.compact()
        redo = np.array(sorted(bad))
        levels[redo] += 1
        for i in redo:
            level = levels[i]
            if level >= len(_LOOSEN):
                chosen[i] = arcs[i] if level > len(_LOOSEN) else _simplified(net, arcs[i], 0.75)
            else:
                chosen[i] = _choose(net, [arcs[i]], fit, prices, np.array([_LOOSEN[level]]), [net.sides[i]])[0]
    return Net(net.xy, arcs, net.sides, net.width, net.height)


def _simplified(net: Net, arc: NDArray[np.int64], tolerance: float) -> NDArray[np.int64]:
    """The arc by Douglas-Peucker, for those that dynamic programming cannot place."""
    line = shapely.simplify(shapely.LineString(net.xy[arc]), tolerance)
    place = {tuple(p): int(v) for p, v in zip(net.xy[arc].tolist(), arc)}
    return np.array([place[tuple(p)] for p in shapely.get_coordinates(line).tolist()], np.int64)


def _closed_at_corner(net: Net, arc: NDArray[np.int64]) -> NDArray[np.int64]:
    """A closed arc without a junction turned so that it starts at its sharpest corner."""
    if arc[0] != arc[-1] or len(arc) < 12:
        return arc
    ring = net.xy[arc[:-1]]
    ahead, behind = np.roll(ring, -5, axis=0) - ring, ring - np.roll(ring, 5, axis=0)
    if _is_junction(net, int(arc[0])):
        return arc
    turn = np.abs(ahead[:, 0] * behind[:, 1] - ahead[:, 1] * behind[:, 0])
    start = int(turn.argmax())
    return np.concatenate([arc[start:-1], arc[:start], arc[start : start + 1]])


def _is_junction(net: Net, vertex: int) -> bool:
    return sum(int(a[0] == vertex) + int(a[-1] == vertex) for a in net.arcs) > 2


def _choose(
    net: Net,
    arcs: list[NDArray[np.int64]],
    fit: Fit,
    prices: Prices,
    loosen: NDArray[np.float64],
    sides: list[tuple[int, int]] | None = None,
) -> list[NDArray[np.int64]]:
    """The best vertices of each arc; `loosen` (arcs,) scales the deviation allowed."""
    sides = net.sides if sides is None else sides
    result = list(arcs)
    work = [i for i, arc in enumerate(arcs) if OUTSIDE not in sides[i] and len(arc) > 2]
    if not work:
        return result
    candidates = [_candidates(arcs[i]) for i in work]
    vertex = np.concatenate(candidates)
    of = np.repeat(np.arange(len(work)), [len(c) for c in candidates])
    points = net.xy[vertex]
    factors = np.array([fit.coefficients(*sides[i]) for i in work]).reshape(-1, 4)[of]
    closed = np.array([arcs[i][0] == arcs[i][-1] for i in work])[of]
    grain = fit.grain(points)
    deviation = prices.deviation * loosen[np.array(work)][of] * grain
    count = len(vertex)
    first = np.searchsorted(of, of)  # where each candidate's arc begins
    last = np.searchsorted(of, of, side="right") - 1
    costs = np.full((count, _REACH + 1), np.inf)  # costs[b, k]: the edge from b - k to b
    for k in range(1, min(_REACH, count - 1) + 1):
        a = np.flatnonzero(of[: count - k] == of[k:])
        whole_ring = closed[a] & (first[a] == a) & (last[a] == a + k)
        a = a[~whole_ring]
        if not a.size:
            continue
        b = a + k
        start, end = points[a], points[b]
        along = end - start
        length = np.hypot(along[:, 0], along[:, 1])
        worst = np.zeros(len(a))
        for j in np.unique(np.linspace(1, k - 1, min(k - 1, 10)).astype(int)) if k > 1 else ():
            off = points[a + j] - start
            worst = np.maximum(worst, np.abs(along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]))
        limit = np.minimum(deviation[a], deviation[b])
        fits = (worst <= limit * length) & (length > 0) | (k == 1)
        a, b, length = a[fits], b[fits], length[fits]
        g = np.minimum(grain[a], grain[b])
        lack = np.clip(1 - length / (prices.shortest * g), 0, 1)
        costs[b, k] = fit.cost(points[a], points[b], factors[a]) + g**2 * (prices.vertex + prices.short * lack**2)
    back = _cheapest(costs, of)
    for number, i in enumerate(work):
        low, high = int(np.searchsorted(of, number)), int(np.searchsorted(of, number, side="right")) - 1
        path = [high]
        while path[-1] > low:
            path.append(path[-1] - int(back[path[-1]]))
        picked = vertex[path[::-1]]
        if arcs[i][0] == arcs[i][-1] and len(picked) < 4:
            picked = candidates[number][np.linspace(0, len(candidates[number]) - 1, 4).astype(int)]
        result[i] = picked
    return result


def _candidates(arc: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every third vertex of an arc, its ends, and at least four where it is closed."""
    steps = max(3 if arc[0] == arc[-1] else 1, round((len(arc) - 1) / _STEP))
    return arc[np.unique(np.linspace(0, len(arc) - 1, steps + 1).round().astype(int))]


def _cheapest(costs: NDArray[np.float64], of: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each candidate, how many candidates back the best edge that ends there begins."""
    count, width = costs.shape
    best = np.zeros(count + width)  # shifted by `width`, so that a window never leaves the array
    back = np.zeros(count, np.int64)
    reverse = costs[:, ::-1]
    starts = np.concatenate([[True], of[1:] != of[:-1]])
    for b in range(count):
        if starts[b]:
            continue
        total = best[b + 1 : b + 1 + width] + reverse[b]
        k = int(total.argmin())
        best[b + width] = total[k]
        back[b] = width - 1 - k
    return back
