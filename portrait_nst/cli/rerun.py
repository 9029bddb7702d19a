"""`portrait-nst rerun OUTPUT`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from portrait_nst.cli import options
from portrait_nst.errors import InputError


def command(
    picture: Annotated[
        Path, typer.Argument(help="A picture or clip that portrait-nst made; - for standard input.", show_default=False)
    ],
    output: options.PipedOutput = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format", help="Of -o - or of the default name, instead of PICTURE's: png, jpg, webp, tif, avif, heic."
        ),
    ] = None,
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
    """Make PICTURE, or a clip, again from the recipe in its metadata.

    On the same machine with the same versions the pixels come out the same. The recipe has no folders: each input is searched
    beside PICTURE and in the current folder, by its name and sha256, and by the sha256 alone if it was renamed.

    **Examples**

    `portrait-nst rerun me-starry.png -o again.png`

    `portrait-nst rerun me-starry.png --photo ~/Photos/me.jpg --input ~/Paintings`

    `portrait-nst rerun - -o - < me-starry.png > again.png`
    """
    from portrait_nst import imaging, recipe, video
    from portrait_nst.cli import console, pipes, video_output

    if picture != pipes.PIPE and video.read_recipe(picture) is not None:
        if format or profile:
            raise InputError("--format and --profile are for pictures; the suffix of -o chooses a clip's format.")
        pipes.files_only("rerun of a clip", output=output)
        target = output or Path(f"{picture.stem}-rerun{picture.suffix}")
        where: dict[str, Any] = {"clip": photo, "style": style, "inputs": input_}
        with video_output.progress(quiet or json) as shown:
            clip = video.rerun_video(picture, target, **where, recipe=not no_recipe, overwrite=force, on_progress=shown)
        video_output.finish(clip, as_json=json, quiet=quiet, verbose=verbose)
        return
    made = pipes.read("picture") if picture == pipes.PIPE else picture
    job = recipe.read_job(made, photo=photo, style=style, inputs=input_)
    profile = profile or job.profile
    options.check_profile(profile)
    suffix = _suffix_of(made) if isinstance(made, bytes) else picture.suffix
    goal = pipes.target(output, picture, f"-rerun{suffix}", format, as_json=json)
    goal.check(overwrite=force, inputs=[*pipes.files(picture), *job.files])
    from portrait_nst import pipeline

    source = imaging.load(job.photo)
    with console.progress(quiet or json) as on_step:
        result = pipeline.paint_job(job, source, on_step)
    result.save(
        goal.destination,
        format=goal.format,
        overwrite=force,
        exif=source.exif,
        profile=profile,
        recipe=not no_recipe,
    )
    lost = result.lost_in(goal.path, profile=profile)
    console.report(result, goal.file, as_json=json, quiet=quiet, verbose=verbose, lost=lost)


def _suffix_of(data: bytes) -> str:
    """The suffix of the format of a picture that portrait-nst wrote."""
    from portrait_nst.imaging.decoding.opening import open_header
    from portrait_nst.imaging.formats import FORMATS

    kind = open_header(data, "Standard input").format
    kind = "JPEG" if kind == "MPO" else kind  # with a gain map
    return next((suffix for suffix, known in FORMATS.items() if known == kind), ".png")
