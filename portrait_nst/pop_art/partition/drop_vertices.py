"""Vertices that hardly matter are dropped, and the tips of spikes."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.costs import StraightnessCosts
from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.relax import energy
from portrait_nst.pop_art.partition.topology import OUTSIDE, Points, Topology, crossings, misplaced

_FLAT = np.cos(np.radians(17.5))
_SPIKE = np.cos(np.radians(8))
_NEAR = 3.0
_HAIR = 2.0


def drop_vertices(topology: Topology, edge_cost: EdgeCost, costs: StraightnessCosts) -> Topology:
    """The topology without the vertices between two edges that cost little to drop; unchanged where that would tear it.

    Dropping a vertex may raise the energy by `costs.vertex`. Where the border moves less than 3 frame pixels (times the
    local scale) a vertex that ends a short edge may cost four times as much; where it moves less than 9, a vertex that
    turns by less than 17.5 degrees may cost 25 times as much.
    """
    result = _dropped(topology, edge_cost, costs)
    return topology if misplaced(result) else result


def _dropped(topology: Topology, edge_cost: EdgeCost, costs: StraightnessCosts) -> Topology:
    """The topology that `drop_vertices` gives, before it is checked that all regions stay whole."""
    refused: set[tuple[int, int, int]] = set()
    for _ in range(40):
        spots = [
            (i, j) for i, arc in enumerate(topology.arcs) if OUTSIDE not in topology.sides[i] for j in _removable(arc)
        ]
        if not spots:
            return topology
        triples = np.array([topology.arcs[i][j - 1 : j + 2] for i, j in spots])
        before, at, after = (topology.xy[triples[:, k]] for k in range(3))
        factors = np.array([edge_cost.coefficients(*topology.sides[i]) for i, _ in spots])
        rise = energy(before, after, factors, edge_cost, costs)
        rise -= energy(before, at, factors, edge_cost, costs) + energy(at, after, factors, edge_cost, costs)
        local_scale = edge_cost.local_scale(at)
        one, two = at - before, after - at
        lengths = np.hypot(*one.T), np.hypot(*two.T)
        turn = (one * two).sum(axis=1) / np.maximum(lengths[0] * lengths[1], 1e-9)
        base = np.hypot(*(after - before).T)
        away = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / np.maximum(base, 1e-9)
        short = (np.minimum(*lengths) < 0.75 * costs.shortest * local_scale) & (away < _NEAR * local_scale)
        flat = (turn > _FLAT) & (away < 3 * _NEAR * local_scale)
        allowed = costs.vertex * np.where(flat, 25.0, np.where(short, 4.0, 1.0) * local_scale**2)
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
            return topology
        topology = _without(topology, [(*spots[s], tuple(triples[s].tolist())) for s in chosen], refused)
    return topology


def _removable(arc: NDArray[np.int64]) -> range:
    """The places on an arc whose vertex may go: the ends stay, and a closed arc keeps three edges."""
    return range(1, len(arc) - 1) if arc[0] != arc[-1] or len(arc) > 4 else range(0)


def _without(
    topology: Topology, gone: list[tuple[int, int, tuple[int, ...]]], refused: set[tuple[int, int, int]]
) -> Topology:
    """The topology without one vertex in each of some arcs; where edges would cross the vertex is refused and stays."""
    while gone:
        arcs = list(topology.arcs)
        for arc, place, _ in gone:
            arcs[arc] = np.delete(arcs[arc], place)
        result = dataclasses.replace(topology, arcs=arcs)
        wrong = set(result.edges()[1][crossings(result)].tolist())
        if not wrong:
            return result
        bad = [g for g in gone if g[0] in wrong] or gone
        refused.update((t[0], t[1], t[2]) for _, _, t in bad)
        gone = [g for g in gone if g not in bad]
    return topology


def turn_rings(topology: Topology) -> Topology:
    """The topology whose closed arcs without a junction begin one vertex later, so that every vertex is considered in turn."""
    ends = np.bincount(np.concatenate([arc[[0, -1]] for arc in topology.arcs]), minlength=len(topology.xy))
    arcs = [
        np.concatenate([arc[1:], arc[1:2]]) if arc[0] == arc[-1] and ends[arc[0]] == 2 and len(arc) > 3 else arc
        for arc in topology.arcs
    ]
    return dataclasses.replace(topology, arcs=arcs)


def drop_spikes(topology: Topology) -> Topology:
    """The topology without the tips of spikes, where a border turns back on itself within 8 degrees and 2 frame pixels.

    A spike changes the tonal error by next to nothing, but it is seen as a scratch and cannot be painted.
    """
    refused: set[tuple[int, ...]] = set()
    while True:
        spots = [
            (i, j)
            for i, arc in enumerate(topology.arcs)
            for j in _removable(arc)
            if tuple(arc[j - 1 : j + 2].tolist()) not in refused and _is_spike(topology.xy[arc[j - 1 : j + 2]])
        ]
        if not spots:
            return topology
        i, j = spots[0]
        refused.add(tuple(topology.arcs[i][j - 1 : j + 2].tolist()))
        arcs = [np.delete(arc, j) if k == i else arc for k, arc in enumerate(topology.arcs)]
        candidate = dataclasses.replace(topology, arcs=arcs)
        if not crossings(candidate).size and not misplaced(candidate):
            topology = candidate


def _is_spike(points: Points) -> bool:
    """Whether three points, (3, 2), go out and come back with hardly any area between."""
    one, two = points[0] - points[1], points[2] - points[1]
    lengths = float(np.hypot(*one)), float(np.hypot(*two))
    narrow = float(one @ two) > _SPIKE * lengths[0] * lengths[1]
    return narrow and abs(float(one[0] * two[1] - one[1] * two[0])) < _HAIR * max(lengths)
