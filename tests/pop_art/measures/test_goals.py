"""A portrait reaches its goals."""

from __future__ import annotations

from portrait_nst.pop_art import PopartResult
from portrait_nst.pop_art.measures.goals import missed


def test_a_portrait_reaches_every_measure(ramp: PopartResult) -> None:
    assert missed(ramp.measures) == []
    assert ramp.measures["gap_px"] == 0 and ramp.measures["overlap_px"] == 0
    assert ramp.measures["coverage_valid"]
    assert 50 <= ramp.measures["segments"] <= 130


def test_a_measure_that_is_worse_than_its_goal_is_missed(ramp: PopartResult) -> None:
    worse = {**ramp.measures, "coverage_valid": False, "chroma": 0.1, "face_drift": 0.2, "segments": 131}
    assert missed(worse) == ["coverage_valid", "chroma", "face_drift", "segments"]
    assert missed({**ramp.measures, "face_score": None}) == []
