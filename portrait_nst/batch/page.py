"""A page (.html) about a batch: what failed, what took longest, and the pictures."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from sqlite3 import Row

from portrait_nst.batch import storage
from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.manifest.paths import as_path, shown
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import InputError, without_paths
from portrait_nst.report.gallery import Card, write_gallery
from portrait_nst.report.outputs import check_file
from portrait_nst.report.page import KINDS
from portrait_nst.types import Photo
from portrait_nst.video.names import is_film

FAILURES, SLOWEST, PICTURES = 500, 12, 200


def check_page(path: str | Path | Url) -> None:
    """Raise InputError before an expensive run for what `write_page` would raise after it."""
    found = storage.locate(path)
    if isinstance(found, Path):
        check_file(found, KINDS, "The report", overwrite=True)
    elif found.suffix.lower() not in KINDS:
        raise InputError(f"The report {found} must end in .html, which chooses the format.")


def write_page(manifest: Manifest, path: str | Path | Url, *, overwrite: bool = False) -> Location:
    """Write a page about all rows of `manifest` to `path` (.html) and return where it lies.

    It shows at most 500 failures, the 12 slowest and the last 200 pictures; those in a store are downloaded for it.
    Raises InputError for another suffix, and for a file that exists already without `overwrite`.
    """
    target = storage.locate(path)
    counts = manifest.counts()
    average = manifest.value("SELECT avg(seconds) FROM jobs WHERE state = 'done'")
    facts = [(name, str(count)) for name, count in counts.items() if count]
    facts += [("seconds a picture", f"{average:.1f}")] if average is not None else []
    failed = _rows(manifest, "failed", "id", FAILURES)
    slowest = _rows(manifest, "done", "seconds DESC", SLOWEST)
    painted = list(reversed(_rows(manifest, "done", "id DESC", PICTURES)))
    sections = [
        ("Failed", [Card(None, _name(row), error=without_paths(row["error"] or "")) for row in failed]),
        ("Slowest", [_card(manifest, row) for row in slowest] if counts["done"] > SLOWEST else []),
        ("Pictures", [_card(manifest, row) for row in painted]),
    ]
    shown = [(title, cards) for title, cards in sections if cards]
    title = storage.absolute(manifest.folder).name
    with storage.output_file(target) as file:
        write_gallery(shown, file, title=title, facts=facts, overwrite=overwrite)
    return target


def _rows(manifest: Manifest, state: str, order: str, most: int) -> list[Row]:
    query = f"SELECT * FROM jobs WHERE state = ? ORDER BY {order} LIMIT ?"
    return manifest.database.execute(query, (state, most)).fetchall()


def _card(manifest: Manifest, row: Row) -> Card:
    scores = json.loads(row["scores"] or "{}")
    note = f"{row['seconds']:.1f} s"
    if "likeness" in scores:
        note += f", likeness {scores['likeness']:.2f}"
    output = as_path(row["output"])
    picture = manifest.folder / output
    if is_film(output.name):
        return Card(partial(_still, picture) if isinstance(picture, Path) else None, str(output), note)
    return Card(partial(storage.load, picture) if isinstance(picture, Url) else picture, str(output), note)


def _still(film: Path) -> Photo:
    """The frame in the middle of a film."""
    from portrait_nst.video.still import middle_frame

    return Photo(middle_frame(film))


def _name(row: Row) -> str:
    style = "" if row["style"] is None else f" in {Path(shown(row['style'])).name}"
    return f"{shown(row['photo'])}{style}"
