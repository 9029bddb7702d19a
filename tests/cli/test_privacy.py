"""What is written names no folder, user or machine, whatever kind of file it is, and nothing that the photo's metadata tells."""

from __future__ import annotations

import getpass
import json
import platform
import shutil
import socket
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from portrait_nst import imaging, pipeline
from tests.leaks import leaks

from .test_commands import run

pytestmark = pytest.mark.usefixtures("small_pop_art")
USER, MACHINE, FOLDER = "quizzical-user", "quizzical-machine", "quizzical-folder"
TOLD = "quizzical-metadata"  # what the photo's own metadata tells
QUICK = [
    "--size",
    "64",
    "--iterations",
    "1",
    "--scale",
    "1",
    "--threads",
    "1",
    "--person",
    "1",
    "-q",
    "--method",
    "gram",
]
REAL = [str(Path.home()) + "/", platform.node(), getpass.getuser()]


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """What must not be found. Short real names occur by chance."""
    return [USER, MACHINE, FOLDER, TOLD, tmp_path.name, *(word for word in REAL if len(word) > 5)]


@pytest.fixture
def home(tmp_path: Path, small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of pictures of a user with a name of their own; the working folder is another one of theirs."""
    pictures = tmp_path / "home" / USER / FOLDER
    (pictures / "work").mkdir(parents=True)
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, USER)
    for name in ("HOSTNAME", "COMPUTERNAME"):
        monkeypatch.setenv(name, MACHINE)
    monkeypatch.setenv("HOME", str(pictures.parent))
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(pictures.parent / ".cache"))
    monkeypatch.setattr(platform, "node", lambda: MACHINE)
    monkeypatch.setattr(socket, "gethostname", lambda: MACHINE)
    monkeypatch.chdir(pictures / "work")
    shutil.copy(small_style, pictures / "style.png")
    with Image.open(small_portrait) as image:
        exif = image.getexif()
        exif[0x013B] = exif[0x8298] = exif[0x010E] = exif[0x013C] = (
            TOLD  # artist, copyright, description, host computer
        )
        exif.get_ifd(0x8825)[29] = TOLD  # the date of GPS
        image.save(
            pictures / "me.jpg",
            quality=95,
            exif=exif,
            comment=TOLD.encode(),
            xmp=f"<x:xmpmeta>{TOLD}</x:xmpmeta>".encode(),
        )
        iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\0" + len(TOLD).to_bytes(2) + TOLD.encode()
        segment = b"\xff\xed" + (len(iptc) + 2).to_bytes(2) + iptc
        data = (pictures / "me.jpg").read_bytes()
        (pictures / "me.jpg").write_bytes(data[:2] + segment + data[2:])
        image.save(pictures / "start.png")
        half = np.uint8(np.indices((160, 136))[0] < 100) * 255
        Image.fromarray(half).save(pictures / "mask.png")
        Image.fromarray(half * 0).save(pictures / "nothing.png")
    (pictures / "colours.txt").write_text("#2B0070\n#C4128F\n#FF6B2C\n#FFC65C\n#EAFF70\n")
    return pictures


def found_in(folder: Path, words: list[str]) -> dict[str, list[str]]:
    """{file: words} for each file below `folder` that holds any."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    return {path.name: told for path in files if (told := leaks(path, words))}


def test_the_search_itself_finds_what_is_hidden(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("a", USER, zip=True)
    picture = Image.new("RGB", (8, 8))
    picture.save(tmp_path / "zip.png", pnginfo=info)
    picture.save(tmp_path / "plain.jpg", comment=USER.encode())
    (tmp_path / "wide.txt").write_text(USER.upper(), "utf-16-le")
    (tmp_path / "file.pdf").write_bytes(b"<<>>stream\n" + zlib.compress(USER.encode() * 9) + b"\nendstream")
    (tmp_path / "clean.txt").write_text("nobody")
    assert set(found_in(tmp_path, [USER, MACHINE])) == {"zip.png", "plain.jpg", "wide.txt", "file.pdf"}


def test_paintings_and_their_reports(home: Path, words: list[str], tmp_path: Path) -> None:
    out = home / "out"
    out.mkdir()
    named = ["--mask", home / "mask.png", "--init", home / "start.png", "--background", home / "style.png"]
    how = [*QUICK, *named, "--style-region", home / "style.png", "--coarse-style", home / "style.png"]
    made = run(
        "stylize", home / "me.jpg", home / "style.png", "--blend", home / "style.png", "-o", out / "a.png",
        "--plot", out / "a.svg", "--timelapse", out / "a.mp4", "--preview-every", 1, *how, cwd=Path.cwd(),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    made = run(
        "stylize", home / "me.jpg", home / "style.png", "-o", out / "b.jpg", "--plot", out / "c.png",
        "--timelapse", out / "d.gif", "--popart", "-q", *QUICK, cwd=Path.cwd(),
    )  # fmt: skip
    assert (made.returncode, made.stderr) == (0, "")
    photo = imaging.load(home / "me.jpg")
    again = pipeline.rerun(out / "a.png", inputs=home)
    for suffix in (".webp", ".tif", ".jpg"):
        again.save(out / f"again{suffix}", exif=photo.exif)
    # The recipe is there all the same, and enough to go on from.
    assert imaging.read_recipe(out / "again.webp")["inputs"]["photo"]["file"] == "me.jpg"
    assert run("mask", home / "me.jpg", "-o", out / "mask.png", cwd=home).returncode == 0
    assert run("reconstruct", "style", home / "style.png", "-o", out / "r.png", *QUICK[:4], cwd=home).returncode == 0
    assert found_in(out, words) == {}


def test_pop_art(home: Path, words: list[str]) -> None:
    out = home / "out"
    out.mkdir()
    outputs = [f for name in ("a.png", "a.jpg", "a.svg", "a.pdf", "a.tif") for f in ("-o", out / name)]
    sheets = ["--sheet", out / "sheet.svg", "--sheet", out / "sheet.pdf", "--report", out / "report.json"]
    how = [
        "--palette",
        home / "colours.txt",
        "--mask",
        home / "mask.png",
        "--background",
        "keep",
        "--no-likeness",
        "-q",
    ]
    made = run("popart", home / "me.jpg", *outputs, *sheets, *how, cwd=Path.cwd())
    assert made.returncode == 0, made.stderr
    assert json.loads((out / "report.json").read_text())["settings"]["palette"] == "colours.txt"
    assert found_in(out, words) == {}


def test_comparisons(home: Path, words: list[str]) -> None:
    varied = [
        "--vary",
        f"style-region=whole,{home / 'style.png'},{home / 'nothing.png'}",
        "--set",
        f"init={home / 'start.png'}",
    ]
    how = ["--mask", home / "mask.png", *QUICK]
    made = run("compare", home / "me.jpg", home / "style.png", *varied, *how, "-o", home / "out", cwd=Path.cwd())
    assert made.returncode == 2, "the mask without white fails"
    assert found_in(home / "out", words) == {}
    assert "nothing.png" in (home / "out" / "runs.csv").read_text()
    kept = run(
        "compare", home / "me.jpg", home / "style.png", *varied, *how, "-o", home / "out", "--json", cwd=Path.cwd()
    )
    assert json.loads(kept.stdout)["painted"] == 1, "the one that failed"


def test_batches(home: Path, words: list[str], tmp_path: Path) -> None:
    photos, out = home / "photos", home / "out"
    photos.mkdir()
    shutil.copy(home / "me.jpg", photos / "me.jpg")
    (photos / "broken.jpg").write_bytes((home / "me.jpg").read_bytes()[:700])
    how = ["--init", home / "start.png", "--report", out / "index.html", "--workers", 1, *QUICK]
    made = run("batch", photos, home / "style.png", "--out", out, *how, cwd=Path.cwd())
    assert made.returncode == 1, made.stderr
    assert found_in(out, words) == {}
    again = run(
        "batch", photos, home / "style.png", "--out", out, "--dry-run", "--json", *how[:2], *QUICK, cwd=Path.cwd()
    )
    assert '"done": 1' in again.stdout, again.stdout


def test_styles_of_a_photo(home: Path, words: list[str]) -> None:
    made = run("styles", home / "me.jpg", "--style", home / "style.png", "-o", home / "out" / "s.png", *QUICK, cwd=home)
    if made.returncode == 2:  # the folder must be there
        (home / "out").mkdir()
        made = run(
            "styles", home / "me.jpg", "--style", home / "style.png", "-o", home / "out" / "s.png", *QUICK, cwd=home
        )
    assert made.returncode == 0, made.stderr
    assert found_in(home / "out", words) == {}
