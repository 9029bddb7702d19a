"""Results of benchmarks are kept by version and printed side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import portrait_nst
from tests.benchmarks import history


def test_results_are_kept_by_version_and_printed_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, seconds in (("0.10.0", 2.0), ("0.9.0", 3.5)):
        monkeypatch.setattr(portrait_nst, "__version__", version)
        path = history.record("speed", {"small": {"seconds": seconds, "megabytes": 812}}, tmp_path)
        assert path == tmp_path / version / "speed.json"
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert set(kept) == {"benchmark", "version", "command", "machine", "date", "rows"}
    assert kept["rows"] == {"small": {"seconds": 3.5, "megabytes": 812}}
    lines = [line.split("|")[1:-1] for line in history.history(tmp_path).splitlines() if line.startswith("| small")]
    assert [[cell.strip() for cell in (line[1], *line[3:])] for line in lines] == [
        ["0.9.0", "3.5", "812"],
        ["0.10.0", "2", "812"],
    ]
    assert history.history(tmp_path, only="memory") == ""


def test_a_command_names_no_folders_of_the_machine() -> None:
    assert history.command_line([str(Path.cwd() / "a.jpg"), "samples/b.jpg", "--record"]).endswith(
        " a.jpg samples/b.jpg --record"
    )


def test_the_results_that_are_kept_can_be_printed() -> None:
    assert "## behaviour" in history.history()
