"""All runs of a comparison side by side: contact sheet, table, loss curves and a page."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Sequence
from pathlib import Path

from portrait_nst.report.outputs import write
from portrait_nst.report.page import write_page
from portrait_nst.report.plots import loss_plot
from portrait_nst.report.runs import Run, as_csv, varied_names
from portrait_nst.report.sheet import Tile, contact_sheet, on_white
from portrait_nst.types import Photo

FILES = {"sheet": "sheet.png", "table": "runs.csv", "plot": "losses.png", "page": "index.html"}
_WIDEST = 8


def write_overview(
    folder: Path, runs: Sequence[Run], photo: Photo, style: Photo, fixed: str = "", axes: Sequence[int] = ()
) -> None:
    """Write `FILES` about `runs` into `folder`, replacing what is there.

    fixed: the settings that all runs share, in words; axes: the number of values of each setting that varies, for the sheet.
    """
    title = f"{picture_name(photo, 'photo')} in {picture_name(style, 'style')}"
    leading = [
        Tile(on_white(photo.rgb, photo.alpha), "photo", photo.path.name if photo.path else ""),
        Tile(on_white(style.rgb, style.alpha), "style", style.path.name if style.path else ""),
    ]
    contact_sheet(
        [_tile(folder, run) for run in runs],
        folder / FILES["sheet"],
        leading=leading,
        columns=sheet_columns(axes),
        title=title,
        subtitle=fixed,
        overwrite=True,
    )
    write(folder / FILES["table"], as_csv(runs), overwrite=True)
    traces = [run.trace for run in runs if run.trace.losses and not run.error]
    loss_plot(traces, folder / FILES["plot"], title=title, legend=varied_names(runs), overwrite=True)
    write_page(runs, folder / FILES["page"], folder, photo, style, title=title, fixed=fixed, overwrite=True)


def sheet_columns(axes: Sequence[int]) -> int | None:
    """The number of columns that puts equal values below each other on a sheet nearest to square; None for one axis."""
    trailing = list(itertools.accumulate(reversed(axes), operator.mul))[:-1]
    goal = math.sqrt(1.4 * math.prod(axes))
    possible = [number for number in trailing if 2 <= number <= _WIDEST]
    return min(possible, key=lambda number: abs(math.log(number / goal)), default=None)


def picture_name(photo: Photo, otherwise: str) -> str:
    """The name of the photo's file without its suffix, or `otherwise` for a photo that is in no file."""
    return photo.path.stem if photo.path else otherwise


def _tile(folder: Path, run: Run) -> Tile:
    caption = "\n".join(f"{option}={value}" for option, value in run.varied.items())
    if run.error or run.picture is None:
        return Tile(None, caption, f"failed: {run.error}")
    losses = "  ".join(f"{term} {run.losses[term]:.3g}" for term in ("style", "content") if term in run.losses)
    # "likeness drift" is a part of "likeness", and is left out.
    whole = [name for name in run.scores if " " not in name or name.partition(" ")[0] not in run.scores]
    scores = "  ".join(f"{name} {run.scores[name]:.3g}" for name in whole)
    facts = f"{run.steps} steps, {run.seconds:.1f} s"
    return Tile(folder / run.picture, caption, "\n".join(filter(None, (losses, scores, facts))))
