"""Straightened borders become clean ones: moved to where they fit, with few vertices, on whole pixels."""

from __future__ import annotations

import dataclasses

import numpy as np

from portrait_nst.pop_art.partition.contract import contract
from portrait_nst.pop_art.partition.costs import StraightnessCosts
from portrait_nst.pop_art.partition.drop_vertices import drop_spikes, drop_vertices, turn_rings
from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.merge import merge_equal_tones, merge_thin
from portrait_nst.pop_art.partition.regions import Regions
from portrait_nst.pop_art.partition.relax import relax
from portrait_nst.pop_art.partition.topology import Topology, crossings

_THIN = 8.0


def clean_up(
    topology: Topology, edge_cost: EdgeCost, regions: Regions, costs: StraightnessCosts, merge_thin_regions: bool
) -> Topology:
    """The topology with few vertices, where the tones fit best, and without spikes or neighbours of one tone.

    merge_thin_regions: whether regions of less than 8 frame pixels across are merged; not where their number is fixed.
    """
    for turn in range(3):
        topology = relax(topology, edge_cost, costs)
        topology = turn_rings(drop_vertices(topology, edge_cost, costs))
        topology = contract(topology, edge_cost, 0.8 * costs.shortest)
        if merge_thin_regions and turn < 2:
            topology = merge_thin(topology, edge_cost, regions, _THIN)
    topology = relax(merge_equal_tones(topology, regions.tones).compact(), edge_cost, costs, (1, 0.5))
    return drop_spikes(snap(drop_vertices(topology, edge_cost, costs)))


def snap(topology: Topology) -> Topology:
    """The topology with its vertices on whole pixels; where edges would then cross, on tenths, or where they are."""
    exact = np.ones(len(topology.xy), bool)
    for decimals in (0, 1, 3):
        rounded = np.where(exact[:, None], np.round(topology.xy, 0), np.round(topology.xy, decimals))
        for _ in range(8):
            candidate = dataclasses.replace(topology, xy=rounded)
            bad = crossings(candidate)
            if not bad.size:
                return candidate
            involved = np.unique(candidate.edges()[0][bad])
            exact[involved] = False
            rounded[involved] = np.round(topology.xy[involved], max(decimals, 1))
    return topology
