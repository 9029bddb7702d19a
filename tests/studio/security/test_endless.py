"""A check costs no more than a few looks at each byte, whatever a file is made of."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError
from portrait_nst.studio.security import blocks, kinds
from portrait_nst.studio.security.blocks import Blocks, Endless
from tests.studio.security.test_kinds import FILM, HARMLESS, JPEG, archive, checked, picture

START = b"\xff\xd8\xff\xe0\0\x04aa"
BOX = b"\0\0\0\x18ftypavif\0\0\0\0avifavif"
HEAD = picture("GIF")[: 13 + 768]
PIXELS = np.random.default_rng(2).integers(0, 255, 1_000_000, np.uint8).tobytes().replace(b"\xff", b"\0")
HOSTILE = {
    "scans, then nothing": START + b"\xff\xda\0\x02" * 100_000 + bytes(1_000_000),
    "scans with a pixel": START + b"\xff\xda\0\x02a" * 100_000 + bytes(1_000_000),
    "scans with a little": START + (b"\xff\xda\0\x02" + bytes(2000)) * 1_500,
    "empty segments": START + b"\xff\xe5\0\x02" * 300_000,
    "empty chunks": b"\x89PNG\r\n\x1a\n" + (bytes(4) + b"abcd" + bytes(4)) * 200_000,
    "empty extensions": HEAD + b"!\xf9\0" * 600_000,
    "empty pictures": HEAD + (b"," + bytes(11)) * 501_000,
    "empty boxes": BOX + b"\0\0\0\x08free" * 300_000,
}
ODD = {
    "fill bytes": START + b"\xff" * 2_000_000 + JPEG[2:],
    "JPEGs behind": JPEG * 200,
    "cut JPEGs behind": JPEG + (START + b"\xff\xda\0\x02" + bytes(50)) * 20_000,
    "films behind": JPEG + FILM * 200,
    "half films behind": JPEG + b"\0\0\x10\0ftypmp42" * 20_000,
    "boxes that jump": BOX + (b"\0\1\x11\x70free" + bytes(69_992)) * 30,
    "directories": JPEG + b"PK\x05\x06" * 15 + archive()[-22:-4] + bytes(500_000),
    "pages of a TIFF": b"II*\0\x08\0\0\0" + (bytes(2) + b"\x08\0\0\0") * 100_000,
    "pieces of a WebP": b"RIFF\xff\xff\xff\0WEBP" + b"VP8X\0\0\0\0" * 100_000,
    "no end": START + b"\xff\xda\0\x02" + PIXELS,
}


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Blocks]:
    found: list[Blocks] = []

    class Watched(Blocks):
        def __init__(self, file: object) -> None:
            super().__init__(file)  # type: ignore[arg-type]
            found.append(self)

    monkeypatch.setattr(kinds, "Blocks", Watched)
    return found


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("group", ["picture", "clip"])
def test_more_parts_than_a_file_has_are_refused_and_cost_little(
    tmp_path: Path, seen: list[Blocks], what: str, group: str
) -> None:
    data = HOSTILE[what]
    with pytest.raises(InputError, match=r"^me\.jpg is (a \w+ of more parts than|a picture)"):
        checked(data, tmp_path, group)
    assert seen[0].looked <= 12 * len(data) + 1_000_000
    assert seen[0].steps < 2_000_000


@pytest.mark.parametrize("what", [*ODD, *(f"{name} " for name in HARMLESS)])
def test_odd_files_cost_little_too(tmp_path: Path, seen: list[Blocks], what: str) -> None:
    data = ODD.get(what) or HARMLESS[what.strip()]
    try:
        checked(data, tmp_path)
    except InputError as error:
        assert "as well" in str(error) or "more parts" in str(error)
    assert seen[0].looked <= 12 * len(data) + 8_000_000
    assert seen[0].steps < 300_000


def test_a_progressive_jpeg_of_many_scans_is_taken(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((1500, 1000), 90).convert("RGB").save(file, "JPEG", progressive=True, quality=95)
    assert checked(file.getvalue(), tmp_path) == "JPEG"
    many = file.getvalue()
    scan = many.index(b"\xff\xda")
    assert checked(many[:scan] + b"\xff\xda\0\x02ab" * 500 + many[scan:], tmp_path) == "JPEG"


@pytest.mark.parametrize("place", [0, 1, 65_530, 65_536, 65_599, 131_000, 1_200_000, 3_999_990])
def test_a_search_finds_what_lies_across_what_is_read(place: int) -> None:
    data = bytearray(4_000_000)
    data[place : place + 6] = b"needle"
    source = Blocks(io.BytesIO(bytes(data)))
    assert source.search(re.compile(b"needle"), 0) == place
    assert source.at(place, 6) == b"needle"
    assert source.search(re.compile(b"needle"), place + 1) == -1
    assert source.search(re.compile(b"needle"), 0, place + 5) == -1
    assert source.search(re.compile(b"needle"), place) == place


def test_going_round_and_round_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SPARE", 0)
    source = Blocks(io.BytesIO(bytes(100_000)))
    with pytest.raises(Endless):
        for _ in range(30):
            source.search(re.compile(b"x"), 0)


def test_a_gif_that_is_javascript_behind_a_comment_is_refused(tmp_path: Path) -> None:
    gif = picture("GIF")
    for data in (
        b"GIF89a=1;/*" + gif[11:],
        b"GIF89a/*" + gif[8:-1] + b"!\xfe\x10*/=1;alert(1)//aa\0;",
        b"GIF89a=/*" + gif[9:],
    ):
        with pytest.raises(InputError, match="holds a script"):
            checked(data, tmp_path)


def test_a_jpeg_whose_code_stands_within_it_is_refused(tmp_path: Path) -> None:
    segment = b"\xff\xe1\x2f\x2a" + bytes(0x2F28)
    assert checked(JPEG[:2] + segment + JPEG[2:], tmp_path) == "JPEG", "a length by chance"
    code = b"*/=alert(1)/*"
    with pytest.raises(InputError, match="holds a script"):
        checked(JPEG[:2] + segment[:-50] + code + bytes(50 - len(code)) + JPEG[2:], tmp_path)
