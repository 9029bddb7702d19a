"""The server: where it listens, how long it waits for others, and how it ends."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from portrait_nst.errors import InputError
from portrait_nst.studio import patience, serve
from portrait_nst.studio.options import Options
from portrait_nst.studio.server import listening, signals, url

TOKEN = "t" * 20


@contextlib.contextmanager
def served(options: Options, lines: list[str] | None = None) -> Iterator[str]:
    """The address of a server in a thread, which ends with the block."""
    stop, answers, found = threading.Event(), threading.Event(), []

    def ready(address: str) -> None:
        found.append(address)
        answers.set()

    say = (lambda line: None) if lines is None else lines.append
    thread = threading.Thread(
        target=lambda: serve(options, ready=ready, say=say, log=lines is not None, stop=stop), daemon=True
    )
    thread.start()
    assert answers.wait(20)
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join(15)
        assert not thread.is_alive()


def place(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("http://").partition("/")[0].rpartition(":")
    return host, int(port)


def test_it_serves_the_page_and_the_api_and_ends_when_asked(tmp_path: Path) -> None:
    with served(Options(folder=tmp_path, port=0)) as address:
        assert address.startswith("http://127.0.0.1:") and address.endswith("/")
        with urllib.request.urlopen(address) as answer:
            assert b"<main" in answer.read() and answer.headers["Server"] is None
        with urllib.request.urlopen(f"{address}api/about") as answer:
            about = json.load(answer)
        assert about["limits"]["upload"] == 100_000_000 and about["queue"] == 0 and about["free"] > 0
        with urllib.request.urlopen(f"{address}api/docs") as answer:
            assert b"swagger-ui" in answer.read()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address)


def test_without_a_page_it_serves_the_api_alone(tmp_path: Path) -> None:
    with served(Options(folder=tmp_path, port=0, page=False)) as address:
        for path in ("", "static/js/main.js"):
            with pytest.raises(urllib.error.HTTPError) as error:
                urllib.request.urlopen(address + path)
            assert error.value.code == 404
        with urllib.request.urlopen(f"{address}api/docs/files/docs.js") as answer:
            assert answer.status == 200


def test_its_address_has_the_token_and_opens_it(tmp_path: Path) -> None:
    lines: list[str] = []
    with served(Options(folder=tmp_path, port=0, token=TOKEN), lines) as address:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address) as answer:
            assert answer.status == 200 and "token" not in answer.url
    assert not any(TOKEN in line for line in lines)


def test_a_port_that_is_taken_is_told_in_a_line() -> None:
    with contextlib.closing(listening(Options(port=0))) as first:
        port = first.getsockname()[1]
        with pytest.raises(InputError, match="taken; is a studio running already"):
            listening(Options(port=port))


@pytest.mark.parametrize("host", ["203.0.113.77", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_told_in_a_line(host: str) -> None:
    with pytest.raises(InputError, match="no address of this machine"):
        listening(Options(host=host, port=0))


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1:1"), ("0.0.0.0", "127.0.0.1:1"), ("::", "[::1]:1"), ("::1", "[::1]:1"), ("a.b", "a.b:1")],
)
def test_the_address_to_open(host: str, address: str) -> None:
    assert url(Options(host=host), 1) == f"http://{address}/"
    assert url(Options(host=host, token="a/b?c&d" * 3), 1).endswith("/?token=" + "a%2Fb%3Fc%26d" * 3)


def test_who_sends_half_a_request_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD", 0.3)
    with served(Options(folder=tmp_path, port=0)) as address:
        for begin in (b"", b"GET / HTTP/1.1\r\nHost: 127"):
            with socket.create_connection(place(address), timeout=5) as line:
                line.sendall(begin)
                assert cut_off(line)
        with socket.create_connection(place(address), timeout=5) as line:  # a second one on the same line
            line.sendall(b"GET /api/nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"404" in line.recv(10_000)
            line.sendall(b"GET /")
            assert cut_off(line)


def cut_off(line: socket.socket) -> bool:
    with contextlib.suppress(ConnectionResetError):
        while line.recv(10_000):
            pass
    return True


def test_who_does_not_read_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "UNREAD", 0.3)
    with served(Options(folder=tmp_path, port=0)) as address, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(10)
        line.connect(place(address))
        line.sendall(b"GET /api/docs/files/swagger-ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 8)
        time.sleep(1.0)
        size = 0
        with contextlib.suppress(ConnectionResetError):
            while chunk := line.recv(1 << 20):
                size += len(chunk)
        assert size < 7 * 1_700_000
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200


def test_a_websocket_wants_the_right_page_and_the_token(tmp_path: Path) -> None:
    with served(Options(folder=tmp_path, port=0, token=TOKEN)) as address:
        host, port = place(address)
        live, bearer = f"ws://{host}:{port}/api/live", {"Authorization": f"Bearer {TOKEN}"}
        own, other = Origin(f"http://{host}:{port}"), Origin("http://evil.example")
        refused: list[tuple[dict[str, str], Origin | None, int]] = [
            ({}, None, 401),
            (bearer, other, 403),
            ({"Authorization": "Bearer wrong"}, own, 401),
        ]
        for headers, origin, status in refused:
            with pytest.raises(InvalidStatus) as error:
                connect(live, additional_headers=headers, origin=origin)
            assert error.value.response.status_code == status
            assert json.loads(error.value.response.body or b"")["error"]
        with connect(live, additional_headers=bearer, origin=own) as socket:
            socket.send("nonsense")
            assert "error" in json.loads(socket.recv(timeout=10))


def test_an_upload_that_is_cut_off_leaves_nothing_and_no_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with served(Options(folder=tmp_path, port=0)) as address:
        with socket.create_connection(place(address), timeout=5) as line:
            head = "POST /api/photos?name=a.jpg HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n"
            line.sendall(head.encode() + b"x" * 100_000)
            time.sleep(0.3)
        time.sleep(0.5)
        assert [path for path in (tmp_path / "incoming").iterdir() if path.is_file()] == []
        with urllib.request.urlopen(f"{address}api/photos") as answer:
            assert json.load(answer) == []
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_what_is_too_large_is_told_before_it_is_read(tmp_path: Path) -> None:
    with served(Options(folder=tmp_path, port=0)) as address, socket.create_connection(place(address), 5) as line:
        line.sendall(b"POST /api/photos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000001\r\n\r\n")
        answer = line.recv(10_000)
        assert b" 413 " in answer and b"connection: close" in answer.lower()
        assert cut_off(line)


def answered(address: str, request: bytes) -> bytes:
    with socket.create_connection(place(address), timeout=5) as client:
        client.sendall(request)
        found = b""
        while piece := client.recv(65_536):
            found += piece
        return found


def test_what_is_no_http_is_a_problem_with_the_headers_of_all_answers(tmp_path: Path) -> None:
    with served(Options(folder=tmp_path, port=0)) as address:
        head, _, body = answered(address, b"\x16\x03\x01garbage\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400") and b"content-security-policy: default-src 'none'" in head
    assert "no request that HTTP/1.1 knows" in json.loads(body)["error"]


def test_head_is_answered_as_get_and_allow_lists_every_method(tmp_path: Path) -> None:
    with served(Options(folder=tmp_path, port=0)) as address:

        def asked(method: str, path: str) -> tuple[bytes, bytes]:
            request = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            head, _, body = answered(address, request.encode()).partition(b"\r\n\r\n")
            return head.lower(), body

        for path in ("/api/about", "/api/jobs", "/api/openapi.json", "/api/docs"):
            head, body = asked("HEAD", path)
            got, whole = asked("GET", path)
            assert head.startswith(b"http/1.1 200") and body == b""
            assert f"content-length: {len(whole)}".encode() in head and f"content-length: {len(whole)}".encode() in got
        assert b"allow: get, head, post" in asked("PUT", "/api/jobs")[0]
        assert b"allow: delete, get, head, patch" in asked("PUT", "/api/jobs/0123456789abcdef")[0]
        assert asked("HEAD", "/api/events")[0].startswith(b"http/1.1 405")


def test_a_refused_websocket_is_no_error_of_the_server(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with served(Options(folder=tmp_path, port=0)) as address:
        live = address.replace("http", "ws") + "api/live"
        with pytest.raises(InvalidStatus), connect(live, origin=Origin("http://evil.example"), proxy=None):
            pass
    assert not [record for record in caplog.records if "handshake" in record.getMessage()]


def test_sigterm_is_one_also_where_it_comes_twice_and_the_second_ctrl_c_gives_up() -> None:
    lines: list[str] = []
    before = signal.getsignal(signal.SIGINT)  # a shell's background jobs ignore it
    for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM)):
        stop = threading.Event()
        with signals(stop, lines.append):
            signal.raise_signal(first)
            assert stop.is_set()
            signal.raise_signal(second)
    assert len(lines) == 1
    stop = threading.Event()
    with signals(stop, lines.append), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
