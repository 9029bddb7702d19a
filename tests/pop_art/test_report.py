"""The report of a portrait."""

from __future__ import annotations

import dataclasses
import json

import pytest

from portrait_nst.pop_art import PopartResult


def test_the_report_is_json_and_complete(ramp: PopartResult) -> None:
    report = json.loads(json.dumps(ramp.report()))
    assert report["missed"] == []
    assert len(report["segments"]) == report["measures"]["segments"]
    assert sum(p["share"] for p in report["paints"]) == pytest.approx(1, abs=1e-3)
    assert report["settings"] == json.loads(json.dumps(dataclasses.asdict(ramp.settings)))
