"""`portrait-nst live STYLE...`."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import LOOK, MACHINE, OUTPUT, REGION, option
from portrait_nst.settings import Settings, schema

_FIELDS = schema(Settings)


def command(
    style: Annotated[
        list[str],
        typer.Argument(
            help="The styles, of which the first is painted and `n` brings the next: names, pictures, or learned files.",
            show_default=False,
        ),
    ],
    *,
    camera: Annotated[
        str, option(MACHINE, "--camera", help="The camera's number, or a clip that is played in its place.")
    ] = "0",
    size: Annotated[
        int,
        option(
            LOOK,
            "--size",
            help="Pixels of the longest side at which it is painted; the place keeps the camera's.",
            min=64,
        ),
    ] = 320,
    strength: Annotated[float, option(LOOK, "--strength", help=_FIELDS["strength"].help.text)] = Settings.strength,
    mirror: Annotated[
        bool, option(LOOK, "--mirror/--no-mirror", help="As in a mirror; a clip is never mirrored at first.")
    ] = True,
    person: Annotated[str, option(REGION, "--person", help=_FIELDS["person"].help.text)] = "all",
    region: Annotated[
        str, option(REGION, "--region", help="person: only the person is painted; all: everything.")
    ] = "person",
    output: Annotated[
        Path | None,
        option(OUTPUT, "-o", "--output", help="The folder for saved pictures and films; default: the current one."),
    ] = None,
    repaint: Annotated[
        str,
        option(
            OUTPUT, "--repaint", help="The quality with which saved pictures are painted again; none for not at all."
        ),
    ] = "standard",
    virtual_camera: Annotated[
        bool, option(OUTPUT, "--virtual-camera", help="Be a camera for other programs too (pip extra: live).")
    ] = False,
    seconds: Annotated[
        float | None, option(MACHINE, "--seconds", help="End by itself after so many seconds.", min=0.1)
    ] = None,
    threads: Annotated[
        int | None,
        option(MACHINE, "--threads", help="CPU threads that paint; default: 1, as others look meanwhile.", min=1),
    ] = None,
    device: Annotated[str, option(MACHINE, "--device", help=_FIELDS["device"].help.text)] = Settings.device,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Paint what the camera sees, in a window, with the learned networks of the STYLEs.

    Saved pictures and films have the camera's own size, and are put into the current folder, or that of `-o`; their names
    begin with `live-` and the time. Ctrl-C ends it as `q` does.

    Keys: `n` and `p` another style, `+` and `-` strength, `m` mirror, `b` the person alone or everything, `s` save a picture,
    which is painted again in standard quality in the background, `r` record, `f` take colours anew, `h` these words, `q` quit.

    **Examples**

    `portrait-nst live impasto`

    `portrait-nst live impasto woodcut mosaic --strength 0.7`

    `portrait-nst live pen_and_ink --camera clip.mp4 -o pictures`
    """
    from portrait_nst import live
    from portrait_nst.cli import console

    settings = Settings(
        quality="instant",
        size=size,
        strength=strength,
        person=cast(Literal["all", "largest"], person),  # or a number: Settings checks both
        region=cast(Literal["person", "all"], region),
        threads=threads,
        device=device,
    )
    say = (lambda line: None) if quiet or json else console.say
    stop = threading.Event()

    def end() -> bool:
        stop.set()
        return True

    with console.interrupts(lambda: "" if quiet else "Interrupted: ending; Ctrl-C again gives up.", end):
        report = live.paint_camera(
            style,
            camera=camera,
            settings=settings,
            mirror=mirror,
            output=output,
            repaint="" if repaint == "none" else repaint,
            virtual_camera=virtual_camera,
            seconds=seconds,
            stop=stop,
            say=say,
        )
    if json:
        values = dataclasses.asdict(report)
        console.print_json(values | {name: [str(path) for path in values[name]] for name in ("saved", "recorded")})
    else:
        for path in (*report.saved, *report.recorded):
            console.print_path(path)
    say(
        f"{report.frames} pictures, {report.rate:.1f} a second, {1000 * report.latency:.0f} ms behind the camera; "
        f"{report.dropped} of the camera's were dropped"
    )
    if report.interrupted:
        raise typer.Exit(130)
