"""Join regions of a net: drop the borders between them, and the vertices that were junctions only through those."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.edge_cost import Fit
from portrait_nst.pop_art.partition.pinch_vertex import unpinched
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.topology import OUTSIDE, Net, faces


def dissolve(net: Net, into: dict[int, int]) -> Net:
    """The net with every region of `into` made part of the one it maps to."""

    def end(region: int) -> int:
        while region in into:
            region = into[region]
        return region

    arcs, sides = [], []
    for arc, (left, right) in zip(net.arcs, net.sides):
        a, b = end(left), end(right)
        if a != b:
            arcs.append(arc)
            sides.append((a, b))
    return joined(unpinched(joined(Net(net.xy, arcs, sides, net.width, net.height))))


def joined(net: Net) -> Net:
    """The net with arcs that meet two by two made one; corners of the frame stay vertices."""
    at: dict[int, list[int]] = {}
    arcs: list[NDArray[np.int64] | None] = list(net.arcs)
    sides = list(net.sides)
    for i, arc in enumerate(net.arcs):
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
        keep = slice(0, None) if OUTSIDE not in sides[i] or _is_corner(net, vertex) else slice(0, -1)
        arcs[i] = np.concatenate([one[keep], other[1:]])
        arcs[j] = None
        far = int(other[-1])
        at[far] = [i if a == j else a for a in at[far]]
    kept = [i for i, arc in enumerate(arcs) if arc is not None]
    return Net(net.xy, [a for a in arcs if a is not None], [sides[i] for i in kept], net.width, net.height)


def _is_corner(net: Net, vertex: int) -> bool:
    x, y = net.xy[vertex]
    return x in (0, net.width) and y in (0, net.height)


def borders(net: Net) -> dict[tuple[int, int], float]:
    """Length of the border between each two neighbours (the smaller number first), in canvas pixels."""
    lengths: dict[tuple[int, int], float] = {}
    for arc, (left, right) in zip(net.arcs, net.sides):
        if OUTSIDE not in (left, right):
            pair = (min(left, right), max(left, right))
            lengths[pair] = lengths.get(pair, 0.0) + float(np.hypot(*np.diff(net.xy[arc], axis=0).T).sum())
    return lengths


def drop_thin(net: Net, fit: Fit, tones: NDArray[np.int64], light: NDArray[np.float64], width: float) -> Net:
    """Dissolve regions in which no circle of `width` canvas pixels (times the grain squared) fits.

    They join the neighbour with the longest border times exp(-dL / 0.08); neighbours of equal tone that come to
    touch join too.
    """
    polygons, owners = faces(net)
    middles = np.array([p.representative_point().coords[0] for p in polygons])
    narrow = shapely.is_empty(shapely.buffer(polygons, -width / 2 * fit.grain(middles) ** 2))
    thick = {owner for owner, thin in zip(owners, narrow) if not thin}
    lengths = borders(net)
    into: dict[int, int] = {}
    for region in sorted({o for o, thin in zip(owners, narrow) if thin} - thick):
        if tones[region] == BACKGROUND:
            continue
        around = {a if b == region else b: v for (a, b), v in lengths.items() if region in (a, b)}
        around = {o: v for o, v in around.items() if o not in into and tones[o] != BACKGROUND}
        if around:
            pull = {o: v * float(np.exp(-abs(light[o] - light[region]) / 0.08)) for o, v in around.items()}
            into[region] = max(sorted(pull), key=lambda o: pull[o])
    return join_equal(dissolve(net, into), tones)


def join_equal(net: Net, tones: NDArray[np.int64]) -> Net:
    """The net with neighbours of one tone made one region."""
    while True:
        same = [(a, b) for a, b in borders(net) if tones[a] == tones[b]]
        if not same:
            return net
        net = dissolve(net, {same[0][1]: same[0][0]})
