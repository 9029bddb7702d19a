"""Who may: those who bring the token, as a bearer, or in a browser as a cookie that ``/?token=...`` sets."""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from portrait_nst.studio.security.answers import answer, header, refuse

COOKIE = "portrait_nst_studio"
_ASK = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Portrait studio</title><h1>Portrait studio</h1>
<p>This studio wants its token, which whoever started it knows.</p>
<form action="/" method="get"><label>Token <input name="token" type="password" autocomplete="current-password" required></label>
<button>Open the studio</button></form></html>"""
_ON = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">
<title>Portrait studio</title><p><a href="/">To the studio</a></p></html>"""
_HTML = {"Content-Type": "text/html; charset=utf-8"}


class Tokens:
    """Lets through requests that bring `token`; everything if that is ""."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token
        self._kept = kept(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, set the cookie, or refuse with 401."""
        if not self._token or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asks_for_page = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET"
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token") if asks_for_page else None
        if given and same(given[0], self._token):
            await self._welcome(scope, send)
        elif not given and self._may(scope):
            await self._app(scope, receive, send)
        elif asks_for_page:
            await answer(scope, send, 401, _ASK, _HTML)
        else:
            await refuse(scope, receive, send, 401, "This studio wants its token.", {"WWW-Authenticate": "Bearer"})

    def _may(self, scope: Scope) -> bool:
        kind, _, bearer = (header(scope, b"authorization") or "").partition(" ")
        if kind.lower() == "bearer":
            return same(bearer.strip(), self._token)
        try:
            cookie = SimpleCookie(header(scope, b"cookie") or "").get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and same(cookie.value, self._kept)

    async def _welcome(self, scope: Scope, send: Send) -> None:
        """Set the cookie and go on to the page, so that the token stands in the address no more.

        A browser that came from another page's link sends no strict cookie after a redirect; a page of ours leads it on.
        """
        cookie = {"Set-Cookie": f"{COOKIE}={self._kept}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000"}
        if header(scope, b"sec-fetch-site") in (None, "none", "same-origin"):
            await answer(scope, send, 303, b"", {"Location": "/", **cookie})
        else:
            await answer(scope, send, 200, _ON, _HTML | cookie)


def kept(token: str) -> str:
    """What the cookie holds instead of the token, which cannot be found from it."""
    return hmac.new(token.encode(), b"the cookie of the studio", hashlib.sha256).hexdigest()


def same(given: str, right: str) -> bool:
    """Whether two texts are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
