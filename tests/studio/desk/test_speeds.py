"""Speeds of this machine: measured once, kept for the next start, and not kept where something else disturbed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from portrait_nst import resources
from portrait_nst.studio.desk import speeds

FOUND: Any = SimpleNamespace(fixed=0.02, per_megapixel=1.0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(resources.HOME, str(tmp_path))
    monkeypatch.setattr(speeds, "_known", {})
    yield tmp_path


def waits(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let it look as if the next measurement waited so long for a core."""
    told = iter([0.0, seconds])
    monkeypatch.setattr(speeds, "_waited", lambda: next(told))


def work() -> Any:
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    return FOUND


def test_an_undisturbed_measurement_is_kept_for_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert speeds.known("painting") is None
    waits(monkeypatch, 0.0)
    assert speeds.measured("painting", work) == (0.02, 1.0)
    monkeypatch.setattr(speeds, "_known", {})
    assert speeds.known("painting") == (0.02, 1.0)
    assert speeds.known("another") is None


def test_a_disturbed_one_counts_for_less_and_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    waits(monkeypatch, 0.1)
    cost = speeds.measured("painting", work)
    assert cost is not None and 0.4 < cost[1] < 0.6  # half of the time went to others
    assert speeds.known("painting") == cost
    much_later = time.monotonic() + speeds.DISTURBED + 1
    monkeypatch.setattr(time, "monotonic", lambda: much_later)
    assert speeds.known("painting") is None
    monkeypatch.setattr(speeds, "_known", {})
    assert speeds.known("painting") is None


def test_a_damaged_file_is_none(home: Path) -> None:
    (home / speeds.FOLDER).mkdir()
    (home / speeds.FOLDER / "evaluations.json").write_text("[1")
    assert speeds.known("painting") is None
