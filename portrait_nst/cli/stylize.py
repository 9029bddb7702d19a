"""`portrait-nst stylize PHOTO STYLE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, OUTPUT, REGION, option
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.presets import PRESETS
from portrait_nst.settings import Settings

if TYPE_CHECKING:
    from portrait_nst.types import Step


@takes_settings()
def command(
    photo: options.PhotoArgument,
    style: options.OptionalStyle = None,
    *,
    settings: Settings,
    preset: str | None,
    output: options.PipedOutput = None,
    format: options.Format = None,
    mask: options.Mask = None,
    blend: Annotated[
        list[str] | None,
        option(
            LOOK,
            "--blend",
            help="Another style and its share beside STYLE's 1, as FILE or FILE:0.5 (or a name for FILE); repeat.",
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        option(REGION, "--labels", help="A label map of the photo: a grey value or colour for each region."),
    ] = None,
    region_style: Annotated[
        list[str] | None,
        option(
            REGION, "--region-style", help="With --labels, the style of a label: 128=FILE or '#ff0000=FILE'; repeat."
        ),
    ] = None,
    movement: Annotated[
        str | None, option(LOOK, "--movement", help="An art movement of --library instead of STYLE.")
    ] = None,
    library: Annotated[
        Path | None, option(LOOK, "--library", help="A folder with a folder of paintings for each movement.")
    ] = None,
    pick: Annotated[
        str, option(LOOK, "--pick", help="Of the movement: mean (of its paintings), or nearest (to the photo).")
    ] = "mean",
    paintings: Annotated[
        int | None, option(LOOK, "--paintings", help="How many of them; default: 32, or the 4 nearest.")
    ] = None,
    popart: Annotated[
        bool, option(LOOK, "--popart", help="Turn the painting into straight-edged pop-art segments.")
    ] = False,
    preview_every: Annotated[
        int, option(OUTPUT, "--preview-every", help="Write OUTPUT-preview.png every so many steps.", min=0)
    ] = 0,
    plot: Annotated[Path | None, option(OUTPUT, "--plot", help="Write the loss curves (.png or .svg).")] = None,
    timelapse: Annotated[
        Path | None, option(OUTPUT, "--timelapse", help="Write a film of the painting (.gif or .mp4).")
    ] = None,
    profile: options.Profile = "photo",
    keep_metadata: options.KeepMetadata = False,
    no_recipe: options.NoRecipe = False,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Paint the person in PHOTO in the manner of STYLE; the background keeps its bytes.

    **Examples**

    `portrait-nst stylize me.jpg impasto`

    `portrait-nst stylize me.jpg starry.png`

    `portrait-nst stylize me.jpg starry.png -o art.png --strength 0.7 --quality fine`

    `portrait-nst stylize group.jpg style.png --person largest --background '#203040'`

    `portrait-nst stylize me.jpg painting.jpg --style-region person --background blur`

    `portrait-nst stylize - starry.png -o - --format jpg < me.jpg > art.jpg`
    """
    from portrait_nst import imaging, planning
    from portrait_nst.cli import console, pipes, style_arguments

    options.check_profile(profile)
    pipes.one_pipe(photo=photo, style=style, mask=mask)
    spec = style_arguments.style_spec(style, blend, labels, region_style, movement, library, pick, paintings)
    name = "style" if style == pipes.PIPE else spec.name
    goal = pipes.target(output, photo, f"-{name}.png", format, as_json=json)
    target = goal.path
    if preview_every and goal.file is None:
        raise InputError("--preview-every writes beside the output, and -o - has no place; give a file with -o.")
    picture = pipes.load(photo, "photo")
    piped = pipes.load(style, "style") if style == pipes.PIPE else None
    painted = pipes.given(mask, "mask")
    inputs = [*pipes.files(photo, mask), *style_arguments.input_files(spec), *settings.files]
    has_alpha = picture.alpha is not None or settings.background == "transparent"
    goal.check(overwrite=force, inputs=inputs, alpha=has_alpha, size=picture.size)
    preview = target.with_name(f"{target.stem}-preview.png") if preview_every else None
    if preview is not None:
        imaging.check_output(preview, overwrite=force, inputs=inputs)
    if timelapse is None and preset is not None and PRESETS[preset].timelapse and goal.file:
        timelapse = target.with_name(f"{target.stem}-timelapse.mp4")
    from portrait_nst import pipeline
    from portrait_nst.report import Watch

    outputs = [path for path in (goal.file, preview) if path is not None]
    watch = Watch(
        plot, timelapse, title=target.stem, first=picture.rgb, overwrite=force, inputs=inputs, outputs=outputs
    )
    after = planning.popart_seconds(picture.rgb.shape[:2]) if popart else 0.0
    with console.progress(quiet or json, preview, preview_every, after=after, saves=True) as on_step:

        def seen(step: Step) -> None:
            watch(step)
            on_step(step)

        if settings.learn and settings.instant and not (quiet or json):
            console.say("What is not learned yet is learned first, which takes about three minutes a style.")
        styled, notes = style_arguments.stylize_arguments(spec, picture, settings, piped)
        result = pipeline.stylize(picture, **styled, mask=painted, settings=settings, on_step=seen)
    if not (quiet or json):
        for note in notes:
            console.say(note)
    if popart:
        result = pipeline.as_popart(result, picture)
    result.save(
        goal.destination,
        format=goal.format,
        overwrite=force,
        exif=picture.exif,
        keep_metadata=keep_metadata,
        profile=profile,
        recipe=not no_recipe,
    )
    for path in watch.write(result):
        if not (quiet or json):
            console.say(f"wrote {path}")
    lost = result.lost_in(target, profile=profile)
    console.report(result, goal.file, as_json=json, quiet=quiet, verbose=verbose, lost=lost)
    if result.status == "interrupted":
        console.say("Interrupted: the picture so far was saved.")
        raise typer.Exit(130)
