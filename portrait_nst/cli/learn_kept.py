"""`portrait-nst learn --list` and `--forget`: the networks that are kept in the cache."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.cli import console
from portrait_nst.planning import duration

if TYPE_CHECKING:
    from portrait_nst.instant.network import About

MOST = 3  # paintings of a blend or a movement that are named


def print_list(as_json: bool) -> None:
    """The networks in the cache, on standard output: a table, or JSON."""
    from portrait_nst.instant import store

    kept = store.kept()
    if as_json:
        console.print_json(
            [
                {
                    "painting": _name(about),
                    "sha256": [painting.sha256 for painting in about.paintings],
                    "learned": _when(path),
                    "seconds": round(about.seconds, 1),
                    "steps": about.steps,
                    "bytes": size,
                    "file": str(path),
                }
                for path, about, size in kept
            ]
        )
        return
    if not kept:
        console.say("Nothing is learned yet: portrait-nst learn PAINTING learns a painting in three minutes.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Painting", "Learned", "Time", "Steps", "Size", "Where", box=None, padding=(0, 2, 0, 0))
    for path, about, size in kept:
        name, when = console.printable(_name(about)), _when(path)[:16].replace("T", " ")
        table.add_row(name, when, duration(about.seconds), str(about.steps), f"{size / 1e3:.0f} kB", path.name)
    Console(highlight=False, soft_wrap=True).print(table)
    console.say(f"in {kept[0][0].parent}")


def forget(words: list[str], *, as_json: bool, quiet: bool) -> None:
    """Delete what is kept under each of `words`, "all" for everything; the files are printed. Raises InputError."""
    from portrait_nst.pipeline import learning

    gone = [path for word in words for path in learning.forget(word)]
    if as_json:
        console.print_json({"forgotten": [str(path) for path in gone]})
        return
    for path in gone:
        console.print_path(path)
    if not quiet:
        console.say(f"forgot {len(gone)} learned network{'' if len(gone) == 1 else 's'}")


def _name(about: About) -> str:
    return " + ".join(painting.name for painting in about.paintings[:MOST]) + (
        " + ..." if about.paintings[MOST:] else ""
    )


def _when(path: Path) -> str:
    """When the file was written, as local time to the second: 2026-11-26T15:04:30."""
    return datetime.fromtimestamp(path.stat().st_mtime).isoformat(timespec="seconds")
