"""`portrait-nst batch` and `batch-status` as a user types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from portrait_nst.batch import Options, Order
from tests.batch.fake_workers import photos
from tests.cli.test_commands import run, run_process

QUICK = ["--size", "64", "--iterations", "1", "--scale", "1", "--threads", "1", "--workers", "1", "--device", "cpu"]


def test_a_batch_paints_what_single_runs_paint(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    (folder / "me.png").write_bytes(small_portrait.read_bytes())
    (folder / "sub" / "bad.jpg").write_bytes(b"no picture")
    done = run_process(
        "batch",
        "photos",
        small_style,
        "--out",
        "painted",
        "--json",
        *QUICK,
        "--report",
        "painted/page.html",
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stderr
    first, second = sorted(map(json.loads, done.stdout.splitlines()), key=lambda values: values["state"])
    assert first["state"] == "done" and first["scores"]["likeness"] > 0 and first["seconds"] > 0
    assert second["state"] == "failed" and "bad.jpg is not a picture" in second["error"]
    assert "painted" in done.stderr and "Traceback" not in done.stderr
    assert "bad.jpg is not a picture" in (tmp_path / "painted" / "page.html").read_text()
    single = run(
        "stylize", folder / "me.png", small_style, "-o", "one.png", *QUICK[:8], "--device", "cpu", cwd=tmp_path
    )
    assert single.returncode == 0, single.stderr
    assert (tmp_path / "painted" / "me-waves.png").read_bytes() == (tmp_path / "one.png").read_bytes()
    status = run("batch-status", "painted", "--json", cwd=tmp_path)
    assert json.loads(status.stdout)["states"] == {"pending": 0, "running": 0, "done": 1, "failed": 1}
    assert "bad.jpg" in run("batch-status", "painted", cwd=tmp_path).stderr


def test_a_dry_run_writes_nothing(small_style: Path, tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.png", "new\nline.png"])
    dry = run("batch", "in", small_style, "--out", "out", "--dry-run", *QUICK, cwd=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout == "a-waves.png  (new)\nnew\\nline-waves.png  (new)\n"
    assert "2 pictures in about" in dry.stderr and "GB" in dry.stderr
    assert not (tmp_path / "out").exists()
    values = run(
        "batch", "in", "--kind", "popart", "--out", "out", "--dry-run", "--json", cwd=tmp_path
    ).stdout.splitlines()
    assert json.loads(values[0])["output"] == "a-popart.png" and json.loads(values[-1])["pictures"] == 2


def test_what_a_dry_run_says_comes_in_its_order_and_names_are_no_codes(small_style: Path, tmp_path: Path) -> None:
    photos(tmp_path / "in", [f"{n:02}.png" for n in range(12)])
    (tmp_path / "in" / "00\x1b[31m.png").touch()
    command = [sys.executable, "-m", "portrait_nst", "batch", "in", small_style, "--out", "out", "--dry-run", *QUICK]
    both = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
        "env": {**os.environ, "COLUMNS": "80"},
    }
    said = subprocess.run([*command, "--limit", "11"], cwd=tmp_path, check=True, **both).stdout  # type: ignore[call-overload]
    lines = said.splitlines()
    assert [line.endswith("(new)") for line in lines[:10]] == [True] * 10 and lines[10] == "... and 1 more"
    assert "note: 2 remain beyond --limit: give the same command again" in lines
    assert "00\\x1b[31m.png is empty (0 bytes)" in said and "\x1b" not in said


def test_a_dry_run_names_what_is_no_picture(small_style: Path, tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.png"])
    (tmp_path / "in" / "empty.jpg").touch()
    Image.new("RGB", (9, 40)).save(tmp_path / "in" / "narrow.png")
    dry = run("batch", "in", small_style, "--out", "out", "--dry-run", *QUICK, cwd=tmp_path)
    assert dry.returncode == 0 and "3 pictures (of which 2 cannot be painted) in about" in dry.stderr
    assert "narrow.png is only 9 x 40 pixels" in dry.stderr
    assert [line for line in dry.stderr.splitlines() if "empty.jpg is empty (0 bytes)" in line]
    assert "a.png is no picture" not in dry.stderr


def test_workers_that_have_too_little_memory_are_refused_at_once(small_style: Path, tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.png"])
    for more, way in ((("--workers", "8"), "--workers 2 at most"), ((), None)):
        done = run(
            "batch", "in", small_style, "--out", "out", "--dry-run", *QUICK[:8], "--memory", "3.2", *more, cwd=tmp_path
        )
        if way is None:
            assert done.returncode == 0, done.stderr
        else:
            assert done.returncode == 2 and way in done.stderr and "8 workers have 0.4 GB of memory each" in done.stderr


@pytest.mark.parametrize(
    ("more", "words"),
    [(("--popart-set", "mode=dots"), "--kind popart"), (("--dry-run", "--report", "page.txt"), "must end in .html")],
)
def test_what_a_run_would_refuse_or_leave_unused_is_said(
    small_style: Path, tmp_path: Path, more: tuple[str, ...], words: str
) -> None:
    photos(tmp_path / "in", ["a.png"])
    done = run("batch", "in", small_style, "--out", "out", *more, *QUICK, cwd=tmp_path)
    assert done.returncode == 2 and words in done.stderr and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to paint"),
        (["in"], "style is missing"),
        (["in", "--kind", "foo"], "--kind must be one of stylize, popart, not 'foo'"),
        (["in", "style.png"], "--out DIR"),
        (["in", "none.png", "--out", "out"], "none.png does not exist"),
        (["none", "style.png", "--out", "out"], "none does not exist"),
        (["in/*.gif", "style.png", "--out", "out"], "Nothing matches"),
        (["empty", "style.png", "--out", "out"], "no pictures"),
        (["in", "style.png", "--out", "style.png"], "cannot be made"),
        (["in", "style.png", "--out", "out", "--format", "xyz"], "must end in one of"),
        (["in", "style.png", "--out", "out", "--style-layer", "nonsense"], "nonsense"),
        (["in", "--kind", "popart", "--popart-set", "tones=99", "--out", "out"], "from 3 to 8"),
        (["in", "--kind", "popart", "--popart-set", "tone=5", "--out", "out"], "no setting of pop art 'tone'"),
        (["--jobs", "in/a.png", "--out", "out"], ".csv or .jsonl"),
        (["in/a.png", "style.png", "--out", "out", "--watch"], "folder to watch"),
        (["in", "style.png", "--out", "out", "--report", "page.txt"], ".html"),
    ],
)
def test_mistakes_end_in_one_line(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:

    from portrait_nst.cli.main import run as entry

    photos(tmp_path, ["in/a.png", "style.png"])
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["portrait-nst", "batch", *arguments])
    with pytest.raises(SystemExit) as stop:
        entry()
    out, err = capsys.readouterr()
    assert stop.value.code == 2 and out == ""
    assert words in err and err.startswith("Error: ") and err.count("\n") == 1, err


def test_dry_run_json_keeps_names_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from portrait_nst.cli import batch_output

    photos(tmp_path, ["in/a.png", "style.png"])
    order = Order([tmp_path / "in"], [tmp_path / "style.png"])
    name = os.fsdecode(b"\xff.png")
    try:
        (tmp_path / "in" / name).write_bytes((tmp_path / "in" / "a.png").read_bytes())
    except OSError:
        pytest.skip("the file system holds text only")
    batch_output.dry_run(order, str(tmp_path / "out"), Options(workers=1), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert str(tmp_path / "in" / name) in [row.get("photo") for row in rows]
