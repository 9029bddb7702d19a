"""What a crowd and `kill -9` may not do: lose a job that was accepted, or keep the page from answering.

`python -m tests.benchmarks.studio.load` does all of it at once, with fifty clients, and measures.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.studio.desk.desk import Desk
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.options import Options
from portrait_nst.studio.security import rates
from tests.studio.painter.standins import bring, until
from tests.studio.test_server import place, served

ROOT = Path(__file__).resolve().parents[2]
LOST = (OSError, http.client.HTTPException)
SERVER = """
import functools, sys
from pathlib import Path
from portrait_nst.studio import opening, serve
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.queue import Queue
from tests.studio.painter.standins import StandIn
if __name__ == "__main__":
    opening.Queue = functools.partial(Queue, make_maker=StandIn)
    serve(Options(folder=Path(sys.argv[1]), port=int(sys.argv[2]), threads=1), ready=lambda url: print(url, flush=True))
"""


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """The id of a photo that lies in the studio's folder already."""
    with Keeping.open(tmp_path / "home", 10**9) as keeping:
        return bring(keeping, "me.jpg")


def ask(port: int, method: str, path: str, body: Any = None) -> Any:
    """The JSON of the answer, which must be a good one. Raises one of `LOST` where there is none."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(line):
        headers = {"Content-Type": "application/json"}
        line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        data = answer.read()
        assert answer.status < 400, data
        return json.loads(data)


def test_jobs_that_were_accepted_are_made_once_however_often_the_server_is_killed(tmp_path: Path, photo: str) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, str(script), str(tmp_path / "home"), str(port)]
    accepted, enough = dict[str, str](), threading.Event()

    def client(name: str) -> None:
        number = 0
        while not enough.is_set():
            number += 1
            wish = {"photo": photo, "style": [{"style": "impasto"}], "title": f"{name} {number}"}
            try:
                accepted[ask(port, "POST", "/api/jobs", wish)["id"]] = wish["title"]  # type: ignore[assignment]
            except LOST:  # it may have been kept, or not
                time.sleep(0.05)
            time.sleep(0.15)

    def jobs() -> dict[str, Any]:
        return {job["id"]: job for job in ask(port, "GET", "/api/jobs?limit=1000")}

    clients = [threading.Thread(target=client, args=(name,), daemon=True) for name in ("one", "two", "three")]
    made: dict[str, float] = {}
    for attempt in range(3):
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        ) as server:
            assert server.stdout is not None and server.stdout.readline()
            if attempt == 0:
                for one in clients:
                    one.start()
            if attempt < 2:
                made.update(until(lambda: _done(jobs(), made), 30))
            else:
                enough.set()
                for one in clients:
                    one.join()
                until(lambda: all(job["state"] == "done" for job in jobs().values()), 60)
                found = jobs()
            server.send_signal(signal.SIGKILL)
    assert accepted.keys() <= found.keys()
    titles = [job["title"] for job in found.values()]
    assert len(titles) == len(set(titles)) and set(accepted.values()) <= set(titles)
    assert made == {id: found[id]["ended"] for id in made}  # what was done is not made again


def _done(jobs: dict[str, Any], before: dict[str, float]) -> dict[str, float]:
    """When those that are done ended, once there are some more of them than before."""
    done = {id: job["ended"] for id, job in jobs.items() if job["state"] == "done"}
    return done if len(done) >= len(before) + 3 else {}


class Stuck:
    """A desk that answers nothing until it may. asked: how often it was."""

    def __init__(self) -> None:
        self.asked, self.may = 0, threading.Event()

    def call(self, function: str, /, **values: Any) -> Any:
        self.asked += 1
        self.may.wait(30)
        return {"people": [], "notes": []}


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    """The desk of the studio."""
    desk = Stuck()
    for name in ("call", "later"):
        monkeypatch.setattr(Desk, name, lambda self, function, **values: desk.call(function, **values))
    yield desk
    desk.may.set()


def test_the_page_answers_while_everything_slow_is_taken(
    tmp_path: Path, photo: str, stuck: Stuck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "SHARE", 1.0)
    with served(Options(folder=tmp_path / "home", port=0)) as address, contextlib.ExitStack() as stack:
        host, port = place(address)
        for _ in range(rates.SLOW + 8):
            line = stack.enter_context(socket.create_connection((host, port)))
            line.sendall(f"GET /api/photos/{photo}/people HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until(lambda: stuck.asked == rates.SLOW)
        for path in ("/api/about", f"/api/photos/{photo}", "/api/jobs", "/api/settings", "/api/styles"):
            begun = time.monotonic()
            ask(port, "GET", path)
            assert time.monotonic() - begun < 5  # for ever, where it waits for a thread or a place
        wish = {"photo": photo, "style": [{"style": "impasto"}]}
        id = ask(port, "POST", "/api/jobs", wish)["id"]
        ask(port, "POST", f"/api/jobs/{id}/cancel")
        assert stuck.asked == rates.SLOW  # the others were told to ask later
        stuck.may.set()
