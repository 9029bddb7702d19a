"""`portrait-nst popart`: several files from one run, and refusals before any work."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from portrait_nst.cli.popart import command
from portrait_nst.errors import InputError, MaskError
from portrait_nst.pop_art import NAMES

pytestmark = pytest.mark.usefixtures("small_pop_art")
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
        (["--tones", "1"], "from 3 to 8"),
        (["-o", "a.svg", "--sheet", "a.svg"], "same name, a.svg"),
        (["-o", "a"], "one of .jpg .jpeg .png .webp .tif .tiff .avif .heic .heif .hif .svg .pdf"),
        (["-o", "a.gif"], "one of .jpg .jpeg .png .webp .tif .tiff .avif .heic .heif .hif .svg .pdf"),
        (["--report", "a.png"], "must be .json"),
        (["--palette", ""], "--palette is empty"),
        (["--palette", "teal;neon"], "mode grid only"),
        (["--grid", "3x2"], "--mode grid only"),
        (["--paper", "A3"], "--sheet FILE.pdf"),
        (["--region", "hat"], "one of person, all"),
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


def test_the_way_out_that_is_told_where_nobody_is_found_exists(tmp_path: Path) -> None:
    Image.new("RGB", (80, 80), "navy").save(tmp_path / "a.png")
    given = [str(tmp_path / "a.png"), "-o", str(tmp_path / "b.svg")]
    with pytest.raises(MaskError, match="--region all"):
        run(app, given, catch_exceptions=False)
    assert run(app, [*given, "--region", "all"]).exit_code == 0


def test_help_names_every_palette() -> None:
    said = run(app, ["--help"], env={"COLUMNS": "400"}).output
    assert all(name in said for name in NAMES)


def test_of_a_group_it_is_said_that_one_was_chosen(samples: Path, tmp_path: Path) -> None:
    one = Image.open(samples / "astronaut.jpg")
    two = Image.new("RGB", (1024, 512))
    two.paste(one, (0, 0))
    two.paste(one, (512, 0))
    two.save(tmp_path / "two.png")
    done = run(app, [str(tmp_path / "two.png"), "-o", str(tmp_path / "a.svg"), "--json", "--no-likeness"])
    assert any(note.startswith("2 faces were found") for note in json.loads(done.stdout)["notes"])
