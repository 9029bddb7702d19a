"""How bold colourings are."""

from __future__ import annotations

from portrait_nst.pop_art import PopartResult
from portrait_nst.pop_art.colour import oklab


def test_facets_and_dots_keep_neighbours_apart(facets: PopartResult, dots: PopartResult) -> None:
    assert facets.measures["contrast_min"] >= 19
    assert facets.measures["tone_rank"] >= 0.95
    assert dots.measures["contrast_min"] >= 19
    assert facets.measures["coverage_valid"] and dots.measures["coverage_valid"]


def test_lightness_rises_with_tone(ramp: PopartResult) -> None:
    by_tone = {s.tone: ramp.colourings[0].colours[s.number] for s in ramp.partition.segments if s.tone >= 0}
    lights = [oklab.lab_of(by_tone[t])[0] for t in sorted(by_tone)]
    assert lights == sorted(lights)
