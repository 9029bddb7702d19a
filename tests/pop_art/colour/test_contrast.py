"""Colours are moved apart until neighbours contrast."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import FLOOR, keep_apart


@given(
    st.lists(st.tuples(*[st.integers(0, 255)] * 3).map(oklab.hex_of), min_size=3, max_size=6, unique=True),
    st.tuples(*[st.integers(0, 255)] * 3).map(oklab.hex_of),
)
@settings(max_examples=15, deadline=None)
def test_any_colours_are_brought_apart_in_order(colours: list[str], ground: str) -> None:
    ramp = tuple(sorted(colours, key=lambda c: oklab.lab_of(c)[0]))
    moved, back = keep_apart(ramp, ground)
    assert oklab.closest((*moved, back)) >= FLOOR
    lights = [oklab.lab_of(c)[0] for c in moved]
    assert lights == sorted(lights)


def test_colours_that_are_apart_stay_as_they_are() -> None:
    ramp = ("#0A1045", "#0057D9", "#00B3A4", "#FF8C42", "#FFF275")
    assert keep_apart(ramp, "#FF2E63") == (ramp, "#FF2E63")
