"""`portrait-nst stylize PHOTO STYLE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from portrait_nst.cli import options
from portrait_nst.cli.chosen import Chosen
from portrait_nst.cli.options import LOOK, OUTPUT, REGION
from portrait_nst.cli.painting import takes_settings
from portrait_nst.presets import PRESETS

if TYPE_CHECKING:
    from portrait_nst.types import Step


@takes_settings
def command(
    photo: options.PhotoArgument,
    style: options.OptionalStyle = None,
    *,
    settings: Any,
    preset: str | None,
    output: options.OutputOption = None,
    mask: options.Mask = None,
    blend: Annotated[
        list[str] | None,
        typer.Option(
            "--blend",
            help="Another style and its share beside STYLE's 1, as FILE or FILE:0.5 (or a name for FILE); repeat.",
            rich_help_panel=LOOK,
            show_default=False,
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels",
            help="A label map of the photo: a grey value or colour for each region.",
            rich_help_panel=REGION,
            show_default=False,
        ),
    ] = None,
    region_style: Annotated[
        list[str] | None,
        typer.Option(
            "--region-style",
            help="With --labels, the style of a label: 128=FILE or '#ff0000=FILE'; repeat.",
            rich_help_panel=REGION,
            show_default=False,
        ),
    ] = None,
    movement: Annotated[
        str | None,
        typer.Option(
            "--movement",
            help="An art movement of --library instead of STYLE.",
            rich_help_panel=LOOK,
            show_default=False,
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(
            "--library",
            help="A folder with a folder of paintings for each movement.",
            rich_help_panel=LOOK,
            show_default=False,
        ),
    ] = None,
    pick: Annotated[
        str,
        typer.Option(
            "--pick", help="Of the movement: mean (of its paintings), or nearest (to the photo).", rich_help_panel=LOOK
        ),
    ] = "mean",
    paintings: Annotated[
        int | None,
        typer.Option(
            "--paintings",
            help="How many of them; default: 32, or the 4 nearest.",
            rich_help_panel=LOOK,
            show_default=False,
        ),
    ] = None,
    popart: Annotated[
        bool,
        typer.Option("--popart", help="Turn the painting into straight-edged pop-art segments.", rich_help_panel=LOOK),
    ] = False,
    preview_every: Annotated[
        int,
        typer.Option(
            "--preview-every", help="Write OUTPUT-preview.png every so many steps.", min=0, rich_help_panel=OUTPUT
        ),
    ] = 0,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", help="Write the loss curves (.png or .svg).", rich_help_panel=OUTPUT, show_default=False
        ),
    ] = None,
    timelapse: Annotated[
        Path | None,
        typer.Option(
            "--timelapse",
            help="Write a film of the painting (.gif or .mp4).",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None,
    keep_metadata: options.KeepMetadata = False,
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
    """
    from portrait_nst import imaging, planning
    from portrait_nst.cli import show

    chosen = Chosen(style, blend or [], labels, region_style or [], movement, library, pick, paintings)
    target = output or Path(f"{photo.stem}-{chosen.name}.png")
    picture = imaging.load(photo)
    inputs = [photo, *chosen.files, *([mask] if mask else []), *settings.files]
    has_alpha = picture.alpha is not None or settings.background == "transparent"
    imaging.check_output(target, overwrite=force, inputs=inputs, alpha=has_alpha, size=picture.rgb.shape[:2])
    preview = target.with_name(f"{target.stem}-preview.png") if preview_every else None
    if preview is not None:
        imaging.check_output(preview, overwrite=force, inputs=inputs)
    if timelapse is None and preset is not None and PRESETS[preset].timelapse:
        timelapse = target.with_name(f"{target.stem}-timelapse.mp4")
    from portrait_nst import pipeline
    from portrait_nst.report import Watch

    outputs = [target, *([preview] if preview else [])]
    watch = Watch(
        plot, timelapse, title=target.stem, first=picture.rgb, overwrite=force, inputs=inputs, outputs=outputs
    )
    after = planning.popart_seconds(picture.rgb.shape[:2]) if popart else 0.0
    with show.progress(quiet or json, preview, preview_every, after=after, saves=True) as on_step:

        def seen(step: Step) -> None:
            watch(step)
            on_step(step)

        result = pipeline.stylize(
            picture, **chosen.arguments(picture, settings), mask=mask, settings=settings, on_step=seen
        )
    for note in chosen.notes:
        show.say(note)
    if popart:
        result = pipeline.as_popart(result, picture)
    written = result.save(target, overwrite=force, exif=picture.exif, keep_metadata=keep_metadata)
    for path in watch.write(result):
        show.say(f"wrote {path}")
    show.report(result, written, as_json=json, quiet=quiet, verbose=verbose)
    if result.status == "interrupted":
        show.say("Interrupted: the picture so far was saved.")
        raise typer.Exit(130)
