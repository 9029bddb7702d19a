"""Who may: those who bring the token, as a bearer, or in a browser as a cookie that ``/?token=...`` or the form sets."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Receive, Scope, Send

from portrait_nst.studio.security.answers import answer, header, refuse
from portrait_nst.studio.security.rates import client_of
from portrait_nst.studio.security.tries import Tries

COOKIE = "portrait_nst_studio"
DAYS = 30  # that a browser stays known
FORM = 4096  # bytes of the form's answer
SILENCE = 10.0  # seconds without a byte of it
WANTED = "This studio wants its token: send the header Authorization: Bearer TOKEN, or open the studio in a browser."
_ASK = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Portrait studio</title><h1>Portrait studio</h1>
<p role="status">{words}</p>
<form action="/" method="post"><label>Token <input name="token" type="password" autocomplete="current-password" required></label>
<button>Open the studio</button></form></html>"""
ASKED, WRONG = (
    "This studio wants its token, which whoever started it knows.",
    "This is not the studio's token. Try again.",
)
_ON = b"""<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=/">
<title>Portrait studio</title><p><a href="/">To the studio</a></p></html>"""
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_BEARER = {"WWW-Authenticate": "Bearer"}


class Tokens:
    """Lets through requests that bring `token`; everything if that is "".

    proxied: whether a proxy stands before the studio, which may say that it was asked by https.
    """

    def __init__(self, app: ASGIApp, token: str, *, proxied: bool = False, tries: Tries | None = None) -> None:
        self._app, self._token, self._proxied = app, token, proxied
        self._kept = kept(token)
        self._tries = tries or Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, set the cookie, or refuse with 401, and with 429 after many wrong tokens."""
        if not self._token or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["type"] == "http" else ""
        is_page = method in ("GET", "POST") and scope["path"] == "/"
        given = None
        if is_page:
            given = await _form(receive) if method == "POST" else _token(scope["query_string"])
        bearer = _bearer(scope) if given is None else None
        tried = given if given is not None else bearer
        if tried is None:
            right = method + scope["path"] != "POST/" and self._has_cookie(scope)
        elif wait := self._tries.wait(client_of(scope)):
            await self._slow_down(scope, receive, send, wait, is_page)
            return
        else:
            right = self._is_right(scope, tried)
        if right and given is not None:
            await self._welcome(scope, send)
        elif right:
            await self._app(scope, receive, send)
        elif is_page:
            await answer(scope, send, 401, _asking(ASKED if given is None else WRONG), _HTML)
        elif method == "GET" and "text/html" in (
            header(scope, b"accept") or ""
        ):  # somebody opened an address of the API
            await answer(scope, send, 303, b"", {"Location": "/"})
        else:
            await refuse(scope, receive, send, 401, WANTED, _BEARER)

    def _is_right(self, scope: Scope, tried: str) -> bool:
        right = same(tried, self._token)
        self._tries.tell(client_of(scope), right)
        return right

    def _has_cookie(self, scope: Scope) -> bool:
        """Whether the browser is known. Its cookie is not found by trying, and an old one comes with every file of a page."""
        try:
            cookie = SimpleCookie(header(scope, b"cookie") or "").get(cookie_name(scope))
        except CookieError:
            return False
        return cookie is not None and same(cookie.value, self._kept)

    async def _slow_down(self, scope: Scope, receive: Receive, send: Send, wait: float, is_page: bool) -> None:
        seconds = math.ceil(wait)
        words = f"Too many wrong tokens came from here; wait {seconds} seconds."
        later = {"Retry-After": str(seconds)}
        if is_page:
            await answer(scope, send, 429, _asking(words), _HTML | later)
        else:
            await refuse(scope, receive, send, 429, words, later)

    async def _welcome(self, scope: Scope, send: Send) -> None:
        """Set the cookie and go on to the page, so that the token stands in the address no more.

        A browser that came from another page's link sends no strict cookie after a redirect; a page of ours leads it on.
        """
        value = f"{cookie_name(scope)}={self._kept}; HttpOnly; SameSite=Strict; Path=/; Max-Age={DAYS * 86400}"
        cookie = {"Set-Cookie": value + ("; Secure" if self._is_https(scope) else "")}
        if header(scope, b"sec-fetch-site") in (None, "none", "same-origin"):
            await answer(scope, send, 303, b"", {"Location": "/", **cookie})
        else:
            await answer(scope, send, 200, _ON, _HTML | cookie)

    def _is_https(self, scope: Scope) -> bool:
        said = (header(scope, b"x-forwarded-proto") or "") if self._proxied else ""
        return scope.get("scheme") in ("https", "wss") or said.partition(",")[0].strip().lower() == "https"


def cookie_name(scope: Scope) -> str:
    """The cookie of this studio: browsers send one of the same name to every port of a machine."""
    server = scope.get("server") or ("", None)
    return COOKIE if server[1] is None else f"{COOKIE}_{server[1]}"


def _asking(words: str) -> bytes:
    return _ASK.format(words=words).encode()


def _token(query: bytes) -> str | None:
    return parse_qs(query.decode("latin-1")).get("token", [None])[0]


def _bearer(scope: Scope) -> str | None:
    kind, _, bearer = (header(scope, b"authorization") or "").partition(" ")
    return bearer.strip() if kind.lower() == "bearer" else None


async def _form(receive: Receive) -> str | None:
    """The token that the form sends; None where it sends none, or far too much."""
    body = b""
    while len(body) <= FORM:
        try:
            message = await asyncio.wait_for(receive(), SILENCE)
        except TimeoutError:
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return _token(body) if len(body) <= FORM else None
    return None


def kept(token: str) -> str:
    """What the cookie holds instead of the token, which cannot be found from it."""
    return hmac.new(token.encode(), b"the cookie of the studio", hashlib.sha256).hexdigest()


def same(given: str, right: str) -> bool:
    """Whether two texts are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode("utf-8", "replace"))
