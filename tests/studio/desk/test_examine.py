"""What is said of a file that was brought, and its view."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst.errors import InputError
from portrait_nst.studio.desk import examine


def turned(path: Path) -> Path:
    """A picture of 40 x 30 pixels that says it lies on its side."""
    image = Image.new("RGB", (40, 30), (10, 200, 30))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(path, exif=exif)
    return path


def test_sizes_are_upright(tmp_path: Path) -> None:
    seen = examine.examine(turned(tmp_path / "a.jpg"), "a.jpg", 10**6)
    assert (seen["width"], seen["height"]) == (30, 40)


def test_a_view_is_upright_and_small(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert examine.view(turned(tmp_path / "a.jpg"), 20, out) == "image/jpeg"
    with Image.open(out) as image:
        assert image.size == (15, 20) and image.format == "JPEG" and not image.getexif().get(0x0112)
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["a.jpg", "out"]


def test_a_view_keeps_transparency(tmp_path: Path) -> None:
    pixels = np.full((32, 32, 4), 255, np.uint8)
    pixels[:, :16, 3] = 0
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert examine.view(tmp_path / "a.png", 1600, tmp_path / "out") == "image/png"
    with Image.open(tmp_path / "out") as image:
        assert np.array_equal(np.asarray(image), pixels)


def test_a_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 14_000, 14_000, 8, 0, 0, 0, 0)
    data = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )
    (tmp_path / "bomb").write_bytes(data)
    with pytest.raises(InputError, match=r"b\.png says that it is 14000 x 14000 pixels, and is a file of"):
        examine.examine(tmp_path / "bomb", "b.png", 200_000_000)
    with pytest.raises(InputError, match="takes up to 100 megapixels"):
        examine.examine(tmp_path / "bomb", "b.png", 100_000_000)


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"GIF89a"])
def test_what_is_no_picture_is_refused_by_its_name(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(InputError, match=r"x\.jpg") as refused:
        examine.examine(tmp_path / "file", "x.jpg", 10**6)
    assert str(tmp_path) not in str(refused.value)


def test_clips(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (32, 24), (80 * i, 0, 0)) for i in range(3)]
    frames[0].save(tmp_path / "file", "GIF", save_all=True, append_images=frames[1:], duration=100)
    seen = examine.examine_clip(tmp_path / "file", "dance.gif", 10**6)
    assert (seen["width"], seen["height"], round(seen["seconds"], 1)) == (32, 24, 0.3)
    assert examine.view_clip(tmp_path / "file", 16, tmp_path / "out") == "image/jpeg"
    with Image.open(io.BytesIO((tmp_path / "out").read_bytes())) as image:
        assert image.size == (16, 12) and abs(image.convert("RGB").getpixel((8, 6))[0] - 160) < 8  # type: ignore[index]
    (tmp_path / "text").write_bytes(b"nothing")
    with pytest.raises(InputError) as refused:
        examine.examine_clip(tmp_path / "text", "dance.mp4", 10**6)
    assert "dance.mp4" in str(refused.value) and str(tmp_path) not in str(refused.value)
