"""Asking an ASGI application without a server: what is sent and answered, message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """status: 0 where the application sent none. headers: by their names in small letters; the last of several."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    messages: list[Message] = field(default_factory=list)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def scope_of(path: str, method: str = "GET", headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    plain, _, query = path.partition("?")
    given = {"host": "127.0.0.1:8765", **(headers or {})}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": plain,
        "raw_path": plain.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8765),
        **more,
    }


async def asked(
    app: ASGIApp, scope: dict[str, Any], chunks: Iterable[bytes] = (b"",), *, pause: float = 0.0, hangs: bool = False
) -> Answer:
    """What `app` answers. pause: seconds before each further chunk. hangs: the body never ends."""
    left = list(chunks)
    found = Answer()
    first = True

    async def receive() -> Message:
        nonlocal first
        if left:
            await asyncio.sleep(0 if first else pause)
            first = False
            chunk = left.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(left) or hangs}
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Message) -> None:
        found.messages.append(message)
        if message["type"].endswith("response.start"):
            found.status = message["status"]
            found.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"].endswith("response.body"):
            found.body += message.get("body", b"")

    await app(scope, receive, send)
    return found


def ask(
    app: ASGIApp,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | Iterable[bytes] = b"",
    **more: Any,
) -> Answer:
    """The answer of `app` to one request; `json` bodies need their content type among the headers."""
    chunks = [body] if isinstance(body, bytes) else list(body)
    return asyncio.run(asked(app, scope_of(path, method, headers, **more), chunks))
