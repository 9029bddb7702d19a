"""What every answer says to the browser: nothing from elsewhere is loaded, and nobody else may read or frame it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
PAGE = (
    f"{_NOTHING}; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "require-trusted-types-for 'script'; trusted-types default"
)
DOCS = f"{_NOTHING}; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'none'"
MADE = f"{_NOTHING}; form-action 'none'; sandbox"
"""For what the API gives, if somebody opens it as a page: nothing runs, and nothing is loaded."""
DRAWING = f"{_NOTHING}; style-src 'unsafe-inline'; img-src data:; form-action 'none'; sandbox"
"""For SVG, which may have styles and pictures in it."""
PDF = f"{_NOTHING}; style-src 'unsafe-inline'; img-src data:; object-src 'self'; form-action 'none'"
"""For PDF: browsers show it with a page of their own, which a sandbox would stop."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), payment=()",
}


class Headers:
    """Adds the headers to every answer; what a route says itself of caching stands."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to the answer."""

        async def dressed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = _with(list(message.get("headers", ())), scope["path"])
            await send(message)

        await self._app(scope, receive, dressed if scope["type"] in ("http", "websocket") else send)


def _with(headers: list[tuple[bytes, bytes]], path: str) -> list[tuple[bytes, bytes]]:
    given = {name.lower(): value for name, value in headers}
    values = ALWAYS | {"Content-Security-Policy": policy(path, given.get(b"content-type", b"").decode("latin-1"))}
    if b"cache-control" not in given:
        values["Cache-Control"] = "no-cache" if path.startswith("/static/") else "no-store"
    added = {name.lower().encode(): value.encode() for name, value in values.items()}
    return [pair for pair in headers if pair[0].lower() not in added] + list(added.items())


def policy(path: str, kind: str) -> str:
    """The content security policy of an answer. kind: its content type."""
    if path == "/api/docs":
        return DOCS
    if not path.startswith("/api/"):
        return PAGE
    return {"application/pdf": PDF, "image/svg+xml": DRAWING}.get(kind.partition(";")[0].strip().lower(), MADE)
