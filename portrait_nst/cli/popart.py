"""`portrait-nst popart PHOTO`."""

from __future__ import annotations

import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, OUTPUT
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings

if TYPE_CHECKING:
    from portrait_nst.pop_art import PopartResult
    from portrait_nst.types import Photo

VECTORS = (".svg", ".pdf")
PAPER = "A4"


@takes_settings(PopartSettings)
def command(
    photo: options.PhotoArgument,
    output: Annotated[
        list[Path] | None,
        options.option(OUTPUT, "-o", "--output", help="File to write: a picture, .svg or .pdf; repeat for several."),
    ] = None,
    *,
    settings: PopartSettings,
    given: Collection[str],
    palette_from: Annotated[
        Path | None,
        options.option(LOOK, "--palette-from", help="A picture whose own bold colours to use."),
    ] = None,
    region: options.Region = options.REGION_FIELD.default,
    mask: options.Mask = None,
    person: options.Person = options.PERSON_FIELD.default,
    sheet: Annotated[
        list[Path] | None,
        options.option(OUTPUT, "--sheet", help="Write a painting sheet (.svg or .pdf): numbered outlines, paints."),
    ] = None,
    paper: Annotated[str, options.option(OUTPUT, "--paper", help="Of the sheet: A4, A3, letter, 30x40cm.")] = PAPER,
    report: Annotated[
        Path | None, options.option(OUTPUT, "--report", help="Write measures, paints and segments as JSON.")
    ] = None,
    keep_metadata: options.KeepMetadata = False,
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
    outputs = output or [Path(f"{photo.stem}-popart.png")]
    _check(photo, outputs, sheet or [], report, paper, settings, [p for p in (mask, palette_from) if p], force)
    from portrait_nst import imaging, pipeline

    picture = imaging.load(photo)
    began = time.monotonic()
    result = pipeline.popart(
        picture,
        mask=mask,
        region=region,
        person=options.PERSON_FIELD.parse(person),
        palette_from=palette_from,
        settings=settings,
    )
    seconds = time.monotonic() - began
    written = [_write(result, picture, path, force, keep_metadata) for path in outputs]
    written += [_write_sheet(result, path, paper, force) for path in sheet or []]
    if report is not None:
        written.append(_write_text(report, _as_json(result.report()), force))
    _print_result(result, written, seconds, json, quiet, verbose)


def _check(
    photo: Path,
    outputs: list[Path],
    sheets: list[Path],
    report: Path | None,
    paper: str,
    settings: PopartSettings,
    inputs: list[Path],
    force: bool,
) -> None:
    """Find out now what could not be written after the work."""
    from portrait_nst import imaging
    from portrait_nst.imaging.formats import FORMATS

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
            alpha = settings.background == "transparent"
            imaging.check_output(path, overwrite=force, inputs=[photo, *inputs], alpha=alpha)
    for path in sheets:
        if path.suffix.lower() not in VECTORS:
            raise InputError(f"The painting sheet {path} must be .svg or .pdf.")
    for path in every:
        if path.suffix.lower() in VECTORS or path == report:
            _check_text(path, [photo, *inputs], force)
    if sheets:
        from portrait_nst.pop_art.render.sheet import paper_size

        paper_size(paper)


def _check_text(path: Path, inputs: list[Path], force: bool) -> None:
    if path.is_dir():
        raise InputError(f"{path} is a folder; expected the name of a file to write.")
    if not path.parent.is_dir():
        raise InputError(f"The folder {path.parent} does not exist; make it first, or choose another.")
    if any(path.resolve() == other.resolve() for other in inputs):
        raise InputError(f"{path} is an input; choose another name for the output.")
    if path.exists() and not force:
        raise InputError(f"{path} exists already; use --force to overwrite it, or choose another name.")


def _write(result: PopartResult, picture: Photo, path: Path, force: bool, keep_metadata: bool) -> Path:
    from portrait_nst import imaging
    from portrait_nst.types import Photo

    kind = path.suffix.lower()
    if kind == ".svg":
        return _write_text(path, result.svg(), force)
    if kind == ".pdf":
        return _write_text(path, result.pdf(), force)
    rgb, alpha = result.render()
    recipe = {"popart": result.report()["settings"], "photo": picture.sha256}
    return imaging.save(
        Photo(rgb, alpha), path, recipe=recipe, overwrite=force, exif=picture.exif, keep_metadata=keep_metadata
    )


def _write_sheet(result: PopartResult, path: Path, paper: str, force: bool) -> Path:
    made = result.sheet_svg(paper) if path.suffix.lower() == ".svg" else result.sheet_pdf(paper)
    return _write_text(path, made, force)


def _write_text(path: Path, data: str | bytes, force: bool) -> Path:
    from portrait_nst.imaging.atomic import write_atomic

    write_atomic(path, data.encode() if isinstance(data, str) else data, overwrite=force)
    return path


def _as_json(values: dict[str, Any]) -> str:
    import json

    return json.dumps(values, indent=2) + "\n"


def _print_result(
    result: PopartResult, written: list[Path], seconds: float, as_json: bool, quiet: bool, verbose: bool
) -> None:
    import json
    import sys

    from portrait_nst.cli import console

    report = result.report()
    if as_json:
        kept = ("measures", "missed", "notes", "frame", "paints", "settings")
        values = {"outputs": [str(p) for p in written], "seconds": round(seconds, 2)}
        sys.stdout.write(json.dumps({**values, **{k: report[k] for k in kept}}) + "\n")
        return
    if verbose:
        console.say(", ".join(f"{k} {v}" for k, v in report["measures"].items()))
    if not quiet:
        for note in result.notes:
            console.say(f"note: {note}")
        count, paints = report["measures"]["segments"], len(report["paints"])
        console.say(f"{count} segments in {paints} paints in {seconds:.1f} s")
    sys.stdout.write("".join(f"{path}\n" for path in written))
