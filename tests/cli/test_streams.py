"""Names of files on standard output and error, whatever the terminal's encoding lacks."""

from __future__ import annotations

import io
import json
import os
import shutil
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
