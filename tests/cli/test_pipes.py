"""`-` as an input and an output: raw bytes on standard output, talk on standard error, one clear line for what cannot work."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging, resources
from portrait_nst.cli import main

from .test_commands import QUICK as SMALL

pytestmark = pytest.mark.usefixtures("small_pop_art")
QUICK = [*SMALL, "--method", "gram"]
COMMAND = [sys.executable, "-m", "portrait_nst"]


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def piped(
    *arguments: object,
    data: bytes,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    terminal: str = "",
) -> tuple[object, bytes, str]:
    """Exit status, standard output and standard error of a command that has `data` on standard input."""
    out = io.BytesIO()
    for name, stream in (("stdin", io.BytesIO(data)), ("stdout", out)):
        monkeypatch.setattr(sys, name, (Terminal if name == terminal else io.TextIOWrapper)(stream))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "argv", ["portrait-nst", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main.run()
    return stop.value.code, out.getvalue(), capsys.readouterr().err


def test_a_mask_through_pipes_whatever_the_environment(small_portrait: Path) -> None:
    hostile = {
        "HOME": os.devnull,
        "MPLCONFIGDIR": os.devnull,
        "PYTHONWARNINGS": "error",
        "OMP_DISPLAY_ENV": "true",
        "GLOG_v": "3",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        [*COMMAND, "mask", "-", "-o", "-"],
        input=small_portrait.read_bytes(),
        capture_output=True,
        env={**os.environ, **hostile},
        check=True,
    )
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert (image.format, image.size) == ("PNG", (136, 160))
    assert done.stderr.startswith(b"selfie segmentation, 1 person: ") and done.stderr.count(b"\n") == 1


def test_a_painting_through_pipes_can_be_made_again_through_pipes(
    small_portrait: Path,
    small_style: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = small_portrait.read_bytes()
    command = ["stylize", "-", small_style, "-o", "-", "--format", "webp", *QUICK]
    status, first, err = piped(*command, data=data, monkeypatch=monkeypatch, capsys=capsys)
    assert not status and first[8:12] == b"WEBP" and "painted in" in err
    (tmp_path / "a.webp").write_bytes(first)
    photo = imaging.read_recipe(tmp_path / "a.webp")["inputs"]["photo"]
    assert photo["file"] is None and photo["sha256"] == hashlib.sha256(data).hexdigest()
    inputs = ["--photo", str(small_portrait), "--style", str(small_style)]
    status, again, err = piped("rerun", "-", "-q", *inputs, data=first, monkeypatch=monkeypatch, capsys=capsys)
    assert not status and (again[8:12], err) == (b"WEBP", "")  # the picture's own format
    assert (imaging.decode(again, "again").rgb == imaging.decode(first, "first").rgb).all()
    status, out, err = piped(
        "rerun", tmp_path / "a.webp", "-o", "-", "--format", "png", "-q", *inputs,
        data=b"", monkeypatch=monkeypatch, capsys=capsys,
    )  # fmt: skip
    assert not status and out[:4] == b"\x89PNG" and err == ""


def test_a_reader_that_has_gone_ends_it_quietly(small_portrait: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "mask", small_portrait, "-o", "-", "-q"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_pop_art_as_a_drawing_on_standard_output_and_as_a_picture_beside_it(
    small_portrait: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = tmp_path / "a.png"
    status, out, err = piped(
        "popart", "-", "-o", "-", "--format", "svg", "-o", beside, "--no-likeness",
        data=small_portrait.read_bytes(), monkeypatch=monkeypatch, capsys=capsys,
    )  # fmt: skip
    assert status is None or status == 0
    assert out.startswith(b"<svg") and out.rstrip().endswith(b"</svg>") and beside.is_file()
    assert f"wrote {beside}" in err.replace("\n", "")


def test_a_style_and_a_mask_may_come_from_the_pipe(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The photo has a name, so that `-o -` alone decides where the picture goes."""
    mask = io.BytesIO()
    Image.fromarray(np.uint8(np.indices((160, 136))[0] > 80) * 255).save(mask, "PNG")
    photo = np.asarray(Image.open(small_portrait))
    given: dict[str, list[object]] = {"style": ["-"], "mask": [small_style, "--mask", "-"]}
    for name, data in (("style", small_style.read_bytes()), ("mask", mask.getvalue())):
        arguments = ["stylize", small_portrait, *given[name], "-o", "-", "-q", *QUICK]
        _, out, err = piped(*arguments, data=data, monkeypatch=monkeypatch, capsys=capsys)
        with Image.open(io.BytesIO(out)) as image:
            painted = np.asarray(image)
        assert err == "" and painted.shape == photo.shape
    assert (painted[:70] == photo[:70]).all() and (painted[90:] != photo[90:]).any()


