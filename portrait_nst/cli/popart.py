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
        option(OUTPUT, "-o", "--output", help="File to write: a picture, .svg or .pdf; repeat for several."),
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
    """
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
    outputs = output or [Path(f"{photo.stem}-popart.png")]
    inputs = [path for path in (photo, mask, palette_from) if path is not None]
    _check_outputs(outputs, sheet or [], report, inputs, transparent=settings.background == "transparent", force=force)
    if sheet:
        from portrait_nst.pop_art.render.sheet import paper_size

        paper_size(paper)
    from portrait_nst import imaging, pipeline

    picture = imaging.load(photo)
    began = time.monotonic()
    result = pipeline.popart(
        picture,
        mask=mask,
        region=region,
        person=options.PERSON_FIELD.parse(person),
        segmenter=segmenter,
        palette_from=palette_from,
        settings=settings,
    )
    seconds = time.monotonic() - began
    for path in outputs:
        result.save(path, picture, overwrite=force, keep_metadata=keep_metadata, profile=profile, recipe=not no_recipe)
    lost = dict.fromkeys(note for path in outputs for note in result.lost_in(path, picture, profile=profile))
    result = dataclasses.replace(result, notes=(*result.notes, *lost))
    for path in sheet or []:
        made = result.sheet_svg(paper).encode() if path.suffix.lower() == ".svg" else result.sheet_pdf(paper)
        imaging.write_atomic(path, made, overwrite=force)
    if report is not None:
        imaging.write_atomic(report, (jsons.dumps(result.report(), indent=2) + "\n").encode(), overwrite=force)
    written = [*outputs, *(sheet or []), *([report] if report else [])]
    _print_result(result, written, seconds, json, quiet, verbose)


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
    result: PopartResult, written: list[Path], seconds: float, as_json: bool, quiet: bool, verbose: bool
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
        print(path)
