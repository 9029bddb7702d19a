"""`portrait-nst stylize PHOTO STYLE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import EXPERT, LOOK, MACHINE, OUTPUT, REGION, default
from portrait_nst.errors import InputError


def _look(flag: str, text: str, **more: Any) -> Any:
    return typer.Option(flag, help=text, rich_help_panel=LOOK, **more)


def _region(flag: str, text: str, **more: Any) -> Any:
    return typer.Option(flag, help=text, rich_help_panel=REGION, **more)


def _expert(flag: str, text: str, **more: Any) -> Any:
    return typer.Option(flag, help=text, rich_help_panel=EXPERT, **more)


def _machine(flag: str, text: str, **more: Any) -> Any:
    return typer.Option(flag, help=text, rich_help_panel=MACHINE, **more)


def command(
    photo: options.PhotoArgument,
    style: Annotated[Path, typer.Argument(help="The style: any picture of a painting.", show_default=False)],
    output: options.OutputOption = None,
    strength: Annotated[float, _look("--strength", "0: the photo, 1: all style.")] = default("strength"),
    quality: Annotated[str, _look("--quality", "draft, standard or fine.")] = default("quality"),
    size: Annotated[
        str | None,
        _look(
            "--size",
            "Longest painted side in pixels, or full; the output is always the photo's size.",
            show_default=False,
        ),
    ] = None,
    recolour: Annotated[
        float, _look("--recolour", "0: the photo's colours are part of its content; 1: the palette is all the style's.")
    ] = default("recolour"),
    face_hold: Annotated[
        float, _look("--face-hold", "How much more firmly faces, eyes and mouths are kept; 0: like the rest.")
    ] = default("face_hold"),
    style_scale: Annotated[
        float, _look("--style-scale", "Over 1 for broader strokes, under 1 for finer ones.")
    ] = default("style_scale"),
    background: Annotated[
        str, _look("--background", "keep, blur, transparent, '#rrggbb', or a style picture of its own.")
    ] = default("background"),
    style_region: Annotated[
        str, _look("--style-region", "whole painting, its sitter (person), or a mask for it (FILE).")
    ] = default("style_region"),
    mask: options.Mask = None,
    person: options.Person = default("person"),
    region: Annotated[str, _region("--region", "person, or all: the whole picture.")] = default("region"),
    encoder: Annotated[str, _expert("--encoder", "embedded, vgg19 or vgg16.")] = default("encoder"),
    weights: Annotated[
        Path | None, _expert("--weights", "A file with the encoder's weights (.pth, .pt, .npz).", show_default=False)
    ] = None,
    optimizer: Annotated[str, _expert("--optimizer", "lbfgs or adam.")] = default("optimizer"),
    learning_rate: Annotated[float, _expert("--learning-rate", "For adam.")] = default("learning_rate"),
    iterations: Annotated[
        int | None, _expert("--iterations", "Exactly so many steps at each scale.", show_default=False)
    ] = None,
    init: Annotated[str, _expert("--init", "content, statistics or random.")] = default("init"),
    guidance: Annotated[str, _expert("--guidance", "soft, inside or all.")] = default("guidance"),
    guidance_offset: Annotated[
        int, _expert("--guidance-offset", "Grow (> 0) or shrink (< 0) the guidance by feature cells.")
    ] = default("guidance_offset"),
    style_layer: Annotated[
        list[str] | None, _expert("--style-layer", "Layer, or layer:weight; repeat.", show_default=False)
    ] = None,
    content_layer: Annotated[
        list[str] | None, _expert("--content-layer", "Layer, or layer:weight; repeat.", show_default=False)
    ] = None,
    style_weight: Annotated[
        float | None, _expert("--style-weight", "Instead of what --strength gives.", show_default=False)
    ] = None,
    content_weight: Annotated[
        float | None, _expert("--content-weight", "Instead of what --strength gives.", show_default=False)
    ] = None,
    tv_weight: Annotated[float | None, _expert("--tv-weight", "Of total variation.", show_default=False)] = None,
    levels: Annotated[
        int | None, _expert("--levels", "Levels of the image pyramid in the style loss.", show_default=False)
    ] = None,
    pooling: Annotated[str, _expert("--pooling", "average or max, for vgg19 and vgg16.")] = default("pooling"),
    seed: Annotated[int, _expert("--seed", "Of everything random.")] = default("seed"),
    device: Annotated[str, _machine("--device", "auto, cpu, cuda or mps.")] = default("device"),
    precision: Annotated[str, _machine("--precision", "auto, float32 or bfloat16.")] = default("precision"),
    threads: options.Threads = None,
    popart: Annotated[
        bool,
        typer.Option("--popart", help="Turn the painting into straight-edged pop-art segments.", rich_help_panel=LOOK),
    ] = False,
    preview_every: Annotated[
        int,
        typer.Option("--preview-every", help="Write OUTPUT-preview.png every so many steps.", rich_help_panel=OUTPUT),
    ] = 0,
    keep_metadata: options.KeepMetadata = False,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Paint the person in PHOTO in the manner of STYLE; the background keeps its bytes.

    **Examples**

    `portrait-nst stylize me.jpg starry.png`

    `portrait-nst stylize me.jpg starry.png -o art.png --strength 0.7 --quality fine`

    `portrait-nst stylize group.jpg style.png --person largest --background '#203040'`

    `portrait-nst stylize me.jpg painting.jpg --style-region person --background blur`
    """
    from portrait_nst.settings import Settings

    settings = Settings(
        quality=quality,
        strength=strength,
        size=_size(size),
        encoder=encoder,
        weights=None if weights is None else str(weights),
        person=options.person_number(person),
        region=region,
        background=background,
        style_region=style_region,
        style_scale=style_scale,
        recolour=recolour,
        face_hold=face_hold,
        guidance=guidance,
        guidance_offset=guidance_offset,
        optimizer=optimizer,
        learning_rate=learning_rate,
        iterations=iterations,
        init=init,
        style_layers=tuple(style_layer or ()),
        content_layers=tuple(content_layer or ()),
        style_weight=style_weight,
        content_weight=content_weight,
        tv_weight=tv_weight,
        levels=levels,
        pooling=pooling,
        seed=seed,
        device=device,
        precision=precision,
        threads=threads,
    )
    _run(photo, style, output, settings, mask, popart, preview_every, keep_metadata, force, json, quiet, verbose)


