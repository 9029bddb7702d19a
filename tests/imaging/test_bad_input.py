"""Files that cannot be used end with one line that says what to do, and never with half a picture."""

from __future__ import annotations

import io
import os
import struct
import threading
import warnings
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from PIL import Image, ImageFile

from portrait_nst.errors import InputError
from portrait_nst.imaging import load, sources
from tests.imaging.files import picture, png, png_chunk


def refused(path: str | Path, *words: str, **options: Any) -> None:
    with pytest.raises(InputError) as caught:
        load(path, **options)
    message = str(caught.value)
    assert "\n" not in message
    for word in (*words, Path(path).name):
        assert word in message, message


def test_missing(tmp_path: Path) -> None:
    refused(tmp_path / "none.jpg", "does not exist")
    (tmp_path / "file").write_bytes(b"x")
    refused(tmp_path / "file" / "none.jpg", "not a folder")


def test_folder(tmp_path: Path) -> None:
    refused(tmp_path, "is a folder")


def test_device() -> None:
    refused("/dev/zero", "device")


def test_unusable_names(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no valid file name"):
        load("a\0b.jpg")
    with pytest.raises(InputError, match="too long"):
        load(tmp_path / ("x" * 5000))


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.png"
    Image.fromarray(picture()).save(path)
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything

        def refuse(self: Path) -> NoReturn:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
    refused(path, "may not be read")


def test_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    refused(tmp_path / "empty.png", "empty")


@pytest.mark.parametrize("content", [b"To whom it may concern\n", "schöne Grüße\n".encode() * 9, b"<svg></svg>"])
def test_text(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "letter.jpg").write_bytes(content)
    refused(tmp_path / "letter.jpg", "text file", "expected JPEG")


def test_other_data(tmp_path: Path) -> None:
    (tmp_path / "noise.png").write_bytes(bytes(range(256)) * 20)
    refused(tmp_path / "noise.png", "not a picture", "expected JPEG")


@pytest.mark.parametrize("name", ["t.jpg", "p.jpg", "t.png", "t.webp", "t.tif", "t.bmp", "t.gif", "d.png", "d.tif"])
def test_truncated(tmp_path: Path, name: str) -> None:
    """Cut anywhere, a file is refused, unless nothing but the end mark or the last row is gone."""
    path = tmp_path / name
    rng = np.random.default_rng(0)
    if name[0] == "d":
        import cv2

        cv2.imwrite(str(path), rng.integers(0, 65536, (60, 70, 3), np.uint16))
    else:
        pixels = rng.integers(0, 256, (60, 70, 3), np.uint8)
        options: dict[str, Any] = {"progressive": True} if name == "p.jpg" else {}
        Image.fromarray(pixels).save(path, **options)
    whole, data = load(path).rgb, path.read_bytes()
    refusals = 0
    for length in [*(len(data) * part // 20 for part in range(1, 20)), len(data) - 30, len(data) - 1]:
        path.write_bytes(data[:length])
        try:
            photo = load(path)
            last = -1 if any("the last 1 of 60 rows" in note for note in photo.notes) else None
            assert np.array_equal(photo.rgb[:last], whole[:last]), length
        except InputError as error:
            assert "\n" not in str(error)
            refusals += 1
    assert refusals >= 18


def test_damaged_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(picture()).save(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"IDAT") + 20
    data[at : at + 8] = bytes(8)
    path.write_bytes(data)
    refused(path, "damaged")


def test_what_libpng_says_of_deep_pixels_is_not_quoted(tmp_path: Path) -> None:
    """Its message came through imagecodecs as stray memory, another one each time."""
    path = tmp_path / "deep.png"
    header = struct.pack(">IIBBBBB", 40, 32, 16, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IEND", b""))
    refused(path, "its pixels cannot be decoded")


def test_a_bomb_is_refused_by_its_header(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.png"
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    )
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)  # decoding would end in another message
    refused(path, "60000 x 60000", "400 megapixels", "PORTRAIT_NST_MAX_PIXELS")


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "TIFF"])
def test_the_limit_holds_for_every_decoder(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb.bin"
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(Image.fromarray(picture())).save(path)
    else:
        Image.fromarray(picture()).save(path, kind)
    refused(path, "50 x 40", "limit", max_pixels=1999)
    assert load(path, max_pixels=2000).height == 40
    if kind == "HEIF":
        data = bytearray(path.read_bytes())
        at = data.index(b"ispe") + 8
        data[at : at + 8] = (30000).to_bytes(4, "big") * 2
        path.write_bytes(data)
        refused(path, "damaged")  # libheif knows the size from the image itself


def test_the_limit_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(picture()).save(path)
    refused(path, "limit", max_pixels=1999)
    assert load(path, max_pixels=2000).height == 40
    monkeypatch.setenv("PORTRAIT_NST_MAX_PIXELS", "1e3")
    refused(path, "0.001 megapixels")
    for wrong in ("lots", "-1", "0", "0.5", "nan", "inf"):
        monkeypatch.setenv("PORTRAIT_NST_MAX_PIXELS", wrong)
        with pytest.raises(
            InputError, match=f"PORTRAIT_NST_MAX_PIXELS is '{wrong}'; expected a number of pixels from 1"
        ):
            load(path)


def test_pillows_own_limit_is_neither_used_nor_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.png"
    Image.fromarray(picture()).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert load(path).width == 50
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize(("width", "height"), [(1, 1), (100000, 1), (15, 400)])
def test_too_small(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "small.png"
    path.write_bytes(png(width, height, 8, 0, [bytes(width)] * height))
    refused(path, f"{width} x {height}", "at least 16")


def test_a_heic_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "phone.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    refused(path, "damaged")


@pytest.mark.filterwarnings("ignore")  # of Pillow, on what is written here
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_a_damaged_exif_block_costs_nothing_and_says_nothing(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\3\x01\x12\0\3\0\0\xff\xff\x87\x69\0\4\0\0\0\1\xff\xff\xff\xff\x88\x25"
    path = tmp_path / "e.bin"
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.from_pillow(Image.fromarray(picture())).save(path, exif=exif)
    elif kind == "TIFF":
        Image.fromarray(picture()).save(path, kind, tiffinfo={0x8769: 99999})
    else:
        Image.fromarray(picture()).save(path, kind, exif=exif)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.abs(load(path).rgb.astype(int) - picture()).mean() < 12
    assert capfd.readouterr() == ("", "")


def test_values_without_a_range(tmp_path: Path) -> None:
    for number, (low, high) in enumerate([(0, 3.2), (-5, 5), (0, 1e9), (0, float("nan"))]):
        path = tmp_path / f"hdr{number}.tif"
        Image.fromarray(np.linspace(low, high, 400, dtype=np.float32).reshape(20, 20)).save(path)
        refused(path, "expected 0 to 1")


def test_a_small_file_is_not_believed_to_be_huge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.gif"
    Image.fromarray(picture()).convert("P").save(path)
    data = bytearray(path.read_bytes())
    struct.pack_into("<HH", data, 6, 19_999, 19_999)
    path.write_bytes(data)
    monkeypatch.setattr(ImageFile.ImageFile, "load", None)  # decoding would end in another message
    refused(path, "19999 x 19999", "bytes", "PORTRAIT_NST_MAX_PIXELS")
    path.write_bytes(data + bytes(40_000))  # a file of one colour may be this small
    refused(path, "damaged")
    path.write_bytes(data)
    monkeypatch.setenv("PORTRAIT_NST_MAX_PIXELS", "4e8")
    refused(path, "damaged")


def test_an_endless_pipe_ends_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            assert size > 0  # not all of it at once
            return bytes(size)

    monkeypatch.setattr(sources, "MOST_BYTES", 3_000_000)
    with pytest.raises(InputError, match=r"Standard input holds more than 0\.003 GB"):
        sources.read_pipe(Endless(), "Standard input")  # type: ignore[arg-type]
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = bytes(range(256)) * 4_000
    writer = threading.Thread(target=lambda: path.write_bytes(content))
    writer.start()
    assert sources.read_bytes(path) == content
    writer.join()
    monkeypatch.setattr(sources, "MOST_BYTES", 100)
    (tmp_path / "long.png").write_bytes(content)
    refused(tmp_path / "long.png", "holds more than")
