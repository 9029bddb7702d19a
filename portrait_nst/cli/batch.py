"""`portrait-nst batch INPUT... STYLE --out DIR`."""

from __future__ import annotations

from typing import Annotated

import typer

from portrait_nst.cli import options
from portrait_nst.cli.options import MACHINE, OUTPUT, option
from portrait_nst.cli.setting_options import takes_settings
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings, schema
from portrait_nst.settings.field import unknown_setting

JOBS = "The jobs"


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
    devices: tuple[str, ...] = (),
    out: Annotated[
        str | None, option(OUTPUT, "--out", "-o", help="Folder for the pictures and the manifest.", metavar="DIR")
    ] = None,
    style: Annotated[
        list[str] | None,
        option(
            JOBS,
            "--style",
            help="A style, or its name; repeat for several. Then all INPUTs are photos.",
            metavar="FILE",
        ),
    ] = None,
    jobs: Annotated[
        str | None,
        option(
            JOBS,
            "--jobs",
            help="A .csv or .jsonl of jobs: photo, and as you like style, output, kind, mask, any setting.",
            metavar="FILE",
        ),
    ] = None,
    kind: Annotated[str, option(JOBS, "--kind", help="stylize, or popart (which takes no STYLE).")] = "stylize",
    popart_set: Annotated[
        list[str] | None, option(JOBS, "--popart-set", help="A setting of pop art, as mode=facets; repeat.")
    ] = None,
    suffix: Annotated[
        str,
        option(OUTPUT, "--format", help="Of the pictures: png, jpg, webp, tif, avif, heic; svg and pdf for popart."),
    ] = "png",
    limit: Annotated[int | None, option(JOBS, "--limit", help="Paint at most so many in this run.", min=1)] = None,
    retry_failed: Annotated[bool, option(JOBS, "--retry-failed", help="Only what failed in an earlier run.")] = False,
    redo: Annotated[bool, option(JOBS, "--redo", help="Do again what is done and unchanged.")] = False,
    dry_run: Annotated[
        bool, option(JOBS, "--dry-run", help="Say what would be done, with time and memory; paint nothing.")
    ] = False,
    watch: Annotated[
        bool, option(JOBS, "--watch", help="Go on with new pictures as they arrive, until Ctrl-C.")
    ] = False,
    workers: Annotated[
        int | None,
        option(
            MACHINE,
            "--workers",
            help="Processes; default: one for each core (four for each where they share a GPU), as far as memory goes.",
            min=1,
        ),
    ] = None,
    memory: Annotated[
        float | None,
        option(
            MACHINE, "--memory", help="GB that all workers together may use; default: most of what is free.", min=0.1
        ),
    ] = None,
    engine: Annotated[
        str, option(MACHINE, "--engine", help="local, or ray (pip install 'portrait-nst[ray]').")
    ] = "local",
    address: Annotated[
        str, option(MACHINE, "--address", help="Of the Ray cluster: auto, local or ray://HOST:PORT.")
    ] = "auto",
    gpus: Annotated[
        float, option(MACHINE, "--gpus", help="With Ray, of each worker; a fraction shares one.", min=0.0)
    ] = 0.0,
    report: Annotated[
        str | None,
        option(OUTPUT, "--report", help="Write a page (.html): failures, slowest, pictures.", metavar="FILE"),
    ] = None,
    profile: options.Profile = "photo",
    keep_metadata: options.KeepMetadata = False,
    no_recipe: options.NoRecipe = False,
    force: Annotated[bool, option(OUTPUT, "--force", "-f", help="Replace files that something else wrote.")] = False,
    json: Annotated[bool, option(OUTPUT, "--json", help="A line of JSON for each picture on standard output.")] = False,
    quiet: options.Quiet = False,
) -> None:
    """Paint many photos in one or several styles, into a folder that remembers what is done.

    Give the same command again after an interruption, or with more photos: what is done and unchanged is left as it is. A picture
    that fails does not stop the others; the exit status is 1 then. Films are painted too, their shots by several workers; an
    animated GIF or WebP is taken for a picture: paint it with `portrait-nst video`.

    **Examples**

    `portrait-nst batch photos/ starry.png --out painted`

    `portrait-nst batch 'photos/*.jpg' styles/ --out painted --quality draft --report painted/index.html`

    `portrait-nst batch photos/ --kind popart --popart-set mode=facets --out popart`

    `portrait-nst batch --jobs jobs.csv starry.png --out painted --dry-run`

    `portrait-nst batch photos/ starry.png --out painted --device cuda:0,cuda:1`

    `portrait-nst batch s3://bucket/photos starry.png --out s3://bucket/painted`
    """
    from portrait_nst import batch
    from portrait_nst.batch.planning.jobs import styles_in
    from portrait_nst.batch.planning.rows import KINDS, popart
    from portrait_nst.cli import batch_output, pipes
    from portrait_nst.pop_art.settings import PopartSettings
    from portrait_nst.report.vary import assignments

    inputs, styles = list(arguments or []), style or []
    for name in inputs:
        pipes.files_only("batch", photos=name)
    if not inputs and jobs is None:
        raise InputError(
            "There is nothing to paint: name photos, folders or patterns, and then the style; or --jobs FILE."
        )
    if kind not in KINDS:
        raise InputError(f"--kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    if kind == "popart" and styles:
        raise InputError("--style is for paintings; pop art takes its colours from --popart-set palette=NAME.")
    if kind != "popart" and not styles and inputs:
        if len(inputs) == 1 and jobs is None:
            raise InputError(
                "The style is missing. Name it after the photos: portrait-nst batch PHOTOS STYLE --out DIR."
            )
        styles = [inputs.pop()]
    changes = dict(assignments("--popart-set", popart_set or [], "name=value, as in mode=facets"))
    known = schema(PopartSettings)
    if unknown := sorted(set(changes) - set(known)):
        raise unknown_setting(unknown[0], list(known), "setting of pop art")
    pictures = [path for name in styles for path in styles_in(name, out)]
    ending = f".{suffix.lstrip('.').lower()}"
    order = batch.Order(inputs, pictures, jobs, kind, settings, popart(changes, PopartSettings()), ending)
    if out is None:
        raise InputError("Say where the pictures go: --out DIR.")
    if popart_set and kind != "popart" and jobs is None:
        raise InputError("--popart-set is for pop art; give --kind popart too.")
    if dry_run and report is not None:
        batch.check_page(report)
    if watch and (jobs is not None or limit is not None or retry_failed or redo or dry_run or not inputs):
        raise InputError("--watch takes folders to watch, and no --jobs, --limit, --retry-failed, --redo or --dry-run.")
    batch.check(order, out, watch=watch)
    run_options = batch.Options(
        workers=workers,
        memory=None if memory is None else memory * 1e9,
        limit=limit,
        failed=retry_failed,
        force=force,
        keep_metadata=keep_metadata,
        profile=profile,
        engine=engine,
        address=address,
        gpus=gpus,
        redo=redo,
        recipe=not no_recipe,
        devices=devices,
    )
    if dry_run:
        batch_output.dry_run(order, out, run_options, as_json=json)
    else:
        if settings.instant and settings.learn and kind == "stylize":
            from portrait_nst.cli import learn_output, learn_runs

            learn_runs.before_many(pictures, settings, learn_output.Talk(quiet, json))
        batch_output.run(order, out, run_options, report=report, watch=watch, as_json=json, quiet=quiet)
