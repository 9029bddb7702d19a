"""`portrait-nst popart PHOTO`."""

from __future__ import annotations

import dataclasses
import json as jsons
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, OUTPUT, option
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings

if TYPE_CHECKING:
    from portrait_nst.pop_art import PopartResult

PAPER = "A4"


@takes_settings(PopartSettings)
def command(
    photo: options.PhotoArgument,
    output: Annotated[
        list[Path] | None,
        option(
            OUTPUT,
            "-o",
            "--output",
            help="File to write: a picture, .svg or .pdf; - for standard output, without --json; repeat for several.",
        ),
    ] = None,
    format: Annotated[
        str | None,
        option(
            OUTPUT,
            "--format",
            help="Of -o - (png if left out) or of the default name: svg, pdf, png, jpg, webp, tif, avif, heic.",
        ),
    ] = None,
    *,
    settings: PopartSettings,
    given: Collection[str],
    palette_from: Annotated[
        Path | None, option(LOOK, "--palette-from", help="A picture whose own bold colours to use.")
    ] = None,
    region: options.Region = options.REGION_FIELD.default,
    mask: options.Mask = None,
    person: options.Person = options.PERSON_FIELD.default,
    segmenter: options.Segmenter = options.SEGMENTER_FIELD.default,
    sheet: Annotated[
        list[Path] | None,
        option(OUTPUT, "--sheet", help="Write a painting sheet (.svg or .pdf): numbered outlines, paints."),
    ] = None,
    paper: Annotated[str, option(OUTPUT, "--paper", help="Of the sheet: A4, A3, letter, 30x40cm.")] = PAPER,
    report: Annotated[
        Path | None, option(OUTPUT, "--report", help="Write measures, paints and segments as JSON.")
    ] = None,
    profile: options.Profile = "photo",
    keep_metadata: options.KeepMetadata = False,
    no_recipe: options.NoRecipe = False,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Make a pop-art portrait of the person in PHOTO: straight-edged segments of tone in bold colours.

    **Examples**

    `portrait-nst popart me.jpg`

    `portrait-nst popart me.jpg -o me.png -o me.svg -o me.pdf --palette marilyn`

    `portrait-nst popart me.jpg --mode facets --sheet me-sheet.pdf --paper A3`

    `portrait-nst popart me.jpg --palette-from painting.jpg --background keep`

    `portrait-nst popart me.jpg --mode grid --grid 3x2 -o warhol.png`

    `portrait-nst popart - -o - --format svg < me.jpg > me.svg`
    """
    from portrait_nst.cli import pipes
    from portrait_nst.imaging.formats import FORMATS, VECTORS

    if "palette" in given and palette_from is not None:
        raise InputError("Give --palette or --palette-from, not both.")
    if "palette" in given and not settings.palette.strip():
        raise InputError("--palette is empty; name a palette, or leave it out.")
    if settings.grid != PopartSettings.grid and settings.mode != "grid":
        columns, rows = settings.grid
        raise InputError(f"--grid {columns}x{rows} is for --mode grid only; add that, or leave --grid out.")
    if paper != PAPER and not sheet:
        raise InputError(f"--paper {paper} is for a painting sheet; add --sheet FILE.pdf, or leave --paper out.")
    options.REGION_FIELD.check(region)
    options.check_profile(profile)
    options.check_segmenter(segmenter, quiet=quiet or json)
    pipes.one_pipe(photo=photo, mask=mask, palette_from=palette_from)
    kinds = (*FORMATS, *VECTORS)
    named: list[Path | None] = [*output] if output else [None]
    # Beside -o - files keep the formats of their suffixes.
    formatted = [pipes.PIPE] if pipes.PIPE in named else named
    goals = [
        pipes.target(path, photo, "-popart.png", format if path in formatted else None, as_json=json, kinds=kinds)
        for path in named
    ]
    goals.sort(key=lambda goal: goal.file is None)  # a reader that goes away early costs no file
    outputs = [goal.file for goal in goals if goal.file is not None]
    if len(goals) > len(outputs) + 1:
        raise InputError("Two outputs have the same name, -; give each its own.")
    transparent = settings.background == "transparent"
    for goal in goals:
        if goal.file is None and goal.path.suffix not in VECTORS:
            goal.check(alpha=transparent)
    inputs = pipes.files(photo, mask, palette_from)
    _check_outputs(outputs, sheet or [], report, inputs, transparent=transparent, force=force)
    if sheet:
        from portrait_nst.pop_art.render.sheet import paper_size

        paper_size(paper)
    from portrait_nst import imaging, pipeline

    picture = pipes.load(photo, "photo")
    painted, colours = pipes.given(mask, "mask"), pipes.given(palette_from, "picture of --palette-from")
    began = time.monotonic()
    result = pipeline.popart(
        picture,
        mask=painted,
        region=region,
        person=options.PERSON_FIELD.parse(person),
        segmenter=segmenter,
        palette_from=colours,
        settings=settings,
    )
    seconds = time.monotonic() - began
    for goal in goals:
        result.save(
            goal.destination,
            picture,
            format=goal.format,
            overwrite=force,
            keep_metadata=keep_metadata,
            profile=profile,
            recipe=not no_recipe,
        )
    lost = dict.fromkeys(note for goal in goals for note in result.lost_in(goal.path, picture, profile=profile))
    result = dataclasses.replace(result, notes=(*result.notes, *lost))
    for path in sheet or []:
        made = result.sheet_svg(paper).encode() if path.suffix.lower() == ".svg" else result.sheet_pdf(paper)
        imaging.write_atomic(path, made, overwrite=force)
    if report is not None:
        imaging.write_atomic(report, (jsons.dumps(result.report(), indent=2) + "\n").encode(), overwrite=force)
    written = [*outputs, *(sheet or []), *([report] if report else [])]
    _print_result(result, written, seconds, json, quiet, verbose, piped=len(goals) > len(outputs))


def _check_outputs(
    outputs: list[Path], sheets: list[Path], report: Path | None, inputs: list[Path], *, transparent: bool, force: bool
) -> None:
    """Raise InputError before the work for a file that could not be written after it."""
    from portrait_nst import imaging
    from portrait_nst.imaging.atomic import check_writable
    from portrait_nst.imaging.formats import FORMATS, VECTORS

    every = [*outputs, *sheets, *([report] if report else [])]
    names: set[Path] = set()
    for path in every:
        if path.resolve() in names:
            raise InputError(f"Two outputs have the same name, {path}; give each its own.")
        names.add(path.resolve())
    if report is not None and report.suffix.lower() != ".json":
        raise InputError(f"The report {report} must be .json.")
    for path in outputs:
        if path.is_dir():
            raise InputError(f"{path} is a folder; expected the name of a file to write.")
        if path.suffix.lower() not in VECTORS:
            if path.suffix.lower() not in FORMATS:
                known = " ".join((*FORMATS, *VECTORS))
                raise InputError(f"The output {path} must have a suffix that chooses its format: one of {known}.")
            imaging.check_output(path, overwrite=force, inputs=inputs, alpha=transparent)
    for path in sheets:
        if path.suffix.lower() not in VECTORS:
            raise InputError(f"The painting sheet {path} must be .svg or .pdf.")
    for path in every:
        if path.suffix.lower() in VECTORS or path == report:
            check_writable(path, overwrite=force, inputs=inputs)


def _print_result(
    result: PopartResult,
    written: list[Path],
    seconds: float,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    *,
    piped: bool,
) -> None:
    from portrait_nst.cli import console

    report = result.report()
    if as_json:
        kept = ("measures", "missed", "notes", "frame", "paints", "settings")
        values = {"outputs": [str(p) for p in written], "seconds": round(seconds, 2)}
        console.print_json({**values, **{k: report[k] for k in kept}})
        return
    if verbose:
        console.say(", ".join(f"{k} {v}" for k, v in report["measures"].items()))
    if not quiet:
        for note in result.notes:
            console.say(f"note: {note}")
        count, paints = report["measures"]["segments"], len(report["paints"])
        console.say(f"{count} segments in {paints} paints in {seconds:.1f} s")
    for path in written:
        if not piped:
            console.print_path(path)
        elif not quiet:  # standard output has the picture
            console.say(f"wrote {path}")
