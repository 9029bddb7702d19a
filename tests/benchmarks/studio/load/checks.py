"""What must be true at the end, read from the studio's folder itself after its server has ended."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from pathlib import Path

from PIL import Image

from tests.benchmarks.studio.load.ledger import Ledger


def states(folder: Path) -> Counter[str]:
    """How many jobs are in which state."""
    with sqlite3.connect(f"file:{folder / 'studio.sqlite3'}?mode=ro", uri=True) as connection:
        return Counter(state for (state,) in connection.execute("SELECT state FROM jobs"))


def failures(folder: Path, ledger: Ledger) -> list[str]:
    """A line for everything that is not as it must be."""
    with sqlite3.connect(folder / "studio.sqlite3") as connection:
        connection.row_factory = sqlite3.Row
        jobs = {row["id"]: row for row in connection.execute("SELECT * FROM jobs")}
        things = {row["id"]: row for row in connection.execute("SELECT * FROM things")}
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
    said = [] if whole == "ok" else [f"the database: {whole}"]
    for id, title in ledger.accepted.items():
        if id not in jobs:
            said.append(f"lost: {title}")
        elif (state := jobs[id]["state"]) != "done" and not (id in ledger.cancelled and state == "cancelled"):
            said.append(f"{title} is {state}: {jobs[id]['error']}")
    titles = Counter(row["title"] for row in jobs.values())
    said += [f"{count} jobs of {title}" for title, count in titles.items() if count > 1]
    known = {*ledger.accepted.values(), *ledger.unsure}
    said += [f"a job that nobody submitted: {title}" for title in titles.keys() - known]
    said += [f"star lost: {ledger.accepted[id]}" for id in ledger.starred if not jobs[id]["starred"]]
    said += [f"photo lost: {id}" for id in ledger.photos - things.keys()]
    said += _folders(folder, jobs, things)
    for id, row in jobs.items():
        if row["state"] == "done":
            said += _result(folder / "jobs" / id, json.loads(row["result"]), ledger.results.get(id))
    return said


def _folders(folder: Path, jobs: dict[str, sqlite3.Row], things: dict[str, sqlite3.Row]) -> list[str]:
    said = [f"left in incoming: {path.name}" for path in (folder / "incoming").iterdir()]
    for name, rows in (("jobs", jobs), ("things", things)):
        there = {path.name for path in (folder / name).iterdir()}
        said += [f"{name}: a folder without a row, or a row without a folder: {id}" for id in there ^ rows.keys()]
    said += [f"left over: {path}" for path in folder.rglob("*.tmp")]
    return said


def _result(folder: Path, result: dict[str, object], seen: str | None) -> list[str]:
    import hashlib

    said = []
    files = result.get("files")
    for form in files if isinstance(files, list) else []:
        path = folder / f"result.{form}"
        if not path.is_file() or not path.stat().st_size:
            said.append(f"{path} is missing")
        elif form in ("png", "jpg"):
            with Image.open(path) as image:
                image.load()
                if image.size != (result["width"], result["height"]):
                    said.append(f"{path} has the wrong size")
    if seen is not None and hashlib.sha256((folder / "result.png").read_bytes()).hexdigest() != seen:
        said.append(f"{folder} was painted again after it was done")
    return said
