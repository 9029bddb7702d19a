"""`portrait-nst studio`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portrait_nst.cli import interrupts, options
from portrait_nst.cli.options import MACHINE, option
from portrait_nst.settings import Settings, schema
from portrait_nst.studio.options import GIGABYTE, Options

KEEPS, WHO = "What it keeps", "Who may"
_FIELDS = schema(Settings)


def command(
    *,
    port: Annotated[
        int, option(WHO, "--port", help="The port; 0 for any that is free.", min=0, max=65535)
    ] = Options.port,
    host: Annotated[
        str, option(WHO, "--host", help="The address to listen on; any but this machine's own needs a token.")
    ] = Options.host,
    token: Annotated[
        str,
        option(
            WHO,
            "--token",
            help="What everybody must bring; better in the environment, where other users do not see it.",
            envvar="PORTRAIT_NST_STUDIO_TOKEN",
            show_default=False,
        ),
    ] = "",
    allow_host: Annotated[
        list[str] | None,
        option(WHO, "--allow-host", help="A name by which others address it, through --host or a proxy; repeat."),
    ] = None,
    folder: Annotated[
        Path | None,
        option(KEEPS, "--folder", help="Where photos, results and the queue are kept; default: the cache's studio/."),
    ] = None,
    quota: Annotated[
        float,
        option(KEEPS, "--quota", help="GB that it may take; then the oldest goes, never what is starred.", min=0.1),
    ] = Options.quota / GIGABYTE,
    library: Annotated[
        Path | None, option(KEEPS, "--library", help="A folder with a folder of paintings for each art movement.")
    ] = None,
    page: Annotated[bool, option(WHO, "--page/--no-page", help="The page, or the HTTP API alone.")] = Options.page,
    browser: Annotated[
        bool, option(WHO, "--browser/--no-browser", help="Whether it opens the page in your browser.")
    ] = True,
    threads: Annotated[
        int | None, option(MACHINE, "--threads", help="CPU threads that paint; default: all.", min=1)
    ] = None,
    device: Annotated[str, option(MACHINE, "--device", help=_FIELDS["device"].help.text)] = Options.device,
    quiet: options.Quiet = False,
    verbose: Annotated[
        bool, option(options.OUTPUT, "--verbose", "-v", help="Say each request, without its query.")
    ] = False,
) -> None:
    """Open a studio in the browser: choose a photo and a style, watch it being painted, keep what you like.

    Everything stays on this machine, and nobody else can reach it, unless `--host` says so. Its address is written to standard
    output. Ctrl-C ends it; what waits in the queue is painted after the next start.

    **Examples**

    `portrait-nst studio`

    `portrait-nst studio --port 0 --no-browser --folder studio --quota 2`

    `PORTRAIT_NST_STUDIO_TOKEN=... portrait-nst studio --host 0.0.0.0 --allow-host studio.example`
    """
    import logging
    import sys

    from portrait_nst.cli import console
    from portrait_nst.studio import serve

    for name in ("uvicorn.error", "asyncio", "portrait_nst.studio"):  # errors of our own, with their trace
        logging.getLogger(name).addHandler(logging.StreamHandler(sys.stderr))

    chosen = Options(
        folder=folder,
        host=host,
        port=port,
        token=token,
        names=tuple(name.lower() for name in allow_host or ()),
        page=page,
        quota=round(quota * GIGABYTE),
        threads=threads,
        device=_FIELDS["device"].check(device),
        library=library,
    )

    def ready(url: str) -> None:
        console.print_path(url.partition("?")[0])
        sys.stdout.flush()
        if not quiet:
            console.say("The studio is open; Ctrl-C ends it.")
        if browser and page:
            _show(url)

    try:
        serve(chosen, ready=ready, say=(lambda line: None) if quiet else console.say, log=verbose)
    except KeyboardInterrupt:
        if not quiet:
            console.say("The studio was ended at once. What it keeps is kept.")
        raise typer.Exit(interrupts.STATUS) from None


def _show(url: str) -> None:
    """Open `url` in the user's browser, in a thread: some ways to do so wait. Not in the terminal, where text browsers run."""
    import os
    import sys
    import threading
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
