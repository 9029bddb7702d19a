"""Straightened borders have few edges and stay a partition."""

from __future__ import annotations

from portrait_nst.pop_art.partition.costs import StraightnessCosts
from portrait_nst.pop_art.partition.edge_cost import EdgeCost
from portrait_nst.pop_art.partition.straighten import straighten
from portrait_nst.pop_art.partition.topology import conflicts, faces
from portrait_nst.pop_art.partition.trace import trace
from tests.pop_art.partition.test_edge_cost import two_halves


def test_a_staircase_becomes_a_few_straight_edges() -> None:
    frame, found = two_halves()
    topology = trace(found.labels)
    straight = straighten(topology, EdgeCost(frame, found), StraightnessCosts())
    before, after = (
        sum(len(arc) - 1 for arc, sides in zip(n.arcs, n.sides) if min(sides) >= 0) for n in (topology, straight)
    )
    assert before > 900 and after <= 16
    assert not conflicts(straight)
    polygons, _ = faces(straight)
    assert sum(p.area for p in polygons) == frame.width * frame.height
