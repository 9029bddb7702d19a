"""`portrait-nst video CLIP STYLE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, MACHINE, OUTPUT, REGION, option
from portrait_nst.cli.setting_options import OF_DRAWINGS, POPART_PANEL, takes_settings
from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.qualities import OF_CLIPS
from portrait_nst.settings import Settings


@takes_settings(quality=OF_CLIPS)
def command(
    clip: Annotated[
        Path, typer.Argument(help="A film or animation: MP4, MOV, MKV, WebM, AVI, GIF, WebP, APNG.", show_default=False)
    ],
    style: options.OptionalStyle = None,
    *,
    settings: Settings,
    preset: str | None,
    drawing: dict[str, Any],
    output: Annotated[
        Path | None,
        option(
            OUTPUT,
            "-o",
            "--output",
            help="File to write: .mp4 .mov .mkv .webm, or .gif .webp .apng without sound; .svg with --popart.",
        ),
    ] = None,
    mask: Annotated[
        Path | None,
        option(
            REGION, "--mask", help="Your own mask (white is painted): a picture, or a clip with one for each frame."
        ),
    ] = None,
    blend: Annotated[
        list[str] | None,
        option(LOOK, "--blend", help="Another style and its share beside STYLE's 1, as FILE or FILE:0.5; repeat."),
    ] = None,
    popart: Annotated[
        bool, option(LOOK, "--popart", help="Straight-edged pop-art segments instead of a painting, without a STYLE.")
    ] = False,
    hold_frames: Annotated[
        int | None,
        option(POPART_PANEL, "--hold-frames", help="Segments stay for so many frames, then jump; default: 3.", min=1),
    ] = None,
    start: Annotated[
        str | None, option(LOOK, "--start", help="Begin there: seconds, or as in 1:02.5.", metavar="TIME")
    ] = None,
    end: Annotated[
        str | None, option(LOOK, "--end", help="End there: seconds, or as in 1:02.5.", metavar="TIME")
    ] = None,
    fps: Annotated[
        float | None, option(OUTPUT, "--fps", help="Frames a second; default: the clip's own times, even or not.")
    ] = None,
    codec: Annotated[
        str | None,
        option(OUTPUT, "--codec", help="h264, hevc, vp9, av1, prores or ffv1 (lossless); default: the suffix's."),
    ] = None,
    segment_seconds: Annotated[
        float | None,
        option(MACHINE, "--segment-seconds", help="Keep finished work in pieces of so many seconds; default: 4, or 1."),
    ] = None,
    again: Annotated[
        bool, option(OUTPUT, "--again", help="Begin anew, although this command was broken off before.")
    ] = False,
    dry_run: Annotated[
        bool, option(OUTPUT, "--dry-run", help="Say what would be painted and how long it takes; write nothing.")
    ] = False,
    no_recipe: options.NoRecipe = False,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Paint the person in a film, without flicker; the place keeps its samples, the sound is copied.

    Ctrl-C leaves a clip of what is painted so far. After that, or after a crash, the same command goes on.

    **Examples**

    `portrait-nst video dance.mp4 impasto`

    `portrait-nst video dance.mp4 starry.png -o art.mkv --codec ffv1 --start 0:05 --end 0:12.5`

    `portrait-nst video dance.mov impasto -o cut-out.mov --background transparent`

    `portrait-nst video dance.mp4 --popart --palette neon --hold-frames 4 -o dance.gif`
    """
    from portrait_nst import video
    from portrait_nst.cli import pipes, style_arguments, video_output
    from portrait_nst.clips import opening
    from portrait_nst.video import parts

    pipes.files_only("video", output=output, clip=clip, style=style, mask=mask)
    if style is None and not popart:
        raise InputError(
            "The style is missing. Name it after the clip, a picture or one of `portrait-nst styles`: "
            "portrait-nst video CLIP STYLE."
        )
    if style is not None and popart:
        raise InputError("--popart draws the clip itself, in colours of a palette; leave STYLE out.")
    if not popart and (drawing or hold_frames is not None):
        named = {setting: name for name, setting in OF_DRAWINGS.items()}
        first = named[next(iter(drawing))] if drawing else "hold_frames"
        raise InputError(f"--{first.replace('_', '-')} is for pop art; add --popart, or leave it out.")
    if "background" in drawing and settings.background != Settings.background:
        raise InputError("Give --background or --popart-background, not both.")
    if style is None and blend:
        raise InputError("--blend goes with a STYLE; name that too, or leave --blend out.")
    spec = None if style is None else style_arguments.style_spec(style, blend)
    name = "popart" if spec is None else spec.name
    target = output or video.default_output(clip, name, transparent=settings.background == "transparent")
    styles = None if spec is None else [(Path(file), weight) for file, weight in spec.blend]
    work: dict[str, Any] = {
        "mask": mask,
        "codec": codec,
        "start": start,
        "end": end,
        "fps": fps,
        "popart": _popart(target, drawing) if popart else None,
        "hold_frames": hold_frames,
        "segment_seconds": segment_seconds,
        "overwrite": force,
    }
    opening.checked(clip)  # what can be refused at once is not left to after the imports of what paints
    parts.check_early(target, overwrite=force)
    if dry_run:
        with video_output.progress(quiet or json) as on_progress:
            ahead = video.forecast(clip, styles, target, settings, on_progress=on_progress, **work)
        video_output.print_forecast(ahead, as_json=json)
        return
    with video_output.progress(quiet or json) as on_progress:
        result = video.stylize_video(
            clip, styles, target, settings, again=again, recipe=not no_recipe, on_progress=on_progress, **work
        )
    video_output.finish(result, as_json=json, quiet=quiet, verbose=verbose)


def _popart(target: Path, given: dict[str, Any]) -> PopartSettings:
    """Pop art of the person over the place; in a drawing, or a grid, which cannot hold that, over the palette's ground."""
    alone = target.suffix.lower() == ".svg" or given.get("mode") == "grid"
    return PopartSettings(**{"background": "colour" if alone else "keep", "frame": "photo", **given})
