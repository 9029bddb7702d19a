"""Whatever the label map, its net is a partition of the frame: traced exactly, straightened, tidied or dissolved."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from portrait_nst.pop_art.partition import framing, geometry, regions
from portrait_nst.pop_art.partition.merge import borders, dissolve
from portrait_nst.pop_art.partition.topology import conflicts, faces, is_partition, misplaced
from portrait_nst.pop_art.partition.trace import trace

label_maps = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12).flatmap(
    lambda shape: arrays(np.int32, shape, elements=st.integers(0, 3))
)


def areas(polygons: list[shapely.Polygon], owners: list[int], count: int) -> np.ndarray:
    return np.bincount(owners, [p.area for p in polygons], minlength=count)


@given(label_maps)
@settings(max_examples=300, deadline=None)
def test_the_traced_net_is_a_valid_coverage_of_the_frame(values: np.ndarray) -> None:
    labels, _ = regions.pieces(values)
    net = trace(labels)
    polygons, owners = faces(net)
    height, width = labels.shape
    assert not conflicts(net)
    assert shapely.coverage_is_valid(polygons)
    assert sum(p.area for p in polygons) == pytest.approx(width * height, abs=1e-9)
    assert sorted(set(owners)) == list(range(labels.max() + 1))


@given(label_maps)
@settings(max_examples=200, deadline=None)
def test_traced_areas_are_the_pixels_but_for_corners_that_part(values: np.ndarray) -> None:
    labels, _ = regions.pieces(values)
    net = trace(labels)
    counts = np.bincount(labels.ravel())
    found = areas(*faces(net), len(counts))
    if np.all(net.xy == np.rint(net.xy)):
        np.testing.assert_array_equal(found, counts)
    else:  # a quarter pixel is cut from a corner's two edges: a quarter square of area each
        np.testing.assert_allclose(found, counts, atol=0.25 * labels.size)


def test_a_region_whose_pixels_touch_in_a_corner_stays_in_one_piece() -> None:
    labels = np.array([[0, 1], [2, 0]])
    polygons, owners = faces(trace(labels))
    assert sorted(owners) == [0, 1, 2]
    assert shapely.coverage_is_valid(polygons)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 40))
@settings(max_examples=8, deadline=None)
def test_straightened_random_pictures_are_partitions(seed: int, grain: int, edge: int) -> None:
    """Noise of any grain, inside a random blob: divided, straightened and tidied it covers the frame exactly."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (24 * grain, 20 * grain, 3), np.uint8)
    rgb = cv2.resize(small, (120, 144), interpolation=cv2.INTER_NEAREST)
    alpha = np.ones((144, 120), np.float32)
    if edge:
        alpha = (cv2.GaussianBlur(rng.random((144, 120)), (0, 0), 2 + edge) > 0.5).astype(np.float32)
        alpha[60:90, 40:80] = 1
    frame = framing.prepare(rgb, alpha, None, False)
    found = geometry.divide(frame, 5, 0.5, segments=30)
    polygons = [s.polygon for s in found.segments]
    assert is_partition(polygons, frame.width, frame.height)
    assert not conflicts(found.net) and not misplaced(found.net)
    tones = [s.tone for s in found.segments]
    assert all(tones[a] != tones[b] for a, b in borders(found.net))


@given(label_maps, st.data())
@settings(max_examples=100, deadline=None)
def test_dissolving_neighbours_adds_their_areas(values: np.ndarray, data: st.DataObject) -> None:
    labels, _ = regions.pieces(values)
    net = trace(labels)
    pairs = sorted(borders(net))
    if not pairs:
        return
    gone, into = data.draw(st.sampled_from(pairs))
    before = areas(*faces(net), labels.max() + 1)
    joined = dissolve(net, {gone: into})
    polygons, owners = faces(joined)
    assert shapely.coverage_is_valid(polygons)
    after = areas(polygons, owners, labels.max() + 1)
    assert after.sum() == pytest.approx(before.sum(), abs=1e-9)
    assert after[gone] == 0
    assert after[into] == pytest.approx(before[gone] + before[into], abs=4.0)
