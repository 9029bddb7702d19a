"""`portrait-nst batch INPUT... STYLE --out DIR`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import MACHINE, OUTPUT
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings, schema

if TYPE_CHECKING:
    from portrait_nst.batch import Order

JOBS = "The jobs"


def _job(*flags: str, text: str, **more: Any) -> Any:
    return typer.Option(*flags, help=text, rich_help_panel=JOBS, **more)


def _machine(flag: str, text: str, **more: Any) -> Any:
    return typer.Option(flag, help=text, rich_help_panel=MACHINE, **more)


@takes_settings()
def command(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT... STYLE",
            help="Photos, folders, patterns, URLs of them; then the style: a picture, a folder of several, or a name.",
            show_default=False,
        ),
    ] = None,
    *,
    settings: Settings,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Folder for the pictures and the manifest.",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None,
    style: Annotated[
        list[str] | None,
        _job(
            "--style",
            metavar="FILE",
            text="A style, or its name; repeat for several. Then all INPUTs are photos.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        str | None,
        _job(
            "--jobs",
            metavar="FILE",
            text="A .csv or .jsonl of jobs: photo, and as you like style, output, kind, mask, any setting.",
            show_default=False,
        ),
    ] = None,
    kind: Annotated[str, _job("--kind", text="stylize, or popart (which takes no STYLE).")] = "stylize",
    popart_set: Annotated[
        list[str] | None,
        _job("--popart-set", text="A setting of pop art, as mode=facets; repeat.", show_default=False),
    ] = None,
    suffix: Annotated[
        str,
        typer.Option(
            "--format", help="Of the pictures: png, jpg, webp, tif; svg and pdf for popart.", rich_help_panel=OUTPUT
        ),
    ] = "png",
    limit: Annotated[
        int | None, _job("--limit", text="Paint at most so many in this run.", min=1, show_default=False)
    ] = None,
    retry_failed: Annotated[bool, _job("--retry-failed", text="Only what failed in an earlier run.")] = False,
    redo: Annotated[bool, _job("--redo", text="Do again what is done and unchanged.")] = False,
    dry_run: Annotated[
        bool, _job("--dry-run", text="Say what would be done, with time and memory; paint nothing.")
    ] = False,
    watch: Annotated[bool, _job("--watch", text="Go on with new pictures as they arrive, until Ctrl-C.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            help="Processes; default: one for each core (four for each where they share a GPU), as far as memory goes.",
            min=1,
            rich_help_panel=MACHINE,
            show_default=False,
        ),
    ] = None,
    memory: Annotated[
        float | None,
        typer.Option(
            "--memory",
            help="GB that all workers together may use; default: most of what is free.",
            min=0.1,
            rich_help_panel=MACHINE,
            show_default=False,
        ),
    ] = None,
    engine: Annotated[str, _machine("--engine", text="local, or ray (pip install 'portrait-nst[ray]').")] = "local",
    address: Annotated[str, _machine("--address", text="Of the Ray cluster: auto, local or ray://HOST:PORT.")] = "auto",
    gpus: Annotated[float, _machine("--gpus", text="With Ray, of each worker; a fraction shares one.", min=0.0)] = 0.0,
    report: Annotated[
        str | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write a page (.html): failures, slowest, pictures.",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None,
    keep_metadata: options.KeepMetadata = False,
    force: Annotated[
        bool,
        typer.Option("--force", "-f", help="Replace files that something else wrote.", rich_help_panel=OUTPUT),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="A line of JSON for each picture on standard output.", rich_help_panel=OUTPUT)
    ] = False,
    quiet: options.Quiet = False,
) -> None:
    """Paint many photos in one or several styles, into a folder that remembers what is done.

    Give the same command again after an interruption, or with more photos: what is done and unchanged is left as it is. A picture
    that fails does not stop the others; the exit status is 1 then.

    **Examples**

    `portrait-nst batch photos/ starry.png --out painted`

    `portrait-nst batch 'photos/*.jpg' styles/ --out painted --quality draft --report painted/index.html`

    `portrait-nst batch photos/ --kind popart --popart-set mode=facets --out popart`

    `portrait-nst batch --jobs jobs.csv starry.png --out painted --dry-run`

    `portrait-nst batch s3://bucket/photos starry.png --out s3://bucket/painted`
    """
    from portrait_nst import batch
    from portrait_nst.cli import batching

    order = _order(arguments or [], style or [], jobs, kind, popart_set or [], settings, suffix, out)
    if out is None:
        raise InputError("Say where the pictures go: --out DIR.")
    if popart_set and kind != "popart" and jobs is None:
        raise InputError("--popart-set is for pop art; give --kind popart too.")
    if dry_run and report is not None:
        batch.check_page(report)
    if watch and (jobs is not None or limit is not None or retry_failed or redo or dry_run or not order.inputs):
        raise InputError("--watch takes folders to watch, and no --jobs, --limit, --retry-failed, --redo or --dry-run.")
    batch.check(order, out, watch=watch)
    how = batch.Options(
        workers,
        None if memory is None else memory * 1e9,
        limit,
        retry_failed,
        force,
        keep_metadata,
        engine,
        address,
        gpus,
        redo,
    )
    if dry_run:
        batching.dry_run(order, out, how, as_json=json)
        return
    batching.run(order, out, how, report=report, watch=watch, as_json=json, quiet=quiet)


def _order(
    arguments: list[str],
    styles: list[str],
    jobs: str | None,
    kind: str,
    popart_set: list[str],
    settings: Settings,
    suffix: str,
    out: str | None,
) -> Order:
    from portrait_nst.batch import Order
    from portrait_nst.batch.planning.jobs import styles_in
    from portrait_nst.batch.planning.rows import popart
    from portrait_nst.pop_art.settings import PopartSettings
    from portrait_nst.report.vary import assignments

    inputs = list(arguments)
    if not inputs and jobs is None:
        raise InputError(
            "There is nothing to paint: name photos, folders or patterns, and then the style; or --jobs FILE."
        )
    if kind == "popart" and styles:
        raise InputError("--style is for paintings; pop art takes its colours from --popart-set palette=NAME.")
    if kind != "popart" and not styles and inputs:
        if len(inputs) == 1 and jobs is None:
            raise InputError(
                "The style is missing. Name it after the photos: portrait-nst batch PHOTOS STYLE --out DIR."
            )
        styles = [inputs.pop()]
    values = dict(assignments("--popart-set", popart_set, "name=value, as in mode=facets"))
    known = schema(PopartSettings)
    if unknown := sorted(set(values) - set(known)):
        raise InputError(f"There is no setting of pop art {unknown[0]!r}. There are: {', '.join(known)}.")
    found = [path for style in styles for path in styles_in(style, out)]
    return Order(
        inputs, found, jobs, kind, settings, popart(values, PopartSettings()), f".{suffix.lstrip('.').lower()}"
    )
