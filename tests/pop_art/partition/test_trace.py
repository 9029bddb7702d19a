"""Whatever the label map, what is traced from it is a partition of the frame."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from numpy.typing import NDArray

from portrait_nst.pop_art.partition import regions
from portrait_nst.pop_art.partition.topology import conflicts, faces
from portrait_nst.pop_art.partition.trace import trace
from tests.pop_art.partition.label_maps import areas, label_maps


@given(label_maps)
@settings(max_examples=300, deadline=None)
def test_the_traced_topology_is_a_valid_coverage_of_the_frame(values: NDArray[np.int32]) -> None:
    labels, _ = regions.pieces(values)
    topology = trace(labels)
    polygons, owners = faces(topology)
    height, width = labels.shape
    assert not conflicts(topology)
    assert shapely.coverage_is_valid(polygons)
    assert sum(p.area for p in polygons) == pytest.approx(width * height, abs=1e-9)
    assert sorted(set(owners)) == list(range(labels.max() + 1))


@given(label_maps)
@settings(max_examples=200, deadline=None)
def test_traced_areas_are_the_pixels_but_for_corners_that_part(values: NDArray[np.int32]) -> None:
    labels, _ = regions.pieces(values)
    topology = trace(labels)
    counts = np.bincount(labels.ravel())
    found = areas(*faces(topology), len(counts))
    if np.all(topology.xy == np.rint(topology.xy)):
        np.testing.assert_array_equal(found, counts)
    else:  # a quarter pixel is cut from a corner's two edges: a quarter square of area each
        np.testing.assert_allclose(found, counts, atol=0.25 * labels.size)


def test_a_region_whose_pixels_touch_in_a_corner_stays_in_one_piece() -> None:
    labels = np.array([[0, 1], [2, 0]])
    polygons, owners = faces(trace(labels))
    assert sorted(owners) == [0, 1, 2]
    assert shapely.coverage_is_valid(polygons)
