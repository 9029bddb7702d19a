"""The command `studio`, as a user runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from portrait_nst.cli import studio
from portrait_nst.cli.main import app

COMMAND = [sys.executable, "-m", "portrait_nst", "studio"]
Running = subprocess.Popen[str]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}, check=False
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    words = [*COMMAND, "--port", "0", "--no-browser", "--folder", str(tmp_path / "home")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_its_help_has_examples_and_loads_no_fastapi() -> None:
    code = (
        "import sys; from portrait_nst.cli.main import app; from typer.testing import CliRunner\n"
        "out = CliRunner().invoke(app, ['studio', '--help']).output\n"
        "assert 'Examples' in out and '--quota' in out, out\n"
        "print([m for m in ('fastapi', 'starlette', 'uvicorn', 'numpy', 'anyio') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_it_prints_its_address_answers_and_ends_with_ctrl_c(running: Running) -> None:
    assert running.stdout is not None
    address = running.stdout.readline().strip()
    with urllib.request.urlopen(address, timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(f"{address}api/events", timeout=10):  # a stream that would never end
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=15)
    assert (running.returncode, out) == (0, "")
    assert "The studio is open" in err and "Ending" in err and "Traceback" not in err


def test_kill_ends_it_in_order_too(running: Running) -> None:
    assert running.stdout is not None
    running.stdout.readline()
    running.terminate()
    assert running.wait(timeout=15) == 0


def test_a_second_studio_on_the_same_port_or_folder_says_so_in_a_line(running: Running, tmp_path: Path) -> None:
    assert running.stdout is not None
    port = running.stdout.readline().strip().strip("/").rpartition(":")[2]
    for words in (["--port", port], ["--port", "0", "--folder", str(tmp_path / "home")]):
        done = run(*words, "--no-browser")
        assert done.returncode == 2 and done.stdout == ""
        assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1


def test_open_to_others_it_wants_a_token_and_gives_one() -> None:
    done = run("--host", "0.0.0.0")
    assert done.returncode == 2 and "--token" in done.stderr and done.stderr.count("\n") == 1


def test_the_token_comes_from_the_environment_too() -> None:
    assert "16 letters" in run("--host", "0.0.0.0", PORTRAIT_NST_STUDIO_TOKEN="short").stderr


def test_without_its_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    result = CliRunner().invoke(app, ["studio", "--no-browser"])
    assert "pip install 'portrait-nst[studio]'" in str(result.exception)


def test_no_browser_is_opened_in_a_terminal_without_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = threading.Event()
    monkeypatch.setattr("webbrowser.open", lambda url: opened.set())
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    studio._show("http://127.0.0.1:1/")
    assert not opened.wait(0.2)
    monkeypatch.setenv("DISPLAY", ":0")
    studio._show("http://127.0.0.1:1/")
    assert opened.wait(5)


def test_a_library_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    done = run(
        "--port", "0", "--no-browser", "--folder", str(tmp_path / "home"), "--library", str(tmp_path / "nowhere")
    )
    assert done.returncode == 2 and "library" in done.stderr
