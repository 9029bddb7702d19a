"""Names of jobs and of files: they come from anybody, and go to any system."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from portrait_nst.studio.painter import archive, titles
from portrait_nst.studio.painter.likeness import in_words, told
from portrait_nst.types import Likeness


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("me in impasto", "me in impasto.png"),
        ("../../etc/passwd", "etc passwd.png"),
        ("a\\b:c|d?.png", "a b c d .png.png"),
        ("\x00\r\nSet-Cookie: x\u202egnp", "Set-Cookie xgnp.png"),
        ("con", "picture con.png"),
        ("...", "picture.png"),
        ("", "picture.png"),
        ("Großmutter 祖母", "Großmutter 祖母.png"),
    ],
)
def test_a_title_becomes_a_name_that_every_system_takes(title: str, name: str) -> None:
    assert titles.file_name(title, "png") == name


def test_long_names_are_cut_and_equal_ones_numbered() -> None:
    assert len(titles.file_name("祖" * 500, "png").encode()) < 255
    taken: set[str] = set()
    names = [titles.unique(name, taken) for name in ("a.png", "A.png", "a.png", "b")]
    assert names[:3] == ["a.png", "A (2).png", "a (3).png"]


def test_a_zip_is_made_while_it_is_sent_and_holds_the_files_as_they_are(tmp_path: Path) -> None:
    data = bytes(range(256)) * 20_000
    (tmp_path / "one").write_bytes(data)
    (tmp_path / "two").write_bytes(b"")
    files = [(tmp_path / "one", "Ä.png"), (tmp_path / "gone", "gone.png"), (tmp_path / "two", "b.png")]
    parts = list(archive.stored(files))
    assert max(map(len, parts)) <= archive.BLOCK + 1000
    with zipfile.ZipFile(io.BytesIO(b"".join(parts))) as found:
        assert found.testzip() is None and found.namelist() == ["Ä.png", "b.png"]
        assert found.read("Ä.png") == data
        assert {entry.compress_type for entry in found.infolist()} == {zipfile.ZIP_STORED}


def test_likeness_in_words() -> None:
    words = [in_words(value) for value in (1.0, 0.8, 0.7, 0.5, 0.49, 0.0)]
    assert words[0] == words[1] and words[4] == words[5] and len(set(words)) == 4
    face = Likeness(0.72, True, 0.9, 0.4, 0.1, 0.8)
    assert told(face) == {"value": 0.72, "words": "clearly the same person, as on another photo"}
    several = told(face, faces=3)
    assert several is not None and several["words"].endswith("of several faces this is the least alike")
    lost = told(Likeness(0.0, False, 0.0, 1.0, None, 0.0))
    assert lost is not None and lost["words"] == "no face is found in the picture"
    assert told(None) is None
