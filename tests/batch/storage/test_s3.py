"""Batches from and to a real S3 server on this machine, with real worker processes; and what goes wrong there."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Manifest, status
from portrait_nst.batch.storage import Url
from tests.batch.fake_stores import forget_all, put, s3_server
from tests.batch.fake_workers import photos
from tests.batch.runs import ROOT, SCRIPT, pictures
from tests.cli.test_commands import run, run_process

PICTURES = 12


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with s3_server() as store:
        yield store


@pytest.fixture
def s3(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """fsspec's view of the server, whose bucket is empty; the cache folder is new."""
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    for name in server.find("bucket"):
        server.rm_file(name)
    return server


def painted(store: Any) -> dict[str, bytes]:
    return {
        name.removeprefix("bucket/out/"): store.cat_file(name)
        for name in store.find("bucket/out")
        if name.endswith(".png")
    }


def test_popart_by_the_command(s3: Any, small_portrait: Path, tmp_path: Path) -> None:
    s3.pipe_file("bucket/in/me.png", small_portrait.read_bytes())
    s3.pipe_file("bucket/in/sub/bad.jpg", b"no picture")
    command = ["batch", "s3://bucket/in", "--kind", "popart", "--out", "s3://bucket/out", "--workers", "1"]
    command += ["--popart-set", "likeness=false"]
    done = run_process(*command, "--report", "s3://bucket/out/page.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "s3://bucket/out/me-popart.png\n"), done.stderr
    assert "s3://bucket/in/sub/bad.jpg is not a picture" in done.stderr and "Traceback" not in done.stderr
    names = [name.removeprefix("bucket/out/") for name in s3.find("bucket/out")]
    assert names == ["batch.sqlite3", "me-popart.png", "page.html"]
    assert s3.info("bucket/out/me-popart.png")["ContentType"] == "image/png"
    again = run(*command, "--limit", "5", "--dry-run", "--json", cwd=tmp_path)
    assert json.loads(again.stdout.splitlines()[-1])["counts"] == {"done": 1, "failed": 1}
    state = run("batch-status", "s3://bucket/out", "--json", cwd=tmp_path)
    assert json.loads(state.stdout)["states"] == {"pending": 0, "running": 0, "done": 1, "failed": 1}
    assert not list(tmp_path.rglob("scratch/*")) and [path.name for path in tmp_path.iterdir()] == ["home"]


def script(folder: str, out: str, work: Path, home: str) -> subprocess.Popen[str]:
    text = SCRIPT.replace("folder, out = map(Path, sys.argv[1:])", "folder, out = sys.argv[1:]")
    (work / "run.py").write_text(text.replace('[folder / "0.png"]', '[folder + "/0.png"]'))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PORTRAIT_NST_HOME": str(work / home)}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = [sys.executable, str(work / "run.py"), folder, out]
    return subprocess.Popen(command, env=environment, start_new_session=True, **pipes)


@pytest.mark.slow
def test_killed_and_finished_here_and_elsewhere(s3: Any, tmp_path: Path) -> None:
    names = [f"{number}.png" if number % 3 else f"sub/{number}.png" for number in range(PICTURES)]
    put(s3, photos(tmp_path / "in", [*names, "0.png"]), tmp_path / "in", "bucket/in")
    peace = script(str(tmp_path / "in"), str(tmp_path / "peace"), tmp_path, "home")
    first = script("s3://bucket/in", "s3://bucket/out", tmp_path, "home")
    assert first.stdout is not None
    lines = [first.stdout.readline() for _ in range(3)]
    os.killpg(first.pid, signal.SIGKILL)
    lines += first.communicate()[0].splitlines()
    assert peace.wait() == 0
    with Manifest.read(Url("s3://bucket/out")) as manifest:
        assert status(manifest)["states"]["done"] >= len(lines)  # this machine knows
    second = script("s3://bucket/in", "s3://bucket/out", tmp_path, "home")
    assert second.stdout is not None
    redone = [second.stdout.readline()]
    time.sleep(0.05)
    os.killpg(second.pid, signal.SIGKILL)
    redone += second.communicate()[0].splitlines()
    assert not {line.split()[0] for line in lines} & {line.split()[0] for line in redone}
    last = script("s3://bucket/in", "s3://bucket/out", tmp_path, "elsewhere")
    _, errors = last.communicate()
    assert last.returncode == 0, errors
    assert painted(s3) == pictures(tmp_path / "peace")
    s3.pipe_file("bucket/in/1.png", s3.cat_file("bucket/in/2.png"))
    changed = script("s3://bucket/in", "s3://bucket/out", tmp_path, "home")
    output, errors = changed.communicate()
    assert output == "s3://bucket/out/1-0.png \n", errors
    assert painted(s3)["1-0.png"] == painted(s3)["2-0.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["s3://no-such-bucket/in", "--out", "out"], "bucket does not exist"),
        (["s3://bucket/none", "--out", "out"], "s3://bucket/none does not exist"),
        (["me.png", "--out", "s3://no-such-bucket/out"], "bucket does not exist"),
        (["s3://bucket/in", "--out", "out", "--watch"], "--watch watches folders of this machine"),
        (["me.png", "--out", "memory://out"], "in the memory of this process"),
        (["gopher://bucket/in", "--out", "out"], "no protocol that fsspec knows"),
        (["--jobs", "s3://bucket/none.csv", "--out", "out"], "s3://bucket/none.csv does not exist"),
        (["me.png", "--out", "out", "--report", "s3://bucket/page.txt"], ".html"),
    ],
)
def test_mistakes_end_in_one_line(
    arguments: list[str], words: str, s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    photos(tmp_path, ["me.png"])
    s3.pipe_file("bucket/in/me.png", b"no picture")
    assert words in one_line(arguments, tmp_path, monkeypatch, capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["me.png"]


def test_no_credentials(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("HOME", str(tmp_path))
    forget_all()
    assert "no credentials" in one_line(["s3://bucket/in", "--out", "out"], tmp_path, monkeypatch, capsys)
    forget_all()


def test_a_server_that_is_gone(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    forget_all()
    began = time.monotonic()
    error = one_line(["s3://bucket/in", "--out", "s3://bucket/out"], tmp_path, monkeypatch, capsys)
    assert "does not answer" in error and time.monotonic() - began < 20 and not list(tmp_path.iterdir())
    forget_all()


def one_line(arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> str:
    """What the command says on standard error, one line with exit status 2."""
    from portrait_nst.cli.main import run as entry

    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["portrait-nst", "batch", *arguments, "--kind", "popart"])
    with pytest.raises(SystemExit) as stop:
        entry()
    out, err = capsys.readouterr()
    assert stop.value.code == 2 and out == ""
    assert err.startswith("Error: ") and err.count("\n") == 1, err
    return str(err)


@pytest.mark.ray
def test_by_ray(s3: Any, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    put(s3, photos(tmp_path / "in", [f"{number}.png" for number in range(6)]), tmp_path / "in", "bucket/in")
    text = SCRIPT.replace("folder, out = map(Path, sys.argv[1:])", "folder, out = sys.argv[1:]")
    text = text.replace('[folder / "0.png"]', '[folder + "/0.png"]')
    (tmp_path / "run.py").write_text(text.replace("workers=2", "workers=2, engine='ray', address='local'"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "RAY_DISABLE_IMPORT_WARNING": "1"}
    command = [sys.executable, str(tmp_path / "run.py"), "s3://bucket/in", "s3://bucket/out"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(painted(s3)) == [f"{number}-0.png" for number in range(1, 6)]
