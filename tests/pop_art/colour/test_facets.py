"""Facets have several hues for each tone."""

from __future__ import annotations

from portrait_nst.pop_art import PopartResult


def test_facets_have_several_hues_a_tone(facets: PopartResult) -> None:
    for tone in range(5):
        colours = {c for s, c in zip(facets.partition.segments, facets.colourings[0].colours) if s.tone == tone}
        assert len(colours) >= 2
