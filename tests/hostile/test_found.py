"""What the campaign found once, each by its smallest input."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFile

from portrait_nst.batch import Order, plan
from portrait_nst.batch.manifest.database import translated_errors
from portrait_nst.batch.storage.listing import entry_type
from portrait_nst.errors import LONGEST, InputError
from portrait_nst.imaging import read_recipe
from portrait_nst.imaging.decoding.headers import picture_size
from portrait_nst.pipeline.label_map import regions_of
from portrait_nst.pop_art.colour.palettes import palette
from portrait_nst.style_spec import parse_weighted
from portrait_nst.types import Photo
from tests.imaging.files import png_chunk


def test_messages_are_one_line_of_bounded_length() -> None:
    assert str(InputError("a\nb\x1b[31m\u202ec")) == "a\\nb\\x1b[31m\\u202ec"
    long = str(InputError("begin " + "x" * 100_000 + " end"))
    assert len(long) <= LONGEST and long.startswith("begin x") and long.endswith("x end")
    with pytest.raises(InputError, match=r"a\\nb"):
        parse_weighted("a\nb:")


def test_palettes(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="is not JSON"):
        palette(str(tmp_path / "deep.json"), 5)
    (tmp_path / "lines.gpl").write_text("102040\n" + "\n" * 100_000 + "ff0044\r\n")  # took minutes
    assert len(palette(str(tmp_path / "lines.gpl"), 3).asked) == 2


def test_rows_of_names_that_no_file_has(tmp_path: Path) -> None:
    assert entry_type(tmp_path / ("x" * 5000)) == ""
    rows = [{"photo": "/"}, {"photo": "a.jpg", "style": "x" * 5000}]
    (tmp_path / "jobs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    jobs = list(plan(Order([], ["oil"], tmp_path / "jobs.jsonl"), tmp_path / "out"))
    assert "name of a file" in jobs[0].error and len(jobs) == 2


def test_a_recipe_is_not_looked_for_behind_the_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    (tmp_path / "huge.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    )
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)  # it took 6 GB
    with pytest.raises(InputError, match="holds no recipe"):
        read_recipe(tmp_path / "huge.png")


def test_a_damaged_header_has_no_size() -> None:
    with pytest.raises(InputError, match=r"a\.avif"):
        picture_size(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miafMA1B" + bytes(200), "a.avif")


@pytest.mark.parametrize("label", ["1\u00b228", "\u2466", "256", "-1", "9" * 5000])
def test_a_label_of_other_digits(label: str) -> None:
    photo = Photo(np.zeros((32, 32, 3), np.uint8))
    with pytest.raises(InputError, match="A label is a grey value"):
        regions_of(photo, photo, [label])


def test_a_manifest_whose_texts_are_none(tmp_path: Path) -> None:
    """SQLite quotes the damaged text of a schema in its message, which Python then cannot decode."""
    with pytest.raises(InputError, match="damaged"), translated_errors(tmp_path):
        b"no such column: \xa9\xc1".decode()
