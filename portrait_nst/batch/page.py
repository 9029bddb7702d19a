"""A batch as a page: what failed, what took longest, and pictures."""

from __future__ import annotations

import json
from pathlib import Path
from sqlite3 import Row

from portrait_nst.batch.manifest import Manifest, as_path
from portrait_nst.report.gallery import Card, write_gallery

FAILURES, SLOWEST, PICTURES = 500, 12, 200


def write_page(manifest: Manifest, path: Path, *, overwrite: bool = False) -> Path:
    """Write the page about all rows of `manifest` to `path` (.html): at most 500 failures, 12 slowest, the last 200 pictures."""
    counts = manifest.counts()
    average = manifest.value("SELECT avg(seconds) FROM jobs WHERE state = 'done'")
    facts = [(name, str(count)) for name, count in counts.items() if count]
    facts += [("seconds a picture", f"{average:.1f}")] if average is not None else []
    failed = _rows(manifest, "failed", "id", FAILURES)
    slowest = _rows(manifest, "done", "seconds DESC", SLOWEST)
    painted = list(reversed(_rows(manifest, "done", "id DESC", PICTURES)))
    sections = [
        ("Failed", [Card(None, _name(row), error=row["error"] or "") for row in failed]),
        ("Slowest", [_card(manifest, row) for row in slowest] if counts["done"] > SLOWEST else []),
        ("Pictures", [_card(manifest, row) for row in painted]),
    ]
    shown = [(title, cards) for title, cards in sections if cards]
    return write_gallery(shown, path, title=manifest.folder.resolve().name, facts=facts, overwrite=overwrite)


def _rows(manifest: Manifest, state: str, order: str, most: int) -> list[Row]:
    query = f"SELECT * FROM jobs WHERE state = ? ORDER BY {order} LIMIT ?"
    return manifest.database.execute(query, (state, most)).fetchall()


def _card(manifest: Manifest, row: Row) -> Card:
    scores = json.loads(row["scores"] or "{}")
    note = f"{row['seconds']:.1f} s"
    if "likeness" in scores:
        note += f", likeness {scores['likeness']:.2f}"
    return Card(manifest.folder / as_path(row["output"]), str(as_path(row["output"])), note)


def _name(row: Row) -> str:
    style = "" if row["style"] is None else f" in {as_path(row['style']).name}"
    return f"{as_path(row['photo'])}{style}"
