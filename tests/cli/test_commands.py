"""Every command as a user types it: results, exit statuses, messages, and what is left on disk."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging
from portrait_nst.cli import main

QUICK = ["--size", "64", "--iterations", "2", "--threads", "1"]


def run(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """How the command ends. It runs in this process, which has imported already what takes a new one seconds."""
    out, err = io.StringIO(), io.StringIO()
    command = ["portrait-nst", *map(str, args)]
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, {"COLUMNS": "200", "NO_COLOR": "1"}),
        mock.patch.object(sys, "argv", command),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as stop,
    ):
        main.run()
    status = stop.value.code or 0
    assert isinstance(status, int)
    return subprocess.CompletedProcess(command, status, out.getvalue(), err.getvalue())


def run_process(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, so that what libraries write to the terminal is seen too."""
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "portrait_nst", *map(str, args)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=environment, check=False)


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_stylize_then_rerun(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    first = run("stylize", small_portrait, small_style, "-o", "a.png", "--brushwork", 0.4, *QUICK, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout == "a.png\n"
    again = run_process(
        "rerun", "a.png", "--photo", small_portrait, "--style", small_style, "-o", "b.png", "-q", cwd=tmp_path
    )
    assert (again.returncode, again.stdout, again.stderr) == (0, "b.png\n", "")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert imaging.read_recipe(tmp_path / "b.png")["settings"]["brushwork"] == 0.4


def test_json_and_the_default_name(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    done = run("stylize", small_portrait, small_style, "--json", *QUICK, cwd=tmp_path)
    values = json.loads(done.stdout)
    assert values["output"] == "grace-waves.png"
    assert values["people"] == 1 and values["size"] == [136, 160]
    assert (tmp_path / "grace-waves.png").is_file()
    assert done.stderr == ""


def test_mask_and_overlay(small_portrait: Path, tmp_path: Path) -> None:
    done = run("mask", small_portrait, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["people"] == 1
    matte = np.asarray(Image.open(tmp_path / "grace-mask.png").convert("L"))
    assert matte.shape == (160, 136) and matte[-1, 68] == 255 and matte[2, 130] == 0
    assert run("mask", small_portrait, "--overlay", cwd=tmp_path).stdout == "grace-overlay.png\n"


def test_a_users_mask_and_previews(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    Image.fromarray(np.uint8(np.indices((20, 17))[0] > 9) * 255).save(tmp_path / "mask.png")
    done = run(
        "stylize",
        small_portrait,
        small_style,
        "--mask",
        "mask.png",
        "-o",
        "a.webp",
        "--preview-every",
        1,
        *QUICK,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(files(tmp_path)) == ["a-preview.png", "a.webp", "mask.png"]


def bad_inputs(folder: Path, portrait: Path) -> dict[str, tuple[list[object], str]]:
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("I am not a picture")
    (folder / "cut.png").write_bytes(portrait.read_bytes()[:3000])
    Image.new("RGB", (1, 1)).save(folder / "one.png")
    Image.new("RGB", (100_000, 1)).save(folder / "line.png")
    Image.new("RGB", (64, 64), (90, 120, 200)).save(folder / "nobody.png")
    (folder / "there.png").write_bytes(b"precious")
    good = portrait
    return {
        "missing": ([folder / "no.jpg"], "no.jpg"),
        "empty": ([folder / "empty.jpg"], "empty"),
        "text": ([folder / "text.jpg"], "text.jpg"),
        "truncated": ([folder / "cut.png"], "cut.png"),
        "one pixel": ([folder / "one.png"], "one.png"),
        "a line": ([folder / "line.png"], "line.png"),
        "a folder": ([folder], "folder"),
        "nobody": ([folder / "nobody.png"], "--region all"),
        "exists": ([good, "-o", folder / "there.png"], "--force"),
        "a folder as the output": ([good, "-o", folder], "is a folder; expected the name of a picture file"),
        "a GPU that is not there": (
            [folder / "nobody.png", "-o", "a.png", "--device", "cuda:99"],  # said before anybody is searched
            "There is no cuda:99 device here",
        ),
        "no such folder": ([good, "-o", folder / "none" / "a.png"], "none"),
        "unknown format": ([good, "-o", "a.bmp"], ".png"),
        "no alpha in jpeg": ([good, "-o", "a.jpg", "--background", "transparent"], ".png"),
        "bad size": ([good, "--size", "huge"], "full"),
        "bad strength": ([good, "--strength", "1.5"], "0 to 1"),
        "bad brushwork": ([good, "--brushwork", "-0.1"], "brushwork must be a number from 0 to 1"),
        "bad quality": ([good, "--quality", "best"], "draft, standard, fine"),
        "bad encoder": ([good, "--encoder", "vgg99"], "embedded"),
        "bad layer": ([good, "--style-layer", "relu9_9"], "relu3_4"),
        "bad weights": ([good, "--encoder", "vgg19", "--weights", folder / "text.jpg"], "state dict"),
        "third person": ([good, "--person", "3"], "only one person"),
        "bad person": ([good, "--person", "tallest"], "largest"),
        "empty mask": ([good, "--mask", folder / "black.png"], "black everywhere"),
        "another photo's mask": (
            [good, "--mask", folder / "wide.png"],
            "the photo 136x160: expected the same proportions",
        ),
        "over the input": ([good, "-o", good, "--force"], "input"),
    }


CASES = [
    "a folder as the output", "a GPU that is not there",
    "missing", "empty", "text", "truncated", "one pixel", "a line", "a folder", "nobody", "exists", "no such folder",
    "unknown format", "no alpha in jpeg", "bad size", "bad strength", "bad brushwork", "bad quality", "bad encoder",
    "bad layer", "bad weights", "third person", "bad person", "empty mask", "another photo's mask", "over the input",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_ends_in_one_clear_line_and_loses_nothing(
    case: str,
    small_portrait: Path,
    small_style: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Image.new("L", (34, 40), 0).save(tmp_path / "black.png")
    Image.new("L", (40, 34), 255).save(tmp_path / "wide.png")
    cases = bad_inputs(tmp_path, small_portrait)
    assert sorted(cases) == sorted(CASES)
    arguments, expected = cases[case]
    photo, *rest = arguments
    before, portrait = files(tmp_path), small_portrait.read_bytes()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["portrait-nst", "stylize", str(photo), str(small_style), *map(str, rest), *QUICK])
    if "--size" in map(str, rest):
        monkeypatch.setattr(sys, "argv", [*sys.argv[: -len(QUICK)], "--iterations", "1"])
    with pytest.raises(SystemExit) as stop:
        main.run()
    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert out == ""
    assert err.startswith("Error: ") and err.count("\n") == 1, err
    assert expected in err
    assert "Traceback" not in err
    assert files(tmp_path) == before
    assert small_portrait.read_bytes() == portrait


def test_force_overwrites(small_portrait: Path, tmp_path: Path) -> None:
    (tmp_path / "grace-mask.png").write_bytes(b"old")
    assert run("mask", small_portrait, cwd=tmp_path).returncode == 2
    assert (tmp_path / "grace-mask.png").read_bytes() == b"old"
    assert run("mask", small_portrait, "--force", cwd=tmp_path).returncode == 0
    assert (tmp_path / "grace-mask.png").read_bytes() != b"old"


def test_usage_errors_and_version(tmp_path: Path) -> None:
    assert run_process("--version", cwd=tmp_path).stdout.startswith("portrait-nst 0.")
    wrong = run("stylize", "--nonsense", cwd=tmp_path)
    assert wrong.returncode == 2 and "Traceback" not in wrong.stderr
    assert run("rerun", "none.png", cwd=tmp_path).returncode == 2


def test_rerun_of_a_picture_without_a_recipe(small_portrait: Path, tmp_path: Path) -> None:
    done = run("rerun", small_portrait, "-o", "b.png", cwd=tmp_path)
    assert done.returncode == 2 and "recipe" in done.stderr and not files(tmp_path)
