"""What each measure is to reach."""

from __future__ import annotations

from collections.abc import Mapping

GOALS: dict[str, tuple[str, float]] = {
    "gap_px": ("<=", 0.0),
    "overlap_px": ("<=", 0.0),
    "vertices_per_segment": ("<=", 10.0),
    "edge_p5": (">=", 0.012),
    "long_edge_share": (">=", 0.85),
    "flat_turn_share": ("<=", 0.05),
    "tone_error_gain": ("<=", 0.5),
    "contrast_min": (">=", 20.0),
    "contrast_mean": (">=", 40.0),
    "chroma": (">=", 0.15),
    "tone_rank": (">=", 0.95),
    "segments": (">=", 50.0),
    "face_score": (">=", 0.7),
    "face_drift": ("<=", 0.12),
}
"""What each measure is to reach."""
MOST_SEGMENTS = 130
"""More segments than these miss the goal too."""


def missed(measures: Mapping[str, object]) -> list[str]:
    """The names of the measures that do not reach their goals; a measure that was not taken is not missed."""
    names = [] if measures.get("coverage_valid", True) else ["coverage_valid"]
    for name, (sign, goal) in GOALS.items():
        value = measures.get(name)
        if isinstance(value, float | int) and not (value >= goal if sign == ">=" else value <= goal):
            names.append(name)
    count = measures.get("segments", 0)
    if isinstance(count, int) and count > MOST_SEGMENTS:
        names.append("segments")
    return names
