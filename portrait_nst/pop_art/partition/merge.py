"""Regions are merged: the borders between them go, and so do junctions that only those borders made."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.pinch_vertex import split_pinched
from portrait_nst.pop_art.partition.regions import BACKGROUND, Regions
from portrait_nst.pop_art.partition.topology import OUTSIDE, Topology, faces


def merge(topology: Topology, into: dict[int, int]) -> Topology:
    """The topology with every region in `into` made part of the region that it maps to."""
    arcs, sides = [], []
    for arc, (left, right) in zip(topology.arcs, topology.sides):
        a, b = merged_into(into, left), merged_into(into, right)
        if a != b:
            arcs.append(arc)
            sides.append((a, b))
    return join_arcs(split_pinched(join_arcs(dataclasses.replace(topology, arcs=arcs, sides=sides))))


def merged_into(into: dict[int, int], region: int) -> int:
    """The region that a region is part of, after all that `into` merges."""
    while region in into:
        region = into[region]
    return region


def join_arcs(topology: Topology) -> Topology:
    """The topology with arcs joined where only two meet; the corners of the frame stay vertices."""
    at: dict[int, list[int]] = {}
    arcs: list[NDArray[np.int64] | None] = list(topology.arcs)
    sides = list(topology.sides)
    corner = np.logical_and(*topology.on_frame())
    for i, arc in enumerate(topology.arcs):
        at.setdefault(int(arc[0]), []).append(i)
        at.setdefault(int(arc[-1]), []).append(i)
    for vertex in sorted(at):
        if len(at[vertex]) != 2:
            continue
        i, j = at[vertex]
        if i == j:
            continue
        one, other = arcs[i], arcs[j]
        assert one is not None and other is not None
        if one[-1] != vertex:
            one, sides[i] = one[::-1], (sides[i][1], sides[i][0])
        if other[0] != vertex:
            other, sides[j] = other[::-1], (sides[j][1], sides[j][0])
        keep = slice(0, None) if OUTSIDE not in sides[i] or corner[vertex] else slice(0, -1)
        arcs[i] = np.concatenate([one[keep], other[1:]])
        arcs[j] = None
        far = int(other[-1])
        at[far] = [i if a == j else a for a in at[far]]
    kept = [i for i, arc in enumerate(arcs) if arc is not None]
    return dataclasses.replace(topology, arcs=[a for a in arcs if a is not None], sides=[sides[i] for i in kept])


def borders(topology: Topology) -> dict[tuple[int, int], float]:
    """The length of the border between each two neighbours, the smaller number first, in frame pixels."""
    lengths: dict[tuple[int, int], float] = {}
    for arc, (left, right) in zip(topology.arcs, topology.sides):
        if OUTSIDE not in (left, right):
            pair = (min(left, right), max(left, right))
            lengths[pair] = lengths.get(pair, 0.0) + float(np.hypot(*np.diff(topology.xy[arc], axis=0).T).sum())
    return lengths


def merge_thin(topology: Topology, edge_cost: EdgeCost, regions: Regions, width: float) -> Topology:
    """The topology without the regions in which no circle of `width` frame pixels (times the squared local scale) fits.

    Each joins the neighbour with the longest border times exp(-dL / 0.08), where dL is the difference in lightness.
    Neighbours of one tone that come to touch are merged too.
    """
    tones, light = regions.tones, regions.light
    polygons, owners = faces(topology)
    middles = np.array([p.representative_point().coords[0] for p in polygons])
    narrow = shapely.is_empty(shapely.buffer(polygons, -width / 2 * edge_cost.local_scale(middles) ** 2))
    thick = {owner for owner, thin in zip(owners, narrow) if not thin}
    lengths = borders(topology)
    into: dict[int, int] = {}
    for region in sorted({o for o, thin in zip(owners, narrow) if thin} - thick):
        if tones[region] == BACKGROUND:
            continue
        around = {a if b == region else b: v for (a, b), v in lengths.items() if region in (a, b)}
        around = {o: v for o, v in around.items() if o not in into and tones[o] != BACKGROUND}
        if around:
            pull = {o: v * float(np.exp(-abs(light[o] - light[region]) / 0.08)) for o, v in around.items()}
            into[region] = max(sorted(pull), key=lambda o: pull[o])
    return merge_equal_tones(merge(topology, into), tones)


def merge_equal_tones(topology: Topology, tones: NDArray[np.int64]) -> Topology:
    """The topology with neighbours of one tone merged."""
    while True:
        same = [(a, b) for a, b in borders(topology) if tones[a] == tones[b]]
        if not same:
            return topology
        topology = merge(topology, {same[0][1]: same[0][0]})
