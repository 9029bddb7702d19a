"""Fetching weights once, from a server of the test's own on this machine."""

from __future__ import annotations

import hashlib
import io
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import pytest
import torch
import torchvision.models

from portrait_nst import encoders, resources
from portrait_nst.encoders import pretrained
from portrait_nst.errors import ModelError

from .networks import convolution, torchvision_state, vgg

WIDTHS = ((4, 4), (4, 4), (4,) * 4, (4,) * 4, (4,) * 4)


class Server(ThreadingHTTPServer):
    """Serves `body`; with `sent` below its length it hangs up after so many bytes."""

    body = b""
    sent: int | None = None
    status = 200
    requests = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body[: self.server.sent])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        buffer = io.BytesIO()
        torch.save(torchvision_state(WIDTHS), buffer)
        running.body = buffer.getvalue()
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, a narrow VGG-19, and no proxy between us and the server."""
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(pretrained, "WIDTHS", {"vgg19": WIDTHS})
    return tmp_path / "home"


def offer(monkeypatch: pytest.MonkeyPatch, port: int, sha256: str, name: str = "vgg19") -> str:
    """Let torchvision's weights of `name` lie at `port` of this machine; returns the file's name."""
    file = f"{name}-{sha256[:8]}.pth"
    weights = torchvision.models.get_model_weights(name)["IMAGENET1K_V1"]
    moved = SimpleNamespace(url=f"http://127.0.0.1:{port}/models/{file}")
    moved.get_state_dict = lambda *args, **kwargs: type(weights).get_state_dict(moved, *args, **kwargs)
    monkeypatch.setattr(torchvision.models, "get_model_weights", lambda _: {"IMAGENET1K_V1": moved})
    return file


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_weights_are_fetched_once_and_only_the_convolutions_kept(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = offer(monkeypatch, server.server_port, digest(server.body))
    first = encoders.get("vgg19")
    assert server.requests == 1
    assert files(home) == [f"{file.removesuffix('.pth')}-features.pth"]
    kept = torch.load(home / files(home)[0], weights_only=True)
    state = torchvision_state(WIDTHS)
    assert set(kept) == {key for key in state if key.startswith("features.")}
    assert all(torch.equal(value, state[key]) for key, value in kept.items())
    assert len(server.body) > (home / files(home)[0]).stat().st_size

    second = encoders.get("vgg19")
    assert server.requests == 1
    assert first.sha256 == second.sha256 == digest((home / files(home)[0]).read_bytes())
    assert torch.equal(convolution(vgg(first), "conv5_4").weight, convolution(vgg(second), "conv5_4").weight)
    assert capsys.readouterr().out == "", "standard output is for results"


def failing(file: str, home: Path) -> str:
    with pytest.raises(ModelError) as error:
        encoders.get("vgg19")
    message = str(error.value)
    assert file in message and "--weights FILE" in message and "--encoder embedded" in message
    assert "\n" not in message
    assert not home.exists() or files(home) == [], "something half-written is left"
    return message


def test_a_wrong_hash_is_refused(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = offer(monkeypatch, server.server_port, digest(b"something else"))
    assert "hash" in failing(file, home)
    failing(file, home)
    assert server.requests == 2, "a file that was refused must not be trusted later"


@pytest.mark.parametrize("sent", [0, 1, 5000])
def test_a_cut_connection_leaves_nothing(
    sent: int, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = offer(monkeypatch, server.server_port, digest(server.body))
    server.sent = sent
    failing(file, home)
    server.sent = None
    assert encoders.get("vgg19").name == "vgg19", "the next try must succeed"


def test_a_file_that_is_gone_from_the_server(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = offer(monkeypatch, server.server_port, digest(server.body))
    server.status = 404
    assert "404" in failing(file, home)


def test_no_network(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # not listening: connections are refused
        file = offer(monkeypatch, closed.getsockname()[1], digest(b""))
        assert "refused" in failing(file, home)


def test_an_answer_that_is_no_http(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as talker:
        talker.bind(("127.0.0.1", 0))
        talker.listen()

        def babble() -> None:
            client, _ = talker.accept()
            with client:
                client.recv(1000)
                client.sendall(b"SSH-2.0-OpenSSH_9.9\r\n")

        thread = threading.Thread(target=babble, daemon=True)
        thread.start()
        failing(offer(monkeypatch, talker.getsockname()[1], digest(b"")), home)
        thread.join()


def test_a_home_that_cannot_be_made(
    server: Server, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "file" / "home"))
    file = offer(monkeypatch, server.server_port, digest(server.body))
    failing(file, home)


def test_an_interrupted_download_leaves_nothing(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, server.server_port, digest(server.body))

    def interrupted(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        encoders.get("vgg19")
    assert files(home) == []


def test_a_damaged_file_in_the_cache_is_named(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = offer(monkeypatch, server.server_port, digest(server.body))
    encoders.get("vgg19")
    kept = home / f"{file.removesuffix('.pth')}-features.pth"
    kept.write_bytes(kept.read_bytes()[:2000])
    with pytest.raises(ModelError, match=kept.name):
        encoders.get("vgg19")


def test_the_cache_is_in_the_home_folder_unless_moved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PORTRAIT_NST_HOME", raising=False)
    assert resources.cache_folder() == tmp_path / ".cache" / "portrait_nst"
    monkeypatch.setenv("PORTRAIT_NST_HOME", "~/elsewhere")
    assert resources.cache_folder() == tmp_path / "elsewhere"


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_torchvisions_names_carry_the_hash_that_is_checked(name: str) -> None:
    url = torchvision.models.get_model_weights(name)["IMAGENET1K_V1"].url
    assert torch.hub.HASH_REGEX.search(url.rsplit("/", 1)[1]), "without a hash in its name torch checks nothing"
