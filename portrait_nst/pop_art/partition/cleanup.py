"""Tidy a net: drop vertices that hardly matter, contract short edges between junctions, round to a grid."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.edge_cost import Fit
from portrait_nst.pop_art.partition.pinch_vertex import is_pinched
from portrait_nst.pop_art.partition.relax import energy
from portrait_nst.pop_art.partition.straighten import Prices
from portrait_nst.pop_art.partition.topology import OUTSIDE, Net, crossings, faces, misplaced

_FLAT = np.cos(np.radians(17.5))
_SPIKE = np.cos(np.radians(8))
_HAIR = 2.0


def drop_vertices(net: Net, fit: Fit, prices: Prices) -> Net:
    """Drop vertices between two edges where that costs little; see `_dropped`. A net that this would tear stays."""
    result = _dropped(net, fit, prices, 3.0)
    return net if misplaced(result) else result


def _dropped(net: Net, fit: Fit, prices: Prices, most: float) -> Net:
    """Drop vertices between two edges where that costs little.

    A vertex may cost `prices.vertex`; one that ends a short edge four times as much, where the border moves less than
    `most` canvas pixels (times the grain); one that turns less than 17.5 degrees 25 times, within thrice that.
    """
    refused: set[tuple[int, int, int]] = set()
    for _ in range(40):
        spots = [(i, j) for i, arc in enumerate(net.arcs) if OUTSIDE not in net.sides[i] for j in _removable(arc)]
        if not spots:
            return net
        triples = np.array([net.arcs[i][j - 1 : j + 2] for i, j in spots])
        before, at, after = (net.xy[triples[:, k]] for k in range(3))
        factors = np.array([fit.coefficients(*net.sides[i]) for i, _ in spots])
        rise = energy(before, after, factors, fit, prices)
        rise -= energy(before, at, factors, fit, prices) + energy(at, after, factors, fit, prices)
        grain = fit.grain(at)
        one, two = at - before, after - at
        lengths = np.hypot(*one.T), np.hypot(*two.T)
        turn = (one * two).sum(axis=1) / np.maximum(lengths[0] * lengths[1], 1e-9)
        base = np.hypot(*(after - before).T)
        away = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / np.maximum(base, 1e-9)
        short = (np.minimum(*lengths) < 0.75 * prices.shortest * grain) & (away < most * grain)
        flat = (turn > _FLAT) & (away < 3 * most * grain)
        allowed = prices.vertex * np.where(flat, 25.0, np.where(short, 4.0, 1.0) * grain**2)
        known = np.array([tuple(t) in refused for t in triples.tolist()])
        order = np.argsort(rise - allowed)
        chosen: list[int] = []
        touched: set[int] = set()
        for s in order[(rise < allowed)[order] & ~known[order]].tolist():
            arc = spots[s][0]
            if arc not in touched:
                touched.add(arc)
                chosen.append(s)
        if not chosen:
            return net
        net = _without(net, [(*spots[s], tuple(triples[s].tolist())) for s in chosen], refused)
    return net


def _removable(arc: NDArray[np.int64]) -> range:
    """Places on an arc that may go: not its ends, and a closed arc keeps three edges."""
    return range(1, len(arc) - 1) if arc[0] != arc[-1] or len(arc) > 4 else range(0)


def _without(net: Net, gone: list[tuple[int, int, tuple[int, ...]]], refused: set[tuple[int, int, int]]) -> Net:
    """The net without one vertex in each arc named; those that would make edges cross are refused and stay."""
    while gone:
        arcs = list(net.arcs)
        for arc, place, _ in gone:
            arcs[arc] = np.delete(arcs[arc], place)
        result = dataclasses.replace(net, arcs=arcs)
        wrong = set(result.edges()[1][crossings(result)].tolist())
        if not wrong:
            return result
        bad = [g for g in gone if g[0] in wrong] or gone
        refused.update((t[0], t[1], t[2]) for _, _, t in bad)
        gone = [g for g in gone if g not in bad]
    return net


def drop_spikes(net: Net) -> Net:
    """Drop the tips of spikes: where a border turns back on itself, within 8 degrees, less than 2 canvas pixels wide.

    They cost next to no tonal error either way, but are seen as a scratch and cannot be painted.
    """
    refused: set[tuple[int, ...]] = set()
    while True:
        spots = [
            (i, j)
            for i, arc in enumerate(net.arcs)
            for j in _removable(arc)
            if tuple(arc[j - 1 : j + 2].tolist()) not in refused and _is_spike(net.xy[arc[j - 1 : j + 2]])
        ]
        if not spots:
            return net
        i, j = spots[0]
        refused.add(tuple(net.arcs[i][j - 1 : j + 2].tolist()))
        arcs = [np.delete(arc, j) if k == i else arc for k, arc in enumerate(net.arcs)]
        candidate = dataclasses.replace(net, arcs=arcs)
        if not crossings(candidate).size and not misplaced(candidate):
            net = candidate


def _is_spike(points: NDArray[np.float64]) -> bool:
    """Whether three points, (3, 2), go out and back again with hardly anything between."""
    one, two = points[0] - points[1], points[2] - points[1]
    lengths = float(np.hypot(*one)), float(np.hypot(*two))
    narrow = float(one @ two) > _SPIKE * lengths[0] * lengths[1]
    return narrow and abs(float(one[0] * two[1] - one[1] * two[0])) < _HAIR * max(lengths)


def turn_rings(net: Net) -> Net:
    """Closed arcs without a junction begin one vertex later, so that every vertex comes to be considered."""
    ends = np.bincount(np.concatenate([arc[[0, -1]] for arc in net.arcs]), minlength=len(net.xy))
    arcs = [
        np.concatenate([arc[1:], arc[1:2]]) if arc[0] == arc[-1] and ends[arc[0]] == 2 and len(arc) > 3 else arc
        for arc in net.arcs
    ]
    return dataclasses.replace(net, arcs=arcs)


def contract(net: Net, fit: Fit, shortest: float) -> Net:
    """Pull the ends of short borders between two junctions together; a net that this would tear stays as it is."""
    result = _contracted(net, fit, shortest)
    whole = not misplaced(result) and len(faces(result)[0]) == len(faces(net)[0])
    return result if whole else net


def _contracted(net: Net, fit: Fit, shortest: float) -> Net:
    refused: set[tuple[int, int]] = set()
    corners = {(0, 0), (net.width, 0), (net.width, net.height), (0, net.height)}
    while True:
        fixed_x, fixed_y = net.on_frame()
        single = [
            i
            for i, arc in enumerate(net.arcs)
            if len(arc) == 2 and OUTSIDE not in net.sides[i] and (arc[0], arc[1]) not in refused
        ]
        if not single:
            return net
        ends = net.xy[np.array([net.arcs[i] for i in single])]
        lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T) / fit.grain(ends.mean(axis=1))
        shortest_of = int(lengths.argmin())
        if lengths[shortest_of] >= shortest:
            return net
        which = single[shortest_of]
        kept, gone = (int(v) for v in net.arcs[which])
        refused.add((kept, gone))
        if fixed_x[gone] or fixed_y[gone]:
            kept, gone = gone, kept
        if fixed_x[gone] or fixed_y[gone] or tuple(net.xy[kept]) in corners:
            continue
        xy = net.xy.copy()
        if not (fixed_x[kept] or fixed_y[kept]):
            xy[kept] = (xy[kept] + xy[gone]) / 2
        rest = [j for j in range(len(net.arcs)) if j != which]
        arcs = [np.where(net.arcs[j] == gone, kept, net.arcs[j]) for j in rest]
        candidate = Net(xy, arcs, [net.sides[j] for j in rest], net.width, net.height)
        if is_pinched(candidate, kept):
            continue
        if min(len(a) if a[0] != a[-1] else len(a) - 2 for a in arcs) < 2 or crossings(candidate).size:
            continue
        net = candidate


def round_off(net: Net) -> Net:
    """Vertices on whole pixels, or where that makes edges cross on tenths, or where they are."""
    exact = np.ones(len(net.xy), bool)
    for decimals in (0, 1, 3):
        rounded = np.where(exact[:, None], np.round(net.xy, 0), np.round(net.xy, decimals))
        for _ in range(8):
            candidate = dataclasses.replace(net, xy=rounded)
            bad = crossings(candidate)
            if not bad.size:
                return candidate
            guilty = np.unique(candidate.edges()[0][bad])
            exact[guilty] = False
            rounded[guilty] = np.round(net.xy[guilty], max(decimals, 1))
    return net
