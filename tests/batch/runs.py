"""Runs of batches for tests: with workers that take no time, in this process or as a script of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Options, Order, opened
from portrait_nst.batch.storage import Url
from portrait_nst.batch.workers.engine import MakeWorker
from tests.batch.fake_stores import Here
from tests.batch.fake_workers import Negative

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = Url("memory://out")
SCRIPT = """
import sys
from pathlib import Path
from portrait_nst.batch import Options, Order, opened
from portrait_nst.settings import Settings
from tests.batch.fake_workers import Negative

if __name__ == "__main__":
    folder, out = map(Path, sys.argv[1:])
    order = Order([folder], [folder / "0.png"], settings=Settings(device="cpu"))
    with opened(order, out, Options(workers=2), Negative) as session:
        session.plan()
        with session.engine() as engine:
            for done in session.paint(engine):
                print(done.output, done.error, flush=True)
"""


def paint(
    order: Order, out: Path, options: Options | None = None, worker: MakeWorker = Negative
) -> tuple[dict[str, str], dict[str, int]]:
    """({photo: error} of what was refused or painted, the counts of the plan)."""
    with opened(order, out, options or Options(workers=1), worker) as session:
        session.plan()
        made = {done.photo.name: done.error for done in session.refused()}
        with session.engine() as engine:
            made |= {done.photo.name: done.error for done in session.paint(engine)}
        return made, dict(session.planner.counts)


def paint_into_store(
    order: Order, options: Options | None = None, stop_after: int | None = None, out: Url = OUT
) -> tuple[dict[str, str], dict[str, int]]:
    """({photo: error} of what was painted, the counts of the plan); raises Killed after `stop_after` pictures."""
    made = {}
    with opened(order, out, options) as session:
        session.plan()
        for done in session.paint(Here(Negative, stop_after)):
            made[done.photo.name] = done.error
    return made, dict(session.planner.counts)


def rows_file(folder: Path, *values: dict[str, Any]) -> Path:
    """A file of jobs in `folder` with these rows."""
    file = folder / "jobs.jsonl"
    file.write_text("\n".join(map(json.dumps, values)))
    return file


def pictures(folder: Path) -> dict[str, bytes]:
    """The files below `folder` by name, without those of the manifest."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("batch.", ".batch")))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def other_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str = "other") -> None:
    """From now on work as another machine, whose cache is another folder."""
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / name))
