"""`portrait-nst popart`: several files from one run, and refusals before any work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from portrait_nst.cli.popart import command
from portrait_nst.errors import InputError

app = typer.Typer()
app.command()(command)
run = CliRunner().invoke


def test_several_files_from_one_run(samples: Path, tmp_path: Path) -> None:
    names = ["a.png", "a.svg", "a.pdf"]
    given = [x for name in names for x in ("-o", str(tmp_path / name))]
    sheets = ["--sheet", str(tmp_path / "s.svg"), "--sheet", str(tmp_path / "s.pdf"), "--paper", "A3"]
    report = ["--report", str(tmp_path / "r.json"), "--json", "--palette", "electric"]
    done = run(app, [str(samples / "astronaut.jpg"), *given, *sheets, *report])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [Path(p).name for p in said["outputs"]] == [*names, "s.svg", "s.pdf", "r.json"]
    assert all(Path(p).stat().st_size > 1000 for p in said["outputs"])
    assert json.loads((tmp_path / "r.json").read_text())["measures"] == said["measures"]
    with Image.open(tmp_path / "a.png") as image:
        assert list(image.size) == said["frame"]["size"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "a.svg", "-o", "./a.svg"], "same name"),
        (["--palette", "nope"], "no palette"),
        (["--palette", "teal", "--palette-from", "x.jpg"], "not both"),
        (["--grid", "2"], "columns x rows"),
        (["--sheet", "s.png"], "must be .svg or .pdf"),
        (["--sheet", "s.svg", "--paper", "A99"], "paper"),
        (["-o", "nowhere/a.svg"], "does not exist"),
        (["-o", "there.svg"], "exists already"),
        (["--tones", "1"], "between 3 and 8"),
    ],
)
def test_refused_before_any_work(
    options: list[str], message: str, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.svg").write_text("mine")
    done = run(app, [str(samples / "astronaut.jpg"), *options])
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)
    assert [p.name for p in tmp_path.iterdir()] == ["there.svg"]
    assert (tmp_path / "there.svg").read_text() == "mine"
