"""Results of benchmarks are kept by version and printed side by side; what benchmarks time by name is there."""

from __future__ import annotations

import importlib
import json
import operator
import warnings
from contextlib import nullcontext
from pathlib import Path

import pytest

import portrait_nst
from tests.benchmarks import history, mattes
from tests.benchmarks.painterly.command import WATCHED
from tests.benchmarks.speed import parts


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


@pytest.mark.parametrize("places", [parts.PARTS, parts.STAGES, mattes.PARTS], ids=["parts", "stages", "mattes"])
def test_every_function_that_is_timed_by_name_is_there(places: dict[str, list[parts.Place]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with parts.wrapped(places, lambda part: nullcontext()):
            pass


@pytest.mark.parametrize(("module", "name"), [watched[:2] for watched in WATCHED])
def test_every_function_that_is_watched_by_name_is_there(module: str, name: str) -> None:
    assert callable(operator.attrgetter(name)(importlib.import_module(module)))
