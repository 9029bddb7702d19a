"""A dry run's reasons: each is the one that painting would give."""

from __future__ import annotations

import io
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from portrait_nst.batch import Options, Order, expect, opened
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings
from tests.batch.fake_workers import photos
from tests.batch.runs import rows_file
from tests.cli.test_commands import run

QUICK = Settings(device="cpu", region="all", size=64, iterations=1, scales=(1.0,))


def reasons(order: Order, out: Path) -> list[str]:
    """What a forecast says about pictures that cannot be painted, without its beginning."""
    with opened(order, out, Options(workers=1)) as session:
        session.plan()
        found = expect(session)
    said = [note.removeprefix("cannot be painted: ") for note in found.notes if note.startswith("cannot be painted: ")]
    assert len(said) == found.hopeless
    return said


def huge_png() -> bytes:
    """A PNG whose header promises 100,000 x 100,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + header
        + struct.pack(">I", zlib.crc32(header))
        + bytes(4)
        + b"IDAT"
        + bytes(64)
    )


def test_photos(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    photos(folder, ["good.png"])
    (folder / "a text.jpg").write_text("no picture")
    (folder / "b cut.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00")
    (folder / "c empty.png").touch()
    (folder / "d huge.png").write_bytes(huge_png())
    Image.new("RGB", (8, 90)).save(folder / "e small.png")
    Image.new("RGB", (80, 90)).save(folder / "f.TIFF")
    tifffile.imwrite(folder / "g float.tif", np.zeros((40, 50, 3), np.float32), photometric="rgb")
    style = photos(tmp_path, ["style.png"])[0]
    said = reasons(Order([folder], [style], settings=QUICK), tmp_path / "out")
    expected = [
        ("a text.jpg", "is not a picture that can be read: it looks like a text file"),
        ("b cut.jpg", "damaged or incomplete"),
        ("c empty.png", "is empty (0 bytes)"),
        ("d huge.png", "says that it is 100000 x 100000 pixels, more than the limit"),
        ("e small.png", "is only 8 x 90 pixels; expected at least 16"),
    ]
    assert len(said) == len(expected)
    for line, (name, why) in zip(said, expected):
        assert line.startswith(str(folder / name)) and why in line and "\n" not in line


def test_what_is_cut_short(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (900, 90, 3), np.uint8))
    thumbnail = io.BytesIO()
    noise.resize((9, 90)).save(thumbnail, "JPEG")
    comment = b"\xff\xfe" + struct.pack(">H", len(thumbnail.getvalue()) + 2) + thumbnail.getvalue()  # with its own end
    for suffix in (".jpg", ".png", ".webp"):
        noise.save(folder / f"whole{suffix}")
        data = (folder / f"whole{suffix}").read_bytes()
        if suffix == ".jpg":
            data = data[:2] + comment + data[2:]
        (folder / f"cut{suffix}").write_bytes(data[: len(data) // 2])
        (folder / f"video after it{suffix}").write_bytes(data + bytes(999))
        if suffix != ".webp":
            (folder / f"forgiven{suffix}").write_bytes(data[:-4])
    style = photos(tmp_path, ["style.png"])[0]
    said = reasons(Order([folder], [style], settings=QUICK), tmp_path / "out")
    assert [Path(line.partition(" is damaged")[0]).name for line in said] == ["cut.jpg", "cut.png", "cut.webp"]


def test_what_a_row_names(tmp_path: Path) -> None:
    photos(tmp_path, ["a.png", "style.png", "mask.png"])
    (tmp_path / "bad.png").write_text("no picture")
    rows = rows_file(
        tmp_path,
        {"photo": "a.png", "style": "style.png", "mask": "mask.png"},
        {"photo": "none.png", "style": "style.png"},
        {"photo": "a.png", "style": "style.png", "mask": "no mask.png"},
        {"photo": "a.png", "style": "no style.png"},
        {"photo": "a.png", "style": "style.png", "blend": ["bad.png:0.5"]},
        {"photo": "a.png", "style": "style.png", "init": str(tmp_path / "no start.png"), "output": "x.png"},
        {"photo": "a.png", "style": "style.png", "mask": "bad.png", "output": "y.png"},
    )
    said = reasons(Order([], [], rows, settings=QUICK), tmp_path / "out")
    expected = [
        ("line 2", "none.png does not exist"),
        ("line 3", "no mask.png does not exist"),
        ("line 4", "no style.png does not exist"),
        ("line 5", "bad.png is not a picture"),
        ("line 6", "no start.png is no file"),
        ("line 7", "bad.png is not a picture"),
    ]
    assert len(said) == len(expected)
    for line, (row, why) in zip(said, expected):
        assert line.startswith(f"{rows.name}, {row}: ") and why in line, line


def test_a_package_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos(tmp_path, ["a.png", "style.png"])
    monkeypatch.setitem(sys.modules, "rembg", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    values = {"photo": "a.png", "style": "style.png", "segmenter": "rembg:u2net", "region": "person"}
    (said,) = reasons(Order([], [], rows_file(tmp_path, values), settings=QUICK), tmp_path / "out")
    assert "rembg:u2net needs the library rembg; install it with" in said
    order = Order([tmp_path / "a.png"], [tmp_path / "style.png"], settings=QUICK)
    with (
        opened(order, tmp_path / "out", Options(workers=1, engine="ray")) as session,
        pytest.raises(InputError, match="needs Ray: pip install"),
    ):
        session.check_engine()


def test_heic_is_judged_by_its_header(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.from_pillow(Image.effect_noise((120, 90), 60).convert("RGB")).save(tmp_path / "a.HEIC")
    (tmp_path / "b.heic").write_bytes((tmp_path / "a.HEIC").read_bytes()[:200])
    order = Order([tmp_path / "a.HEIC", tmp_path / "b.heic"], [photos(tmp_path, ["s.png"])[0]], settings=QUICK)
    (said,) = reasons(order, tmp_path / "out")
    assert "b.heic is " in said  # what it is, the reader says


def test_the_command_says_all_of_it(tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.png", "b.png"])
    style = photos(tmp_path, ["style.png"])[0]
    for name in ("raw.CR2", "notes.txt", ".hidden"):
        (tmp_path / "in" / name).touch()
    (tmp_path / "in" / "bad.jpg").write_text("no picture")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b-style.png").write_text("somebody else's")
    given = ["batch", "in", style, "--out", "out", "--dry-run", "--size", "64", "--device", "cpu", "--workers", "1"]
    dry = run(*given, cwd=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert "note: 3 files left aside: 1 .cr2 (camera raw), 1 .txt, 1 hidden" in dry.stderr
    assert "b-style.png exists already and is not what this batch wrote" in dry.stderr
    assert "cannot be painted: " in dry.stderr and "bad.jpg is not a picture that can be read" in dry.stderr
    values = list(map(json.loads, run(*given, "--json", cwd=tmp_path).stdout.splitlines()))
    assert values[-1]["left_aside"] == {".cr2": 1, ".txt": 1, "hidden": 1}
    assert values[-1]["cannot_be_painted"] == 1 and values[-1]["counts"] == {"new": 2, "refused": 1}
    assert next(line["error"] for line in values if line.get("state") == "failed").startswith(
        "b-style.png exists already"
    )
    missing = run(*given[:-6], "--device", "cuda:7", cwd=tmp_path)
    assert missing.returncode == 2 and "There is no cuda:7 device here" in missing.stderr
