"""Names of files on standard output and error, whatever the terminal's encoding lacks."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portrait_nst.cli import main

JAPANESE, LATIN = "日本", os.fsdecode(b"caf\xe9")  # the second is no UTF-8
needs_any_bytes = pytest.mark.skipif(
    sys.platform != "linux", reason="needs a file system that takes any bytes for names"
)


def run(*arguments: object, encoding: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, bytes, bytes]:
    """Exit status, standard output and standard error of a command on a terminal that has this encoding."""
    out, err = io.BytesIO(), io.BytesIO()
    streams = [io.TextIOWrapper(file, encoding=encoding, write_through=True) for file in (out, err)]
    with monkeypatch.context() as patch, pytest.raises(SystemExit) as stop:
        patch.setattr(sys, "stdout", streams[0])
        patch.setattr(sys, "stderr", streams[1])
        patch.setenv("NO_COLOR", "1")
        patch.setattr(sys, "argv", ["portrait-nst", *map(str, arguments)])
        main.run()
    return stop.value.code, out.getvalue(), err.getvalue()


@needs_any_bytes
@pytest.mark.parametrize(
    ("encoding", "name", "printed"),
    [
        ("utf-8", JAPANESE, JAPANESE.encode()),
        ("cp1252", JAPANESE, rb"\u65e5\u672c"),
        ("ascii", JAPANESE, rb"\u65e5\u672c"),
        ("shift_jis", JAPANESE, JAPANESE.encode("shift_jis")),
        ("utf-8", LATIN, b"caf\xe9"),  # the very bytes of its name, for programs that read it
        ("cp1252", LATIN, rb"caf\udce9"),
        ("ascii", LATIN, rb"caf\udce9"),
    ],
)
def test_a_name_comes_out_in_any_encoding(
    encoding: str, name: str, printed: bytes, small_portrait: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(small_portrait, f"{name}.png")
    status, out, err = run("mask", f"{name}.png", encoding=encoding, monkeypatch=monkeypatch)
    assert (status or 0, out) == (0, printed + b"-mask.png\n"), err
    again, _, err = run("mask", f"{name}.png", encoding=encoding, monkeypatch=monkeypatch)
    escaped = printed if name == JAPANESE else rb"caf\udce9"  # talk is for people
    assert again == 2 and err.startswith(b"Error: " + escaped + b"-mask.png exists already")
    _, out, _ = run("mask", f"{name}.png", "--json", "--force", encoding=encoding, monkeypatch=monkeypatch)
    assert json.loads(out)["output"] == f"{name}-mask.png"


def test_a_name_with_a_line_break_is_one_line_and_a_terminal_gets_no_codes(capsys: pytest.CaptureFixture[str]) -> None:
    from portrait_nst.cli.console import print_path

    print_path(Path("a\nb\x1b[31m.png"))
    assert capsys.readouterr().out == "a\\nb\x1b[31m.png\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.stdout, "isatty", lambda: True)
        print_path(Path("a\nb\x1b[31m.png"))
    assert capsys.readouterr().out == "a\\nb\\x1b[31m.png\n"


@pytest.mark.parametrize(
    ("closed", "command"),
    [
        ("stdout", "mask PHOTO -o a.png"),
        ("stdout", "mask PHOTO -o a.png --json"),
        ("stdout", "styles"),
        ("stdout", "--version"),
        ("stderr", "stylize PHOTO STYLE -o a.png --size 64 --iterations 1 --threads 1"),
    ],
)
def test_a_closed_stream_is_no_reason_to_fail(
    closed: str,
    command: str,
    small_portrait: Path,
    small_style: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"PHOTO": str(small_portrait), "STYLE": str(small_style)}
    with monkeypatch.context() as patch, pytest.raises(SystemExit) as stop:
        patch.setattr(sys, "stdout", io.StringIO())
        patch.setattr(sys, "stderr", io.StringIO())
        patch.setattr(sys, closed, None)
        patch.setattr(sys, "argv", ["portrait-nst", *(given.get(word, word) for word in command.split())])
        main.run()
    assert not stop.value.code
    assert Path("a.png").is_file() == ("a.png" in command)


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors as a shell of POSIX does")
def test_a_process_without_streams_makes_its_picture_and_refuses_to_send_one(
    small_portrait: Path, tmp_path: Path
) -> None:
    def run_closed(closed: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """The command as a shell starts it with these descriptors closed, such as "1>&- 2>&-"."""
        shell = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "portrait_nst"]
        return subprocess.run([*shell, *arguments], cwd=tmp_path, capture_output=True, check=False)

    done = run_closed("<&- >&- 2>&-", "mask", str(small_portrait), "-o", "a.png")
    assert done.returncode == 0 and (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    sent = run_closed(">&-", "mask", str(small_portrait), "-o", "-")
    assert sent.returncode == 2 and b"Standard output is closed, where the picture is to go" in sent.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_table_that_cannot_be_written_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "portrait_nst", "styles"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Error: Standard output cannot be written: No space left on device.\n"
