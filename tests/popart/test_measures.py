"""A portrait reaches the measures, and the measures themselves are right."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from portrait_nst.pop_art import PopartResult
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.measures import partition, ring_straightness, turning
from portrait_nst.pop_art.report import missed


def test_a_portrait_reaches_every_measure(ramp: PopartResult) -> None:
    assert missed(ramp.measures) == []
    assert ramp.measures["gap_px"] == 0 and ramp.measures["overlap_px"] == 0
    assert ramp.measures["coverage_valid"]
    assert 50 <= ramp.measures["segments"] <= 130


def test_facets_and_dots_keep_neighbours_apart(facets: PopartResult, dots: PopartResult) -> None:
    assert facets.measures["contrast_min"] >= 19
    assert facets.measures["tone_rank"] >= 0.95
    assert dots.measures["contrast_min"] >= 19
    assert facets.measures["coverage_valid"] and dots.measures["coverage_valid"]


def test_facets_have_several_hues_a_tone(facets: PopartResult) -> None:
    for tone in range(5):
        colours = {c for s, c in zip(facets.geometry.segments, facets.cells[0].colours) if s.tone == tone}
        assert len(colours) >= 2


def test_lightness_rises_with_tone(ramp: PopartResult) -> None:
    by_tone = {s.tone: ramp.cells[0].colours[s.number] for s in ramp.geometry.segments if s.tone >= 0}
    lights = [oklab.lab_of(by_tone[t])[0] for t in sorted(by_tone)]
    assert lights == sorted(lights)


def test_gap_and_overlap_are_areas() -> None:
    left, right = shapely.box(0, 0, 6, 10), shapely.box(4, 0, 9, 10)
    found = partition([left, right], 10, 10)
    assert found == {"coverage_valid": False, "gap_px": 10.0, "overlap_px": 20.0}


def test_turns_are_angles() -> None:
    steps = np.array([(1, 0), (0, 2), (0, 1), (-1, 1)], float)
    np.testing.assert_allclose(turning(steps), [90, 0, 45])


def test_loose_rings_are_measured_without_the_frame() -> None:
    found = ring_straightness([shapely.box(0, 0, 60, 80), shapely.box(60, 0, 100, 80)], 100, 80)
    assert found["vertices_per_segment"] == 4
    assert found["edge_p5"] == pytest.approx(80 / np.hypot(100, 80))
    assert found["long_edge_share"] == 1
