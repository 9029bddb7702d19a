"""Spikes, the scratches that a border leaves where it turns back on itself."""

from __future__ import annotations

import numpy as np

from portrait_nst.pop_art import PopartResult
from portrait_nst.pop_art.partition.drop_vertices import drop_spikes
from portrait_nst.pop_art.partition.topology import OUTSIDE, Topology, crossings, is_partition
from portrait_nst.pop_art.partition.topology import faces as faces_of


def divided(*middle: tuple[float, float]) -> Topology:
    """A frame of 100 x 100 that a border from top to bottom divides."""
    xy = np.array([(0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100), *middle], float)
    border = np.array([1, *range(6, 6 + len(middle)), 4])
    return Topology(
        xy, [border, np.array([1, 2, 3, 4]), np.array([4, 5, 0, 1])], [(1, 0), (0, OUTSIDE), (1, OUTSIDE)], 100, 100
    )


def test_a_spike_goes_and_the_rest_stays() -> None:
    topology = divided((52, 40), (90, 44), (55, 41), (48, 80))
    left = drop_spikes(topology)
    assert left.xy[left.arcs[0]].tolist() == [[50, 0], [52, 40], [55, 41], [48, 80], [50, 100]]
    assert not crossings(left).size
    assert is_partition(faces_of(left)[0], 100, 100)


def test_a_point_that_can_be_painted_stays() -> None:
    topology = divided((52, 40), (90, 50), (52, 60))
    assert drop_spikes(topology) is topology


def test_portraits_have_none(ramp: PopartResult, facets: PopartResult) -> None:
    for result in (ramp, facets):
        topology = result.partition.topology
        assert drop_spikes(topology) is topology
