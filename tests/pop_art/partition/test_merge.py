"""Merged neighbours have the area of both."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from portrait_nst.pop_art.partition import regions
from portrait_nst.pop_art.partition.merge import borders, merge
from portrait_nst.pop_art.partition.topology import faces
from portrait_nst.pop_art.partition.trace import trace
from tests.pop_art.partition.label_maps import areas, label_maps


@given(label_maps, st.data())
@settings(max_examples=100, deadline=None)
def test_merging_neighbours_adds_their_areas(values: NDArray[np.int32], data: st.DataObject) -> None:
    labels, _ = regions.pieces(values)
    topology = trace(labels)
    pairs = sorted(borders(topology))
    if not pairs:
        return
    gone, into = data.draw(st.sampled_from(pairs))
    before = areas(*faces(topology), labels.max() + 1)
    joined = merge(topology, {gone: into})
    polygons, owners = faces(joined)
    assert shapely.coverage_is_valid(polygons)
    after = areas(polygons, owners, labels.max() + 1)
    assert after.sum() == pytest.approx(before.sum(), abs=1e-9)
    assert after[gone] == 0
    assert after[into] == pytest.approx(before[gone] + before[into], abs=4.0)
