"""A studio without a server: its routes, a folder of its own, and a desk that works in this process."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from portrait_nst.studio.api.app import make_app
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.paces import Paces
from portrait_nst.studio.studio import Studio
from tests.studio.asgi import Answer, asked, scope_of

AHEAD = (
    "warming.begin",
    "warming.warm",
    "previews.prepare",
    "warming.rest",
)  # what is done before somebody asks for it


class DeskHere:
    """Calls the desk's functions at once, and remembers which; nothing is done ahead."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.ahead: list[str] = []

    def call(self, function: str, /, **values: Any) -> Any:
        if function in AHEAD:
            self.ahead.append(function)
            return None
        self.called.append(function)
        module, name = function.split(".")
        return getattr(importlib.import_module(f"portrait_nst.studio.desk.{module}"), name)(**values)

    def later(self, function: str, /, *, idle: float = 0.0, **values: Any) -> Any:
        return self.call(function, **values)

    def latest(self, client: str, function: str, /, **values: Any) -> Any:
        return self.call(function, **values)


class Client:
    """A browser of that studio. The server's own errors are raised."""

    def __init__(self, studio: Studio) -> None:
        self.app = make_app(studio)
        self.desk: Any = studio.desk
        self.keeping = studio.keeping
        self.home = studio.options.home

    def get(self, url: str, headers: dict[str, str] | None = None) -> Answer:
        return self.request("GET", url, headers=headers)

    def post(self, url: str, content: bytes | Iterable[bytes], headers: dict[str, str] | None = None) -> Answer:
        return self.request("POST", url, content, headers)

    def send(self, url: str, body: Any) -> Answer:
        """POST of JSON."""
        return self.post(url, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def delete(self, url: str) -> Answer:
        return self.request("DELETE", url)

    def request(
        self, method: str, url: str, content: bytes | Iterable[bytes] = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        """Bytes come with their length, pieces without."""
        pieces = [content] if isinstance(content, bytes) else list(content)
        length = {"Content-Length": str(len(content))} if isinstance(content, bytes) else {}
        path, _, query = url.partition("?")
        scope = scope_of(unquote(path), method, length | (headers or {}), query_string=query.encode())
        return asyncio.run(asked(self.app, scope, pieces))


@contextmanager
def studio(home: Path, **options: Any) -> Iterator[Client]:
    """A client of a studio in the folder `home`."""
    given = Options(folder=home, page=False, **options)
    with Keeping.open(home, given.quota) as keeping:
        nothing: Any = None
        desk: Any = DeskHere()
        queue: Any = SimpleNamespace(warm=lambda: None, paces=Paces())
        yield Client(Studio(given, keeping, desk, queue, nothing))


def left(home: Path) -> list[str]:
    """What lies in `incoming` and among the things."""
    return sorted(str(path.relative_to(home)) for name in ("incoming", "things") for path in (home / name).rglob("*"))
