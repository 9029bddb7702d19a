from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from portrait_nst import named_styles
from portrait_nst.errors import InputError
from portrait_nst.studio.api.routes import live as route
from portrait_nst.studio.live import place
from portrait_nst.studio.live.messages import Frame, State, Told, Wanted
from portrait_nst.studio.running import Server, config
from tests.studio.live.makers import jpeg

ID = "0123456789abcdef"
WISH = {"style": [{"style": "impasto"}]}


class Process:
    """Answers every frame at once."""

    made: ClassVar[list[Process]] = []

    def __init__(self, wanted: Wanted, device: str, told: Callable[[Told], None]) -> None:
        self.wanted, self.told, self.closed = wanted, told, False
        self.made.append(self)

    def start(self) -> None:
        self.told(State(ready=True, someone=True))

    def want(self, wanted: Wanted) -> None:
        self.wanted = wanted

    def paint(self, frame: Frame) -> None:
        self.told(frame)

    def close(self) -> None:
        self.closed = True


class Keeping:
    """Has one style."""

    def thing(self, id: str, *kinds: str) -> Any:
        if (id, kinds) != (ID, ("style",)):
            raise InputError("There is no such style.")
        return SimpleNamespace(id=id)

    def file(self, id: str) -> Path:
        return Path("things") / id / "file"


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ClientConnection]]:
    """Opens sessions at a server of its own."""
    monkeypatch.setattr(route, "LiveProcess", Process)
    monkeypatch.setattr(place, "GRACE", 0.2)
    Process.made.clear()
    app = FastAPI()
    app.include_router(route.router)
    app.state.studio = SimpleNamespace(options=SimpleNamespace(device="cpu"), keeping=Keeping())
    ready, stop = threading.Event(), threading.Event()
    server = Server(config(app), stop, None)
    server.ready = ready.set
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        assert ready.wait(10)
        address = f"ws://127.0.0.1:{listener.getsockname()[1]}/api/live"
        yield lambda query="": connect(address + query)
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def heard(session: ClientConnection) -> Any:
    return json.loads(session.recv(10))


def ended(session: ClientConnection) -> dict[str, Any]:
    """What it says at its end."""
    facts: dict[str, Any] = heard(session)
    with pytest.raises(ConnectionClosed) as caught:
        session.recv(10)
    assert caught.value.rcvd is not None
    return {**facts, "code": caught.value.rcvd.code}


def said(session: ClientConnection, value: Any) -> None:
    session.send(json.dumps(value))


def test_a_session_paints_and_leaves_nothing_behind(live: Callable[..., ClientConnection]) -> None:
    with live() as session:
        said(session, {**WISH, "strength": 0.7, "all": True, "longest": 160, "person": "largest"})
        assert heard(session)["ready"] is True
        session.send(jpeg())
        assert session.recv(10) == jpeg()
    (process,) = Process.made
    for _ in range(100):
        if process.closed:
            break
        time.sleep(0.01)
    assert process.closed
    picture = str(named_styles.files()["impasto"])
    assert process.wanted == Wanted(((picture, 1.0),), 0.7, "largest", True, 160)


def test_an_upload_is_a_style_and_nothing_else_is(live: Callable[..., ClientConnection]) -> None:
    with live() as session:
        said(session, {"style": [{"style": ID, "share": 2.0}, {"style": "mosaic"}]})
        heard(session)
        assert [entry[1] for entry in Process.made[0].wanted.style] == [2.0, 1.0]
        assert Process.made[0].wanted.style[0][0].endswith(f"{ID}/file")
    for style in ("/etc/passwd", "../impasto.png", "f" * 16, "impasto.png", "http://a.b/c.png", "no such style"):
        with live("?take_over=true") as session:
            said(session, {"style": [{"style": style}]})
            facts = ended(session)
            assert "There is no" in facts["error"]
            assert facts["code"] == route.REFUSED
    assert len(Process.made) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"style": []}',
        '{"style": [{"style": "impasto"}], "strength": 2}',
        '{"style": [{"style": "impasto"}], "longest": 100000}',
        '{"style": [{"style": "impasto"}], "person": "../x"}',
        '{"style": [{"style": "impasto"}], "size": 1}',
        "x" * 20_000,
    ],
)
def test_what_is_not_understood_is_refused_in_one_line(live: Callable[..., ClientConnection], text: str) -> None:
    with live() as session:
        session.send(text)
        facts = ended(session)
    assert facts["error"].startswith("How to paint is ")
    assert "\n" not in facts["error"]
    assert facts["code"] == route.REFUSED


def test_a_second_window_is_told_and_may_take_over(live: Callable[..., ClientConnection]) -> None:
    with live() as first:
        said(first, WISH)
        heard(first)
        with live() as second:
            facts = ended(second)
            assert facts["busy"]
            assert facts["code"] == route.AGAIN
        with live("?take_over=true") as third:
            assert "another window" in ended(first)["error"]
            said(third, WISH)
            assert heard(third)["ready"]
