"""Pictures that are saved to an open file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging
from portrait_nst.errors import InputError
from portrait_nst.types import Photo

PHOTO = Photo(np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8))


@pytest.mark.parametrize("format", ["png", ".PNG", "tif"])
def test_the_bytes_are_those_of_the_file(format: str, tmp_path: Path) -> None:
    buffer = io.BytesIO(b"before")
    buffer.seek(6)
    assert imaging.save(PHOTO, buffer, format=format, recipe={"a": 1}) == Path("-")
    path = imaging.save(PHOTO, tmp_path / f"a.{format.strip('.').lower()}", recipe={"a": 1}, format=format)
    assert buffer.getvalue() == b"before" + path.read_bytes()


def test_the_name_of_an_open_file_chooses_the_format(tmp_path: Path) -> None:
    with (tmp_path / "a.webp").open("wb") as file:
        assert imaging.save(PHOTO, file) == tmp_path / "a.webp"
    with Image.open(tmp_path / "a.webp") as image:
        assert image.format == "WEBP"


def test_a_file_that_takes_a_part_at_a_time_gets_all() -> None:
    class Slow(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(data[:7])

    slow = Slow()
    imaging.save(PHOTO, slow, format="png")
    assert slow.getvalue() == imaging.encode(PHOTO, ".png")


def closed() -> io.BytesIO:
    file = io.BytesIO()
    file.close()
    return file


def read_only() -> Any:
    return Path(__file__).open("rb")


@pytest.mark.parametrize(
    ("file", "format", "said"),
    [
        (io.BytesIO, None, "The format must be one of"),
        (io.BytesIO, "bmp", "not 'bmp'"),
        (io.BytesIO, 5, "format must be a word"),
        (tempfile.TemporaryFile, None, "The format must be one of"),
        (io.StringIO, "png", "open it as a binary file"),
        (closed, "png", "open it for writing"),
        (read_only, "png", "open it for writing"),
        (lambda: "a.png", "jpg", "chooses its format"),
    ],
)
def test_a_file_that_cannot_be_written_is_said(
    file: Callable[[], Any], format: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        imaging.save(PHOTO, file(), format=format)
    assert not list(tmp_path.iterdir())
