"""What is to be painted: jobs from files, folders, patterns and rows, one at a time, whatever their number."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portrait_nst.batch import names, rows
from portrait_nst.batch.walk import Found, find
from portrait_nst.errors import InputError
from portrait_nst.imaging.writing import FORMATS
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings

VECTORS = (".svg", ".pdf")


@dataclass(frozen=True)
class Job:
    """One picture to paint.

    photo, style, mask: absolute paths; pop art has no style.
    output:   wanted, below the output folder; another job may have it already, unless `fixed` says that the user named it.
    error:    why it cannot be done, or "".
    """

    photo: Path
    style: Path | None
    kind: str
    settings: Settings
    popart: PopartSettings | None
    output: Path
    mask: Path | None = None
    fixed: bool = False
    error: str = ""


@dataclass(frozen=True)
class Order:
    """What a user asks for.

    inputs:   files, folders and patterns; each is painted in every one of `styles`.
    rows:     a .csv or .jsonl file of further jobs, "-" for JSON lines from standard input; paths in it are relative to its
              folder, and what a row does not give is as here.
    kind:     "stylize" or "popart".
    suffix:   of the outputs, which chooses their format.
    """

    inputs: Sequence[str | Path] = ()
    styles: Sequence[Path] = ()
    rows: Path | None = None
    kind: str = "stylize"
    settings: Settings = field(default_factory=Settings)
    popart: PopartSettings = field(default_factory=PopartSettings)
    suffix: str = ".png"

    def __post_init__(self) -> None:
        if self.kind not in rows.KINDS:
            raise InputError(f"kind must be one of {', '.join(rows.KINDS)}, not {self.kind!r}.")
        _check_suffix(self.suffix, self.kind)
        if self.inputs and self.kind == "stylize" and not self.styles:
            raise InputError(
                "The style is missing. Name a picture after the photos: portrait-nst batch PHOTOS STYLE --out DIR."
            )


def plan(order: Order, out: Path) -> Iterator[Job]:
    """The jobs of `order`, always in the same order; the pictures below `out`, the output folder, are no inputs.

    A row or folder that cannot be used becomes a job with an error. Raises InputError for what makes the whole order useless.
    """
    yield from jobs_of(order, find(order.inputs, out))
    if order.rows is not None:
        yield from itertools.chain.from_iterable(_of_row(row, order) for row in rows.read(order.rows))


def jobs_of(order: Order, pictures: Iterable[Found]) -> Iterator[Job]:
    """A job for each of `pictures` in each style of `order`."""
    styles: Sequence[Path | None] = [_absolute(style) for style in order.styles] if order.kind == "stylize" else [None]
    own = {str(style) for style in styles}
    for found in pictures:
        if str(_absolute(found.path)) in own:  # a style that lies among the photos is not painted in itself
            continue
        for style in styles:
            yield _job(order, found, style)


def styles_in(path: Path) -> list[Path]:
    """The style pictures that `path` names: itself, or those of a folder. Raises InputError where there are none."""
    if not path.is_dir():
        return [path]
    found = [entry.path for entry in find([path]) if not entry.error]
    if not found:
        raise InputError(f"The folder {path} holds no style picture.")
    return found


def _job(order: Order, found: Found, style: Path | None) -> Job:
    popart = order.popart if order.kind == "popart" else None
    wanted = names.place(found.place, style.stem if style else order.kind, order.suffix)
    return Job(_absolute(found.path), style, order.kind, order.settings, popart, wanted, error=found.error)


def _of_row(row: rows.Row, order: Order) -> Iterator[Job]:
    """A row's jobs: one, or one in each of the order's styles where it names none."""
    nothing = Job(Path(row.where), None, order.kind, order.settings, None, Path(f"{row.where}.png"), error=row.error)
    if row.error:
        yield nothing
        return
    values = row.values
    try:
        kind = values.get("kind", order.kind)
        if kind not in rows.KINDS:
            raise InputError(f"kind must be one of {', '.join(rows.KINDS)}, not {kind!r}.")
        base = order.rows.parent if order.rows is not None else Path()
        given = {name: _absolute(base / _text(values, name)) for name in ("photo", "style", "mask") if name in values}
        if "photo" not in given:
            raise InputError("the photo is missing.")
        popart = rows.popart(values, order.popart) if kind == "popart" else None
        settings = rows.painting(values, order.settings, kind == "popart")
        output = names.below(_text(values, "output")) if "output" in values else None
        _check_suffix(output.suffix if output else order.suffix, kind)
        styles: Sequence[Path | None] = [None]
        if kind == "stylize":
            styles = [given["style"]] if "style" in given else [_absolute(style) for style in order.styles]
            if not styles:
                raise InputError("the style is missing.")
            if output and len(styles) > 1:
                raise InputError("one output is named for several styles.")
    except (InputError, TypeError, ValueError) as error:
        yield dataclasses.replace(nothing, error=f"{row.where}: {error}")
        return
    for style in styles:
        photo = given["photo"]
        wanted = output or names.place(Path(photo.name), style.stem if style else kind, order.suffix)
        yield Job(photo, style, kind, settings, popart, wanted, given.get("mask"), fixed=output is not None)


def _text(values: dict[str, Any], name: str) -> str:
    if not isinstance(values[name], str) or "\0" in values[name]:
        raise InputError(f"{name} must be the name of a file, not {values[name]!r}.")
    return str(values[name])


def _check_suffix(suffix: str, kind: str) -> None:
    known = (*FORMATS, *VECTORS) if kind == "popart" else tuple(FORMATS)
    if suffix.lower() not in known:
        raise InputError(
            f"An output must end in one of {' '.join(known)}, which chooses its format; not in {suffix!r}."
        )


def _absolute(path: Path) -> Path:
    """Without following links: what they are called is what the user knows them by."""
    return Path(os.path.abspath(path))  # noqa: PTH100
