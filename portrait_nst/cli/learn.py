"""`portrait-nst learn PAINTING...`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, OUTPUT, option
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.instant.learning.settings import LearnSettings


@takes_settings(LearnSettings)
def command(
    painting: Annotated[
        list[Path] | None,
        typer.Argument(
            help="A picture of a painting, the name of a style, or a folder of paintings that are learned as one.",
            show_default=False,
        ),
    ] = None,
    *,
    settings: LearnSettings,
    given: Collection[str],
    blend: Annotated[
        list[str] | None,
        option(
            LOOK,
            "--blend",
            help="Another painting, learned as one with PAINTING, and its share beside PAINTING's 1: FILE or FILE:0.5; repeat.",
        ),
    ] = None,
    movement: Annotated[
        str | None, option(LOOK, "--movement", help="An art movement of --library instead of PAINTING.")
    ] = None,
    library: Annotated[
        Path | None, option(LOOK, "--library", help="A folder with a folder of paintings for each movement.")
    ] = None,
    photos: Annotated[
        Path | None,
        option(LOOK, "--photos", help="A folder of photographs to learn on, instead of what the package has."),
    ] = None,
    again: Annotated[
        bool, option(LOOK, "--again", help="Learn from the start, although it is learned or begun already.")
    ] = False,
    output: Annotated[
        Path | None,
        option(
            OUTPUT,
            "-o",
            "--output",
            help="Write the network here too, to give away (.safetensors); a folder of several.",
        ),
    ] = None,
    compact: Annotated[
        bool, option(OUTPUT, "--compact", help="Half as large a file with -o, a little coarser.")
    ] = False,
    preview: Annotated[
        Path | None, option(OUTPUT, "--preview", help="A sheet that is written while it learns: photos painted so far.")
    ] = None,
    preview_photo: Annotated[
        list[Path] | None, option(OUTPUT, "--preview-photo", help="A photo of your own for --preview; repeat.")
    ] = None,
    list_: Annotated[bool, option(OUTPUT, "--list", help="List what is learned and kept.")] = False,
    forget: Annotated[
        list[str] | None,
        option(
            OUTPUT,
            "--forget",
            help="Delete what was learned of a painting: its handle in --list, its name, or all; repeat.",
        ),
    ] = None,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn a network for each PAINTING, with which `stylize --quality instant` paints a photo in seconds.

    It is kept in the cache. Ctrl-C keeps what is learned so far; the same command goes on from there, after a crash too.

    **Examples**

    `portrait-nst learn starry.jpg && portrait-nst stylize me.jpg starry.jpg --quality instant`

    `portrait-nst learn starry.jpg --minutes 8 --preview preview.png -o starry.safetensors`

    `portrait-nst learn starry.jpg --blend impasto:0.5`

    `portrait-nst learn wikiart/Impressionism --photos holidays/`

    `portrait-nst learn --list`
    """
    if list_ or forget:
        from portrait_nst.cli import learn_kept

        others = (painting, blend, movement, library, photos, again, output, compact, preview, preview_photo, given)
        if any(others) or (list_ and forget):
            raise InputError(
                f"{'--list' if list_ else '--forget'} goes alone; leave PAINTING and the other options out."
            )
        if list_:
            learn_kept.print_list(json)
        else:
            learn_kept.forget(forget or [], as_json=json, quiet=quiet)
        return
    if preview_photo and preview is None:
        raise InputError("--preview-photo is for --preview; give the file of the sheet too: --preview sheet.png.")
    if compact and output is None:
        raise InputError("--compact is for the file of -o; give that too, or leave --compact out.")
    from portrait_nst.cli import learn_arguments, learn_output, learn_runs
    from portrait_nst.report.learning_sheet import LearningSheet

    orders = learn_arguments.orders(painting or [], blend or [], movement, library)
    several = len(painting or []) > 1
    targets = learn_arguments.targets(orders, output, overwrite=force, several=several)
    sheet = None
    if preview is not None:
        inputs = [file for order in orders for file in order.files]
        sheet = LearningSheet(preview, preview_photo or [], overwrite=force, inputs=inputs)
    chosen = learn_runs.Orders(orders, targets, settings, photos, again, compact, force)
    if not learn_runs.run(chosen, sheet, learn_output.Talk(quiet, json)):
        raise typer.Exit(130)
