"""`portrait-nst rerun OUTPUT`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portrait_nst.cli import options


def command(
    picture: Annotated[Path, typer.Argument(help="A picture that portrait-nst made.", show_default=False)],
    output: options.OutputOption = None,
    photo: Annotated[
        Path | None, typer.Option("--photo", help="Where the photo is now, if it moved.", show_default=False)
    ] = None,
    style: Annotated[
        Path | None,
        typer.Option("--style", help="Where the style is now, if it moved; or its name.", show_default=False),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="photo or srgb instead of what PICTURE has.", metavar="[photo|srgb]"),
    ] = None,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Make PICTURE again from the recipe in its metadata.

    On the same machine with the same versions the pixels come out the same. The inputs are checked against their sha256.

    **Example**

    `portrait-nst rerun me-starry.png -o again.png`
    """
    from portrait_nst import imaging, recipe
    from portrait_nst.cli import console

    target = output or Path(f"{picture.stem}-rerun{picture.suffix}")
    job = recipe.read_job(picture, photo=photo, style=style)
    profile = profile or imaging.read_recipe(picture).get("profile", "photo")
    options.check_profile(profile)
    imaging.check_output(target, overwrite=force, inputs=[picture, *job.files])
    from portrait_nst import pipeline

    source = imaging.load(job.photo)
    with console.progress(quiet or json) as on_step:
        result = pipeline.paint_job(job, source, on_step)
    written = result.save(target, overwrite=force, exif=source.exif, profile=profile)
    lost = result.lost_in(target, profile=profile)
    console.report(result, written, as_json=json, quiet=quiet, verbose=verbose, lost=lost)
