"""Short borders between two junctions are contracted to a point."""

from __future__ import annotations

import dataclasses

import numpy as np

from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.pinch_vertex import is_pinched
from portrait_nst.pop_art.partition.topology import OUTSIDE, Topology, crossings, faces, misplaced


def contract(topology: Topology, edge_cost: EdgeCost, shortest: float) -> Topology:
    """The topology with short borders between two junctions contracted to a point; unchanged where that would tear it.

    shortest: borders of fewer frame pixels (times the local scale) are contracted.
    """
    result = _contracted(topology, edge_cost, shortest)
    whole = not misplaced(result) and len(faces(result)[0]) == len(faces(topology)[0])
    return result if whole else topology


def _contracted(topology: Topology, edge_cost: EdgeCost, shortest: float) -> Topology:
    """The topology that `contract` gives, before it is checked that all regions stay whole."""
    refused: set[tuple[int, int]] = set()
    while True:
        fixed_x, fixed_y = topology.on_frame()
        single = [
            i
            for i, arc in enumerate(topology.arcs)
            if len(arc) == 2 and OUTSIDE not in topology.sides[i] and (arc[0], arc[1]) not in refused
        ]
        if not single:
            return topology
        ends = topology.xy[np.array([topology.arcs[i] for i in single])]
        lengths = np.hypot(*(ends[:, 1] - ends[:, 0]).T) / edge_cost.local_scale(ends.mean(axis=1))
        least = int(lengths.argmin())
        if lengths[least] >= shortest:
            return topology
        which = single[least]
        kept, gone = (int(v) for v in topology.arcs[which])
        refused.add((kept, gone))
        if fixed_x[gone] or fixed_y[gone]:
            kept, gone = gone, kept
        if fixed_x[gone] or fixed_y[gone] or (fixed_x[kept] and fixed_y[kept]):
            continue  # both lie on the frame, or the one that stays is a corner
        xy = topology.xy.copy()
        if not (fixed_x[kept] or fixed_y[kept]):
            xy[kept] = (xy[kept] + xy[gone]) / 2
        rest = [j for j in range(len(topology.arcs)) if j != which]
        arcs = [np.where(topology.arcs[j] == gone, kept, topology.arcs[j]) for j in rest]
        candidate = dataclasses.replace(topology, xy=xy, arcs=arcs, sides=[topology.sides[j] for j in rest])
        if is_pinched(candidate, kept):
            continue
        if min(len(a) if a[0] != a[-1] else len(a) - 2 for a in arcs) < 2 or crossings(candidate).size:
            continue
        topology = candidate
