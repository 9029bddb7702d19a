"""How exactly segments cover the frame."""

from __future__ import annotations

import shapely

from portrait_nst.pop_art.measures.coverage import coverage


def test_gap_and_overlap_are_areas() -> None:
    left, right = shapely.box(0, 0, 6, 10), shapely.box(4, 0, 9, 10)
    found = coverage([left, right], 10, 10)
    assert found == {"coverage_valid": False, "gap_px": 10.0, "overlap_px": 20.0}
