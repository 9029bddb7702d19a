"""`portrait-nst learn --list` and `--forget`: the networks that are kept in the cache."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from portrait_nst.cli import console
from portrait_nst.errors import InputError
from portrait_nst.planning import duration

if TYPE_CHECKING:
    from portrait_nst.instant.network import About

MOST = 3  # paintings of a blend or a movement that are named
DIGITS = 8  # of the name of a kept file, by which `--list` and `--forget` call it
USUAL = {"size": 512, "seed": 0}  # settings that `--list` leaves out with these values
WIDE = 10_000  # columns of a table that goes to a file or a program: nothing is cut


def print_list(as_json: bool) -> None:
    """The networks in the cache, on standard output: a table, or JSON."""
    from portrait_nst.instant import store

    kept = store.kept()
    if as_json:
        console.print_json(
            [
                {
                    "handle": _handle(path),
                    "painting": _name(about),
                    "with": _particulars(about),
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
    if kept:
        _print_table(kept)
        console.say(f"in {kept[0][0].parent}")
    else:
        console.say("Nothing is learned yet: portrait-nst learn PAINTING learns a painting in three minutes.")
    from portrait_nst.pipeline import learning

    if begun := learning.unfinished():
        console.say(
            f"and {_count(len(begun), 'unfinished run')} ({sum(size for _, size in begun) / 1e6:.1f} MB): the command that was "
            "broken off goes on with its own; --forget all deletes all"
        )


def _print_table(kept: list[tuple[Path, About, int]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Handle", "Painting", "With", "Learned", "Time", "Steps", "Size", box=None, padding=(0, 2, 0, 0))
    for path, about, size in kept:
        name, what = console.printable(_name(about)), console.printable(_particulars(about))
        when = _when(path)[:16].replace("T", " ")
        row = (name, what, when, duration(about.seconds), str(about.steps), f"{size / 1e3:.0f} kB")
        table.add_row(_handle(path), *row)
    screen = Console(highlight=False, markup=False)
    (screen if screen.is_terminal else Console(highlight=False, markup=False, width=WIDE)).print(table)


def forget(words: list[str], *, as_json: bool, quiet: bool) -> None:
    """Delete what is kept under each of `words`, "all" for everything; the files are printed.

    Raises InputError, before anything is deleted, for a word that means nothing or several networks.
    """
    from portrait_nst.pipeline import learning

    begun = 0
    if any(word.casefold() == "all" for word in words):
        begun = len(learning.unfinished())
        gone = learning.forget("all")
    else:
        gone = [path for each in dict.fromkeys(map(_only, words)) for path in learning.forget(str(each))]
    if as_json:
        console.print_json({"forgotten": [str(path) for path in gone]})
        return
    for path in gone:
        console.print_path(path)
    if not quiet:
        more = f" and {_count(begun, 'unfinished run')}" if begun else ""
        console.say(f"forgot {_count(len(gone), 'learned network')}{more}")


def _only(word: str) -> Path:
    """The one network that is kept under `word`. Raises InputError, also where there are several."""
    from portrait_nst.instant import store

    found = store.meant(word)
    if len(found) == 1:
        return found[0]
    abouts = {path: about for path, about, _ in store.kept()}
    listed = ", ".join(f"{_handle(path)} ({_in_words(abouts[path])})" for path in found if path in abouts)
    every = " ".join(f"--forget {_handle(path)}" for path in found)
    raise InputError(
        f"{word} means {len(found)} networks: {listed}. Forget one by its handle, or all of them by {every}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _handle(path: Path) -> str:
    """The first digits of a kept file's name, which stand for it."""
    return path.stem[:DIGITS]


def _name(about: About) -> str:
    """The paintings, with weights other than 1: "starry.jpg + oil.png:0.5"."""
    named = about.paintings[:MOST]
    names = [painting.name + ("" if painting.weight == 1 else f":{painting.weight:g}") for painting in named]
    more = len(about.paintings) - MOST
    return " + ".join(names) + (f" + {more} more" if more > 0 else "")


def _particulars(about: About) -> str:
    """What tells the network from others of the same painting: its style region or mask, photos, seed and size; or ""."""
    settings = about.settings
    mask = settings.get("mask")
    words = [] if mask is None else ["person" if mask == "person" else f"mask {str(mask)[:DIGITS]}"]
    words += [f"photos {settings['photos']}"] if settings.get("photos") else []
    words += [f"{name} {settings[name]}" for name, usual in USUAL.items() if settings.get(name, usual) != usual]
    return ", ".join(words)


def _in_words(about: About) -> str:
    return ", ".join(filter(None, (_name(about), _particulars(about))))


def _when(path: Path) -> str:
    """When the file was written, as local time to the second: 2026-11-26T15:04:30."""
    return datetime.fromtimestamp(path.stat().st_mtime).isoformat(timespec="seconds")
