"""`portrait-nst styles`, and names on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import portrait_nst
from portrait_nst import imaging, pipeline
from portrait_nst.cli import main
from portrait_nst.errors import MaskError
from portrait_nst.report import style_sheet
from portrait_nst.report.style_sheet import LONGEST
from portrait_nst.settings import Settings
from tests.test_contracts import COMMANDS, HEAVY

from .test_commands import run_process as typed

QUICK = ["--size", "64", "--iterations", "1", "--scale", "1", "--threads", "1", "--device", "cpu", "--method", "gram"]
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a photo, "me.png", and a mask for it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "300")
    rng = np.random.default_rng(1)
    imaging.save(portrait_nst.Photo(rng.integers(0, 255, (64, 48, 3), np.uint8)), "me.png")
    Image.fromarray(np.uint8(np.indices((64, 48))[0] > 20) * 255).save("mask.png")
    return folder


def run(*arguments: object, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> tuple[object, str, str]:
    """Exit status and both outputs of a command that is run here, where `library` is the package's."""
    monkeypatch.setattr(sys, "argv", ["portrait-nst", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main.run()
    out, err = capsys.readouterr()
    return stop.value.code or 0, out, err


def test_the_list(library: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    status, out, err = run("styles", monkeypatch=monkeypatch, capsys=capsys)
    assert (status, err) == (0, "")
    rows = [line.strip().split(maxsplit=1) for line in out.splitlines()]
    assert rows == [["blue_dots", "cold noise"], ["red", "warm noise"]]
    _, out, _ = run("styles", "--json", monkeypatch=monkeypatch, capsys=capsys)
    assert json.loads(out) == [
        {"name": name, "file": str(library / f"{name}.png"), "description": text, "size": [64, 72]}
        for name, text in (("blue_dots", "cold noise"), ("red", "warm noise"))
    ]


@pytest.mark.parametrize("arguments", [["styles"], ["styles", "--json"], ["styles", "--help"]])
def test_the_list_loads_nothing_heavy_and_a_row_is_a_line(arguments: list[str]) -> None:
    code = (
        "import sys; from portrait_nst.cli.main import app; from typer.testing import CliRunner\n"
        f"done = CliRunner().invoke(app, {arguments!r}); assert done.exit_code == 0\n"
        f"print(done.stdout); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    *rows, loaded = done.stdout.strip().splitlines()
    assert loaded == "[]"
    if arguments == ["styles"]:
        folder = Path(__file__).parents[2] / "samples" / "styles"
        assert [row.split()[0] for row in rows if row] == sorted(path.stem for path in folder.glob("*.png"))


@pytest.mark.parametrize(
    "option",
    [
        *(["-o", "a.png"], ["--style", "red"], ["--columns", "2"], ["--mask", "mask.png"]),
        *(["--strength", ".5"], ["--quality", "draft"], ["--preset", "chollet"], ["--style-layer", "relu1_1"]),
    ],
)
def test_without_a_photo_there_is_nothing_to_paint(
    option: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    status, out, err = run("styles", *option, monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (2, "") and "photo is missing" in err and err.count("\n") == 1


def test_a_sheet_of_all_styles(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """The photo first, then each style as `stylize` paints it in a draft."""
    drawn: list[Any] = []

    def drawing(tiles: Any, path: Path, **how: Any) -> None:
        drawn.append((tiles, how))
        imaging.save(imaging.load("me.png"), path)

    monkeypatch.setattr(
        import_module("portrait_nst.report.style_sheet"),  # by attributes it is the function of that name
        "contact_sheet",
        drawing,
    )
    options = ["--mask", "mask.png", "--strength", "0.7", "--columns", "2", *QUICK]
    status, out, err = run("styles", "me.png", *options, monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (0, "me-styles.png\n"), err
    assert [line.split()[:2] for line in err.splitlines()] == [["1/2", "blue_dots"], ["2/2", "red"]]
    (tiles, how) = drawn[0]
    assert [(tile.caption, tile.note) for tile in tiles] == [
        ("photo", "me.png"), ("blue_dots", "cold noise"), ("red", "warm noise"),
    ]  # fmt: skip
    assert how["columns"] == 2
    assert np.array_equal(tiles[0].picture, imaging.load("me.png").rgb)
    quick: dict[str, Any] = {
        "method": "gram",
        "size": 64,
        "iterations": 1,
        "scales": (1.0,),
        "threads": 1,
        "device": "cpu",
    }
    settings = Settings(quality="draft", strength=0.7, **quick)
    for tile in tiles[1:]:
        single = pipeline.stylize("me.png", tile.caption, mask="mask.png", settings=settings)
        assert np.array_equal(tile.picture, single.rgb)


def test_a_sheet_of_some_styles_and_own_pictures_is_written_once(
    here: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """As it is, with --json, and not over a file that is there."""
    arguments = ["styles", "me.png", "-o", "s.png", "--mask", "mask.png", *QUICK]
    some = ["--style", "RED", "--style", small_style, "--style", "red"]
    status, out, err = run(*arguments, *some, "--json", monkeypatch=monkeypatch, capsys=capsys)
    values = json.loads(out)
    assert (status, err, values["output"]) == (0, "", "s.png")
    assert [(row["name"], row["error"]) for row in values["styles"]] == [("red", ""), ("waves", "")]
    with Image.open("s.png") as sheet:
        assert sheet.width > 3 * 360  # three beside each other
    before = Path("s.png").read_bytes()
    status, _, err = run(*arguments, *some, monkeypatch=monkeypatch, capsys=capsys)
    assert status == 2 and "--force" in err and Path("s.png").read_bytes() == before
    status, _, err = run(
        *arguments, "--style", "red", "--columns", "1", "--force", monkeypatch=monkeypatch, capsys=capsys
    )
    with Image.open("s.png") as sheet:
        assert status == 0 and sheet.height > sheet.width


def test_an_input_is_never_overwritten(
    here: Path, library: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for target in ("me.png", "mask.png", library / "red.png", library / "blue_dots.png"):
        arguments = ["styles", "me.png", "-o", target, "--force", "--mask", "mask.png", "--style", "red"]
        arguments += ["--background", "blue-dots", *QUICK]
        status, _, err = run(*arguments, monkeypatch=monkeypatch, capsys=capsys)
        assert status == 2 and "one of the inputs" in err
    arguments = ["stylize", "me.png", "red", "--background", "blue-dots", "--mask", "mask.png", "--force"]
    for name in ("red", "blue_dots"):
        status, _, err = run(*arguments, "-o", library / f"{name}.png", monkeypatch=monkeypatch, capsys=capsys)
        assert status == 2 and "one of the inputs" in err


def test_a_style_that_fails_is_told_and_the_others_go_on(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    Path("bad.png").write_bytes(b"no picture")
    arguments = ["styles", "me.png", "-o", "s.png", "--mask", "mask.png", *QUICK]
    status, out, err = run(*arguments, "--style", "bad.png", "--style", "red", monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (1, "s.png\n") and Path("s.png").is_file()
    assert "1/2  bad  failed: bad.png is not a picture" in err and "2/2  red" in err
    Path("s.png").unlink()
    status, out, err = run(*arguments, "--style", "bad.png", monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (2, "") and not Path("s.png").exists()
    assert err.splitlines()[-1].startswith(
        "Error: The photo could be painted in none of the styles; bad: bad.png is not"
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--style", "rod"], "Did you mean red?"),
        (["--background", "beige"], "'beige' is none of these"),
        (["--style-layer", "nonsense"], "no layer 'nonsense'"),
        (["-o", "s.jpg"], "must end in .png"),
        (["--quality", "best"], "draft, standard, fine"),
    ],
)
def test_what_every_style_would_fail_with_is_told_once(
    wrong: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    arguments = ["styles", "me.png", "--mask", "mask.png", *QUICK, *wrong]
    status, out, err = run(*arguments, monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (2, "") and said in err and err.count("\n") == 1, err


@pytest.mark.parametrize("done", [0, 1])
def test_ctrl_c_keeps_a_sheet_of_what_is_painted(done: int, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    real = pipeline.Run.result
    painted: list[Any] = []

    def interrupted(run: pipeline.Run, on_step: Any = None) -> Any:
        painted.append(real(run, _interrupt if len(painted) == done else on_step))
        return painted[-1]

    monkeypatch.setattr(pipeline.Run, "result", interrupted)
    arguments = ["styles", "me.png", "-o", "s.png", "--mask", "mask.png", *QUICK]
    status, out, err = run(*arguments, monkeypatch=monkeypatch, capsys=capsys)
    assert status == 130 and Path("s.png").exists() == bool(done)
    assert out == ("s.png\n" if done else "")
    assert ("what was painted so far" if done else "nothing was written") in err


def _interrupt(step: object) -> None:
    raise KeyboardInterrupt


def test_the_person_is_found_once_and_a_large_photo_is_painted_as_large_as_it_is_seen(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst import segmentation

    found, seen = [], []

    def person(photo: portrait_nst.Photo, **how: Any) -> portrait_nst.Matte:
        found.append(photo.rgb.shape)
        alpha = np.zeros(photo.rgb.shape[:2], np.float32)
        alpha[400:800] = 1
        return portrait_nst.Matte(alpha)

    def planned(stylizer: pipeline.Stylizer, subject: pipeline.Subject, style: Path, settings: Settings) -> Any:
        seen.append((subject.size, subject.matte.alpha.shape, subject.matte.alpha.mean()))
        raise MaskError("not painted here")

    monkeypatch.setattr(segmentation, "person", person)
    monkeypatch.setattr(pipeline.Stylizer, "plan", planned)
    large = np.zeros((1600, 1200, 3), np.uint8)
    with pytest.raises(portrait_nst.InputError, match="none of the styles"):
        style_sheet(large, "s.png")
    assert found == [(1600, 1200, 3)]
    assert seen == [((LONGEST, LONGEST * 3 // 4),) * 2 + (0.25,)] * 2
    with pytest.raises(portrait_nst.InputError, match="none of the styles"):
        style_sheet(large, "s.png", ["red"], Settings(size=1000))
    assert seen[-1][0] == (1000, 750)


@pytest.mark.parametrize(("command", "quality"), [("styles", "draft"), ("stylize", "standard")])
def test_the_help_says_that_a_sheet_is_a_draft_and_a_painting_is_not(command: str, quality: str) -> None:
    shown = {parameter.name: parameter.default for parameter in COMMANDS[command].params}
    assert shown["quality"] == quality and shown["strength"] == Settings().strength


def test_a_name_on_the_command_line(
    here: Path, library: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Outputs are called after the style itself, however its name was written."""
    mask = ["--mask", "mask.png", "-q", *QUICK]
    blend = ["--blend", "red:0.5"]
    status, out, err = run("stylize", "me.png", "Blue-Dots", *blend, *mask, monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (0, "me-blue_dots+red.png\n"), err
    recipe = imaging.read_recipe("me-blue_dots+red.png")
    assert [recipe["inputs"][role]["name"] for role in ("style", "style 2")] == ["blue_dots", "red"]
    assert [entry["weight"] for entry in recipe["styles"][0]["blend"]] == [1.0, 0.5]
    status, out, err = run("reconstruct", "style", "RED", "-q", *QUICK[:-2], monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (0, "red-style.png\n"), err
    vary = ["--vary", "strength=0.3", *mask]
    status, out, err = run("compare", "me.png", "RED", *vary, monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (0, "me-red-compare/index.html\n"), err
    labels = ["--labels", "mask.png", "--region-style", "255=red", "--region-style", "0=Blue-Dots"]
    status, out, err = run("stylize", "me.png", *labels, "-q", *QUICK, monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (0, "me-regions.png\n"), err
    for wrong in (["rod"], ["red", "--blend", "rod:0.5"], ["--labels", "mask.png", "--region-style", "255=rod"]):
        status, _, err = run("stylize", "me.png", *wrong, *QUICK, monkeypatch=monkeypatch, capsys=capsys)
        assert status == 2 and "Did you mean red?" in err and err.count("\n") == 1


@pytest.mark.slow
def test_one_of_our_own_pictures_as_a_user_types_it(small_portrait: Path, here: Path) -> None:
    """In a process of its own, with the real pictures."""
    done = typed("stylize", small_portrait, "Impasto", "-q", *QUICK, cwd=here)
    assert (done.returncode, done.stdout) == (0, "grace-impasto.png\n"), done.stderr
    again = typed("rerun", "grace-impasto.png", "--photo", small_portrait, "-o", "b.png", "-q", cwd=here)
    assert again.returncode == 0 and Path("b.png").read_bytes() == Path("grace-impasto.png").read_bytes()