@pytest.mark.parametrize(
    ("arguments", "data", "terminal", "said"),
    [
        (["mask", "-", "-o", "-"], b"", "", "Standard input is empty (0 bytes)"),
        (["mask", "-", "-o", "-"], b"hello, I am a text", "", "Standard input is not a picture that can be read: it looks like"),
        (["mask", "-", "-o", "-"], b"", "stdin", "which is a terminal here; pipe a picture into it"),
        (["mask", "-", "-o", "-"], b"x", "stdout", "-o - writes the picture's bytes to standard output, which is a terminal"),
        (["mask", "-"], b"x", "stdout", "give one with -o FILE"),
        (["mask", "-", "--json"], b"x", "", "--json prints on standard output, where the picture goes"),
        (["mask", "-", "-o", "a.png", "--format", "jpg"], b"x", "", "The suffix of a.png chooses its format"),
        (["mask", "-", "--format", "bmp"], b"x", "", "--format must be one of jpg, jpeg, png"),
        (["mask", "-", "--format", "svg"], b"x", "", "--format must be one of jpg, jpeg, png"),
        (["mask", "a.jpg", "-o", os.devnull], b"x", "", f"write into it with -o - > {os.devnull}"),
        (["stylize", "-", "-"], b"x", "", "Standard input holds one picture, and photo and style are both -"),
        (["stylize", "a.jpg", "-", "--mask", "-"], b"x", "", "style and mask are both -"),
        (["stylize", "-", "mosaic", "--preview-every", "1"], b"x", "", "--preview-every writes beside the output"),
        (["popart", "-", "-o", "-", "-o", "-"], b"x", "", "Two outputs have the same name, -"),
        (["styles", "-", "-o", "-"], b"x", "", "styles does not read the photo from a pipe; name a file"),
        (["styles", "a.jpg", "-o", "-"], b"x", "", "styles does not write to a pipe; give the name of a file with -o"),
        (["reconstruct", "style", "-"], b"x", "", "reconstruct does not read the picture from a pipe"),
        (["batch", "-", "mosaic", "--out", "out"], b"x", "", "batch does not read the photos from a pipe"),
        (["rerun", "-"], b"<svg></svg>", "", "The picture is a drawing, which holds no recipe"),
        (["rerun", "-"], b"%PDF-1.4", "", "The picture is a drawing, which holds no recipe"),
        (["rerun", "-"], b"hello, I am a text", "", "The picture is not a picture that can be read: it looks like a text"),
        (["compare", "-", "mosaic", "--vary", "strength=0,1", "-o", "-"], b"x", "", "-o is a folder"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_in_one_line(
    arguments: list[str],
    data: bytes,
    terminal: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = piped(*arguments, data=data, terminal=terminal, monkeypatch=monkeypatch, capsys=capsys)
    assert (status, out) == (2, b"")
    assert err.startswith("Error: ") and err.count("\n") == 1 and said in err, err
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_full_is_said(
    small_portrait: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    monkeypatch.setattr(sys, "argv", ["portrait-nst", "mask", str(small_portrait), "-o", "-"])
    with open("/dev/full", "w") as full, monkeypatch.context() as patch, pytest.raises(SystemExit) as stop:  # noqa: PTH123
        patch.setattr(sys, "stdout", full)
        main.run()
    assert stop.value.code == 2 and "Standard output cannot be written" in capsys.readouterr().err


def test_the_format_gives_the_default_name_its_suffix(
    small_portrait: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    _, out, _ = piped("mask", small_portrait, "--format", "JPG", data=b"", monkeypatch=monkeypatch, capsys=capsys)
    assert out == b"grace-mask.jpg\n" and (tmp_path / "grace-mask.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_without_a_folder_to_keep_things_in_a_movement_is_painted_all_the_same(
    small_portrait: Path,
    small_style: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "library" / "waves").mkdir(parents=True)
    (tmp_path / "library" / "waves" / "one.png").write_bytes(small_style.read_bytes())
    monkeypatch.setenv(resources.HOME, os.devnull)
    arguments = ["stylize", small_portrait, "--movement", "waves", "--library", tmp_path / "library", "-o", "-", *QUICK]
    _, out, err = piped(*arguments, data=b"", monkeypatch=monkeypatch, capsys=capsys)
    assert out[:4] == b"\x89PNG" and err.count(resources.HOME) == 1
