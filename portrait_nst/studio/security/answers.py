"""Refusals before the application is reached: a `Problem` for HTTP, and for a WebSocket before it is accepted."""

from __future__ import annotations

import json

from starlette.types import Receive, Scope, Send

Pairs = list[tuple[bytes, bytes]]


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: int, error: str, headers: dict[str, str] | None = None
) -> None:
    """Answer with a `Problem` of this status and line."""
    body = json.dumps({"error": error, "field": ""}).encode()
    await answer(scope, send, status, body, {"Content-Type": "application/json", **(headers or {})})


async def answer(scope: Scope, send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    """Answer with these bytes; a WebSocket is refused with them where the server can, else closed."""
    kind = "http.response" if scope["type"] == "http" else "websocket.http.response"
    if kind != "http.response" and kind not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    pairs = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": f"{kind}.start", "status": status, "headers": pairs})
    await send({"type": f"{kind}.body", "body": b"" if scope.get("method") == "HEAD" else body})


def header(scope: Scope, name: bytes) -> str | None:
    """A header's value; several are joined by commas, None for none."""
    found = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return ",".join(found) if found else None