def _run(
    photo: Path,
    style: Path,
    output: Path | None,
    settings: Any,
    mask: Path | None,
    popart: bool,
    preview_every: int,
    keep_metadata: bool,
    force: bool,
    json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    from portrait_nst import imaging
    from portrait_nst.cli import show

    target = output or Path(f"{photo.stem}-{style.stem}.png")
    picture = imaging.load(photo)
    inputs = [photo, style, *([mask] if mask else [])]
    has_alpha = picture.alpha is not None or settings.background == "transparent"
    imaging.check_output(target, overwrite=force, inputs=inputs, alpha=has_alpha, size=picture.rgb.shape[:2])
    preview = target.with_name(f"{target.stem}-preview.png") if preview_every else None
    from portrait_nst import pipeline

    with show.progress(quiet or json, preview, preview_every) as on_step:
        result = pipeline.stylize(picture, style, mask=mask, settings=settings, on_step=on_step)
    if popart:
        result = pipeline.as_popart(result, picture)
    written = result.save(target, overwrite=force, exif=picture.exif, keep_metadata=keep_metadata)
    show.report(result, written, as_json=json, quiet=quiet, verbose=verbose)
    if any(note.startswith("interrupted") for note in result.notes):
        show.say("Interrupted: the picture so far was saved.")
        raise typer.Exit(130)


def _size(size: str | None) -> int | str | None:
    if size is None or size == "full":
        return size
    try:
        return int(size)
    except ValueError:
        raise InputError(f"--size must be a number of pixels or 'full', not {size!r}.") from None
