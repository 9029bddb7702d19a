"""What stands before the application, in order."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp

from portrait_nst.studio.options import Options
from portrait_nst.studio.security.bodies import Bodies, limits
from portrait_nst.studio.security.headers import Headers
from portrait_nst.studio.security.hosts import Hosts
from portrait_nst.studio.security.log import Log
from portrait_nst.studio.security.rates import Rates
from portrait_nst.studio.security.tokens import Tokens


def guarded(app: ASGIApp, options: Options, log: Callable[[str], None] | None = None) -> ASGIApp:
    """`app` behind everything that decides who may, and how much; outermost is what is done to every answer.

    All of it is plain ASGI, so that answers stream. log: gets a line for each request; None for no log.
    """
    inside: ASGIApp = Tokens(Bodies(app, limits(options)), options.token, proxied=bool(options.names))
    outside: ASGIApp = Headers(Rates(Hosts(inside, options)))
    return outside if log is None else Log(outside, log)
