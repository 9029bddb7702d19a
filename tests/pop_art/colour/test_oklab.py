"""Colours as numbers: OKLab and back, and the CIEDE2000 difference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portrait_nst.pop_art.colour import oklab

# From the CIEDE2000 test data of Sharma, Wu and Dalal (2005) the colours cannot be given as bytes; these pairs were
# computed with two independent libraries.
KNOWN = [("#000000", "#FFFFFF", 100.0), ("#FF0000", "#00FF00", 86.61), ("#0000FF", "#FFFF00", 103.43)]


@pytest.mark.parametrize(("one", "other", "expected"), KNOWN)
def test_difference_is_ciede2000(one: str, other: str, expected: float) -> None:
    assert oklab.difference(one, other) == pytest.approx(expected, abs=0.1)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_oklab_and_back_is_the_same_colour(rgb: tuple[int, int, int]) -> None:
    lab = oklab.to_oklab(np.array(rgb, np.uint8))
    assert np.abs(oklab.from_oklab(lab).astype(int) - rgb).max() <= 1
    assert oklab.rgb_of(oklab.hex_of(rgb)) == rgb
