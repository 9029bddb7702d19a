"""By which names the studio may be addressed, and from which pages.

A page from elsewhere can make a browser send requests here. It is refused by what the browser says of it (`Origin`,
`Sec-Fetch-Site`). It may also give its own name this machine's address (DNS rebinding), so that the browser takes the studio for
a part of it: then `Host` is its name. An address in numbers cannot be rebound, so that these are right wherever others may come.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from portrait_nst.studio.options import LOOPBACK, Options
from portrait_nst.studio.security.answers import header, refuse

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
PAGES = ("/", "/api/docs")  # to these a link on another page may lead


class Hosts:
    """Lets through what is addressed to the studio, by its own page or by no page at all."""

    def __init__(self, app: ASGIApp, options: Options) -> None:
        self._app, self._options = app, options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 403, or pass on."""
        reason = refusal(scope, self._options) if scope["type"] in ("http", "websocket") else ""
        if reason:
            await refuse(scope, receive, send, 403, reason)
        else:
            await self._app(scope, receive, send)


def refusal(scope: Scope, options: Options) -> str:
    """Why a request may not come in; "" if it may."""
    host = header(scope, b"host") or ""
    if not may_be_named(host, options):
        return "The studio is not addressed by this name. Open the address that it printed, or start it with --allow-host NAME."
    origin = header(scope, b"origin")
    if origin is not None and not is_same(origin, host):
        return "The studio answers its own page only, not another one's."
    if header(scope, b"sec-fetch-site") in (None, "same-origin", "none") or _is_link(scope):
        return ""
    return "The studio answers its own page only, not another one's."


def may_be_named(host: str, options: Options) -> bool:
    """Whether the studio may be addressed by the value `host` of a Host header."""
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match["name"].lower().strip("[]").removesuffix(".")
    if options.is_loopback:
        return name in LOOPBACK or name in options.names
    return name in {options.host.lower(), *options.names} or name == "localhost" or _is_address(name)


def is_same(origin: str, host: str) -> bool:
    """Whether `origin` names the page of the studio that is addressed as `host`; "null" does not."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() != ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_link(scope: Scope) -> bool:
    """Whether somebody followed a link to one of the pages, which changes nothing and cannot be read from where it stood."""
    is_page = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in PAGES
    return is_page and (header(scope, b"sec-fetch-mode"), header(scope, b"sec-fetch-dest")) == ("navigate", "document")
