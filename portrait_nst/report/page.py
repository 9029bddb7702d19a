"""One HTML page about several runs, complete in one file: pictures, curves, style sheet and script are inside.

Only this file uses Jinja.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from portrait_nst import imaging
from portrait_nst.report import plots
from portrait_nst.report.frames import shrink
from portrait_nst.report.outputs import check_file, write
from portrait_nst.report.runs import Run, columns, varied_names
from portrait_nst.report.sheet import on_white
from portrait_nst.types import Photo

KINDS = (".html",)
LONGEST = 800  # pixels of the pictures in the page
_QUALITY = 82
_TEMPLATE = "page.html.j2"


@dataclass(frozen=True)
class Cell:
    """A cell of the table of runs.

    text:  the text that is shown; sort: the key by which the column is sorted.
    share: the length of its bar as a share of the column's longest, in [0, 1], or None for no bar.
    """

    text: str
    sort: str
    share: float | None = None


def write_page(
    runs: Sequence[Run],
    path: str | Path,
    folder: Path,
    photo: Photo,
    style: Photo,
    *,
    title: str = "",
    fixed: str = "",
    overwrite: bool = False,
) -> Path:
    """Write the page about `runs`, whose pictures are in `folder`, to `path` (.html); returns the path.

    Raises InputError for another suffix, or a file that exists already without `overwrite`.
    """
    target = check_file(path, KINDS, "The page", overwrite=overwrite)
    return write(target, render(runs, folder, photo, style, title=title, fixed=fixed), overwrite=overwrite)


def render(runs: Sequence[Run], folder: Path, photo: Photo, style: Photo, *, title: str = "", fixed: str = "") -> str:
    """The HTML that `write_page` writes; all text in it is escaped."""
    names, rows = _table(runs)
    traces = [run.trace for run in runs if run.trace.losses and not run.error]
    legend, themes = varied_names(runs), (False, True) if traces else ()
    drawings = [plots.render(traces, ".svg", title="Losses", legend=legend, dark=dark) for dark in themes]
    return render_template(
        _TEMPLATE,
        title=title or "Runs",
        fixed=fixed,
        sources=[
            ("photo", _source_name(photo), picture_uri(photo)),
            ("style", _source_name(style), picture_uri(style)),
        ],
        columns=names,
        entries=[
            {
                "name": run.name or str(run.index),
                "error": run.error,
                "notes": run.notes,
                "image": picture_uri(imaging.load(folder / run.picture)) if run.picture and not run.error else "",
                "cells": cells,
            }
            for run, cells in zip(runs, rows)
        ],
        failed=sum(bool(run.error) for run in runs),
        curves=[_data_uri("image/svg+xml", drawing) for drawing in drawings],
    )


def _table(runs: Sequence[Run]) -> tuple[list[str], list[list[Cell]]]:
    """The names of the columns, and the cells of each run."""
    varied, terms, scores = columns(runs)
    numbers: list[tuple[str, list[float | None], str, bool]] = [
        *((term, [run.losses.get(term) for run in runs], ".4g", True) for term in terms),
        *((score, [run.scores.get(score) for run in runs], ".3g", False) for score in scores),
        ("steps", [float(run.steps) for run in runs], ".0f", False),
        ("seconds", [run.seconds for run in runs], ".1f", True),
    ]
    rows = []
    for i, run in enumerate(runs):
        cells = [Cell(str(run.index), str(run.index))]
        cells += [Cell(run.varied.get(option, ""), run.varied.get(option, "")) for option in varied]
        cells += [_number(values[i], values, form, bar) for _, values, form, bar in numbers]
        rows.append(cells)
    return ["run", *varied, *(name for name, *_ in numbers)], rows


def _number(value: float | None, values: Sequence[float | None], form: str, bar: bool) -> Cell:
    if value is None:
        return Cell("", "")
    most = max(entry for entry in values if entry is not None)
    return Cell(format(value, form), repr(value), value / most if bar and most > 0 else None)


def _source_name(photo: Photo) -> str:
    return photo.path.name if photo.path else ""


def picture_uri(photo: Photo, longest: int = LONGEST) -> str:
    """`photo` as an image within a page, no side longer than `longest` pixels."""
    rgb = shrink(on_white(photo.rgb, photo.alpha), longest)
    return _data_uri("image/webp", imaging.encode(Photo(rgb), ".webp", exif=b"", quality=_QUALITY))


def _data_uri(kind: str, data: bytes) -> str:
    import markupsafe

    # Base64 has no character to escape; saying so spares a pass over megabytes.
    return markupsafe.Markup(f"data:{kind};base64,{base64.b64encode(data).decode()}")


def render_template(name: str, **values: Any) -> str:
    """The HTML of the template `name` in this folder; all text among `values` is escaped, and none may be missing."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(resources.files(__package__).joinpath(name).read_text("utf-8"))
    return template.render(values)
