"""Whether segments cover the frame exactly once."""

from __future__ import annotations

from typing import TypedDict

import shapely


class Coverage(TypedDict):
    """How exactly polygons cover the frame.

    coverage_valid: whether neighbours share all their vertices and nothing overlaps.
    gap_px:         the area in square frame pixels that no polygon covers.
    overlap_px:     the area in square frame pixels that is covered more than once.
    """

    coverage_valid: bool
    gap_px: float
    overlap_px: float


def coverage(polygons: list[shapely.Polygon], width: int, height: int) -> Coverage:
    """How exactly polygons cover a frame (0, 0) to (width, height)."""
    union = shapely.unary_union(polygons)
    covered = union.intersection(shapely.box(0, 0, width, height)).area
    return {
        "coverage_valid": bool(shapely.coverage_is_valid(polygons)),
        "gap_px": round(max(0.0, width * height - covered), 6),
        "overlap_px": round(max(0.0, sum(p.area for p in polygons) - union.area), 6),
    }
