"""`portrait-nst styles`, and `portrait-nst styles PHOTO`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portrait_nst import named_styles
from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, OUTPUT, option
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings

if TYPE_CHECKING:
    from portrait_nst.report import Sample, StyleSheet


@takes_settings(quality="draft")
def command(
    photo: Annotated[
        Path | None, typer.Argument(help="A photograph, to be painted in all of them.", show_default=False)
    ] = None,
    *,
    settings: Settings,
    given: Collection[str],
    style: Annotated[
        list[str] | None, option(LOOK, "--style", help="Only in this one, a name or FILE; repeat.")
    ] = None,
    output: Annotated[
        Path | None, option(OUTPUT, "-o", "--output", help="The contact sheet (.png).  [default: PHOTO-styles.png]")
    ] = None,
    columns: Annotated[int | None, option(OUTPUT, "--columns", help="Pictures side by side.", min=1)] = None,
    mask: options.Mask = None,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """List the styles that may be given by name; with a PHOTO, paint it in all of them, as a contact sheet.

    A style that fails is told of, the others go on, and the exit status is 1. `Ctrl-C` keeps a sheet of what is painted so far.

    **Examples**

    `portrait-nst styles`

    `portrait-nst styles me.jpg -o sheet.png`

    `portrait-nst styles me.jpg --style impasto --style woodcut --style starry.png --strength 0.7`
    """
    if photo is None:
        if style or output or mask or columns or given:
            raise InputError("The photo is missing that is to be painted: portrait-nst styles PHOTO -o SHEET.png.")
        _list(json)
        return
    from portrait_nst import report
    from portrait_nst.cli import console, pipes

    pipes.files_only("styles", photo=photo, mask=mask, output=output)

    def on_sample(sample: Sample, done: int, total: int) -> None:
        if not (quiet or json) or sample.error:
            outcome = f"failed: {sample.error}" if sample.error else f"{sample.seconds:.1f} s"
            console.say(f"{done}/{total}  {sample.name}  {outcome}")

    with console.progress(quiet or json, forecast=False, saves=True) as on_step:
        made = report.style_sheet(
            photo,
            output or Path(f"{photo.stem}-styles.png"),
            style or [],
            settings,
            mask=mask,
            columns=columns,
            overwrite=force,
            on_sample=on_sample,
            on_step=on_step,
        )
    if json:
        console.print_json(_values(made))
    else:
        console.print_path(made.path)
    if made.interrupted:
        console.say("Interrupted: the sheet holds what was painted so far.")
        raise typer.Exit(130)
    if made.failed:
        raise typer.Exit(1)


def _list(as_json: bool) -> None:
    described = named_styles.descriptions()
    if as_json:
        from PIL import Image

        from portrait_nst.cli import console

        rows = []
        for name, file in named_styles.files().items():
            with Image.open(file) as image:
                size = [image.width, image.height]
            rows.append({"name": name, "file": str(file), "description": described[name], "size": size})
        console.print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, text in described.items():
        table.add_row(name, text)
    Console(highlight=False).print(table)


def _values(made: StyleSheet) -> dict[str, Any]:
    rows = [
        {
            "name": sample.name,
            "file": str(sample.file),
            "seconds": round(sample.seconds, 2),
            "likeness": None if sample.likeness is None else round(sample.likeness, 4),
            "notes": list(sample.notes),
            "error": sample.error,
        }
        for sample in made.samples
    ]
    return {"output": str(made.path), "styles": rows}
