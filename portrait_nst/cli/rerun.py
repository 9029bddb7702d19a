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
        list[Path] | None,
        typer.Option("--style", help="Where a style is now, if it moved; or its name; repeat.", show_default=False),
    ] = None,
    input_: Annotated[
        list[Path] | None,
        typer.Option(
            "--input",
            help="Any other input that moved (mask, label map, background ...), or a folder to search; repeat.",
            show_default=False,
        ),
    ] = None,
    no_recipe: options.NoRecipe = False,
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

    On the same machine with the same versions the pixels come out the same. The recipe has no folders: each input is searched
    beside PICTURE and in the current folder, by its name and sha256, and by the sha256 alone if it was renamed.

    **Examples**

    `portrait-nst rerun me-starry.png -o again.png`

    `portrait-nst rerun me-starry.png --photo ~/Photos/me.jpg --input ~/Paintings`
    """
    from portrait_nst import imaging, recipe
    from portrait_nst.cli import console

    target = output or Path(f"{picture.stem}-rerun{picture.suffix}")
    job = recipe.read_job(picture, photo=photo, style=style, inputs=input_)
    profile = profile or imaging.read_recipe(picture).get("profile", "photo")
    options.check_profile(profile)
    imaging.check_output(target, overwrite=force, inputs=[picture, *job.files])
    from portrait_nst import pipeline

    source = imaging.load(job.photo)
    with console.progress(quiet or json) as on_step:
        result = pipeline.paint_job(job, source, on_step)
    written = result.save(target, overwrite=force, exif=source.exif, profile=profile, recipe=not no_recipe)
    lost = result.lost_in(target, profile=profile)
    console.report(result, written, as_json=json, quiet=quiet, verbose=verbose, lost=lost)
