"""Which files are taken by their bytes, and that a file that is two things at once is refused."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError
from portrait_nst.studio.security.kinds import check

NOISE = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP", "TIFF": "TIFF", "GIF": "GIF", "BMP": "BMP", "AVIF": "AVIF"}


def picture(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(NOISE).save(file, kind, **options)
    return file.getvalue()


def archive(name: str = "a.txt", comment: bytes = b"", files: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zip_file:
        for number in range(files):
            zip_file.writestr(f"{number or ''}{name}", "Hello " * 10)
        zip_file.comment = comment
    return file.getvalue()


def checked(data: bytes, folder: Path, group: str = "picture") -> str:
    path = folder / "file"
    path.write_bytes(data)
    return check(path, "me.jpg", "clip" if group == "clip" else "picture")


def with_segment(jpeg: bytes, marker: int, payload: bytes) -> bytes:
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def with_chunk(png: bytes, kind: bytes, data: bytes) -> bytes:
    return png[:33] + struct.pack(">I", len(data)) + kind + data + bytes(4) + png[33:]


JPEG = picture("JPEG", quality=95)
FILM = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + b"\0\0\0\x10mdat12345678" + b"\0\0\0\x08free"
PE = b"MZ" + bytes(58) + struct.pack("<I", 128) + bytes(64) + b"PE\0\0" + bytes(200)
BEHIND = {
    "a ZIP": archive(),
    "a ZIP whose directory is long": b"trailer" + archive(files=1500),
    "a ZIP with a comment": archive(comment=b"x" * 65_535),
    "a ZIP and zeros": archive() + bytes(20_000),
    "a JAR": archive("META-INF/MANIFEST.MF"),
    "a RAR": b"Rar!\x1a\x07\x01\0" + bytes(100),
    "a 7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
    "a half ZIP": archive()[:-30],
    "an ELF": b"\x7fELF\x02\x01\x01" + bytes(100),
    "a program of Windows": PE,
    "a Java class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(100),
    "a shell script": b"\n#!/bin/sh\nrm -rf ~\n",
    "a shell script behind zeros": bytes(5000) + b"#! /usr/bin/env python3\n",
    "a PDF": b"%PDF-1.7\n" + bytes(100),
    "a page": b"\n<!DOCTYPE html><html><body onload=alert(1)>",
    "a drawing": b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a script": b"whatever, then <ScRiPt>alert(1)</script>",
    "PHP": b"whatever, then <?php system($_GET['c']); ?>",
    "a script behind a film": FILM + b"#!/bin/sh\n",
    "a program behind another JPEG": JPEG + bytes(7) + b"\x7fELF" + bytes(100),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_that_is_read_is_taken(tmp_path: Path, kind: str) -> None:
    assert checked(picture(kind), tmp_path) == FORMATS[kind]


def test_heic_is_taken(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(NOISE)).save(file, format="HEIF")
    assert checked(file.getvalue(), tmp_path) == "HEIC"
    with pytest.raises(InputError, match="is a picture"):
        checked(file.getvalue(), tmp_path, "clip")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "AVIF"])
@pytest.mark.parametrize("what", BEHIND)
def test_what_stands_behind_a_picture_is_seen(tmp_path: Path, kind: str, what: str) -> None:
    with pytest.raises(
        InputError, match=rf"^me\.jpg is a {FORMATS[kind]} and holds an? [A-Za-z0-9 ]+ as well"
    ) as error:
        checked(picture(kind) + BEHIND[what], tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "what", ["a ZIP", "a ZIP with a comment", "a ZIP whose directory is long", "a RAR", "a 7z", "a script", "PHP"]
)
def test_what_stands_behind_a_tiff_is_seen(tmp_path: Path, what: str) -> None:
    with pytest.raises(InputError, match="is a TIFF and holds"):
        checked(picture("TIFF") + BEHIND[what], tmp_path)


INSIDE = {
    "a ZIP in a comment": with_segment(JPEG, 0xFE, archive()),
    "a PDF in a comment": with_segment(JPEG, 0xFE, b"\n%PDF-1.4\n1 0 obj"),
    "a page in a comment": with_segment(JPEG, 0xFE, b"--><html><body>"),
    "a script in EXIF": with_segment(JPEG, 0xE1, b"Exif\0\0" + b"x" * 2000 + b"<script src=//a>"),
    "PHP in a PNG's text": with_chunk(picture("PNG"), b"tEXt", b"Comment\0<?php phpinfo();"),
    "a PDF in a PNG's text": with_chunk(picture("PNG"), b"tEXt", b"Comment\0%PDF-1.4"),
    "JavaScript around a JPEG": b"\xff\xd8\xff\xe0/*" + JPEG[4:] + b"*/=alert(1)//",
    "JavaScript around a GIF": b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)",
    "JavaScript around a BMP": b"BM/*" + picture("BMP")[4:] + b"*/=1;alert(1)",
}


@pytest.mark.parametrize("what", INSIDE)
def test_what_stands_inside_is_seen_where_programs_look(tmp_path: Path, what: str) -> None:
    if what == "a ZIP in a comment":
        jpeg = INSIDE[what]
        assert zipfile.is_zipfile(io.BytesIO(jpeg))
    with pytest.raises(InputError, match="and holds"):
        checked(INSIDE[what], tmp_path)


def samsung(jpeg: bytes) -> bytes:
    """As a Galaxy ends its photos: values, then their directory between SEFH and SEFT."""
    value = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1618072338210"
    head = b"SEFH" + struct.pack("<II", 107, 1) + struct.pack("<HHII", 0, 0x0A01, len(value), len(value))
    return jpeg + value + head + struct.pack("<I", len(head)) + b"SEFT"


XMP = b"http://ns.adobe.com/xap/1.0/\0<?xpacket begin='' id='W5M0'?><x:xmpmeta><rdf:RDF><dc:title>A <a href='http://x'>b</a>"
RESTARTS = picture("JPEG", restart_marker_blocks=1)
HARMLESS = {
    "a gain map or preview": JPEG + picture("JPEG", quality=30),
    "previews with padding between them": JPEG + bytes(2) + JPEG + bytes(64) + JPEG,
    "a motion photo": JPEG + FILM,
    "a motion photo with a trailer": samsung(JPEG + FILM),
    "a Samsung trailer": samsung(JPEG),
    "zeros": JPEG + bytes(100_000),
    "an unknown trailer": JPEG + bytes(np.random.default_rng(1).integers(0, 256, 200_000, np.uint8)),
    "XMP with a link": with_segment(JPEG, 0xE1, XMP),
    "a progressive JPEG": picture("JPEG", progressive=True),
    "restart markers": RESTARTS,
    "fill bytes before a marker": JPEG[:2] + b"\xff\xff" + JPEG[2:],
    "a moving GIF": picture("GIF", save_all=True, append_images=[Image.fromarray(NOISE[::-1])] * 3, duration=50),
    "a moving WebP": picture("WEBP", save_all=True, append_images=[Image.fromarray(NOISE[::-1])], duration=50),
    "a GIF with zeros behind": picture("GIF") + bytes(3),
    "a PNG with a camera's text": with_chunk(picture("PNG"), b"tEXt", b"Software\0Camera 1.0 <me@example.org>"),
    "a cut JPEG": JPEG[:-100],
    "a gzip's mark within pixels": with_segment(JPEG, 0xFE, b"\x1f\x8b\x08"),
}


@pytest.mark.parametrize("what", HARMLESS)
def test_what_cameras_and_programs_add_is_left_in_peace(tmp_path: Path, what: str) -> None:
    assert checked(HARMLESS[what], tmp_path) in ("JPEG", "PNG", "GIF", "WebP")


@pytest.mark.parametrize(
    "lines", ["tar", "<svg onload=alert(1)>", "\ufeff  <?xml version='1.0'?><!-- a --><svg/>", "%PDF-1.4"]
)
def test_other_kinds_are_refused(tmp_path: Path, lines: str) -> None:
    data = lines.encode()
    if lines == "tar":
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w"):
            pass
        data = file.getvalue()
    for group in ("picture", "clip"):
        with pytest.raises(InputError, match=r"^me\.jpg is .*; expected a (photo|clip): "):
            checked(data, tmp_path, group)


@pytest.mark.parametrize(
    "start",
    [
        b"\0\0\0\x20ftypqt  ",
        b"\0\0\0\x20moov",
        b"\x1a\x45\xdf\xa3\x01",
        b"RIFF\x10\0\0\0AVI LIST",
        b"FLV\x01\x05",
        b"OggS\0\x02",
        (b"\x47" + bytes(187)) * 5,
        (bytes(4) + b"\x47" + bytes(187)) * 5,
        b"DKIF\0\0",
    ],
)
def test_clips_are_known(tmp_path: Path, start: bytes) -> None:
    assert checked(start, tmp_path, "clip")
    with pytest.raises(InputError, match="no photo"):
        checked(start, tmp_path)


def test_a_clip_with_an_archive_behind_is_refused(tmp_path: Path) -> None:
    assert checked(FILM, tmp_path, "clip") == "MP4"
    for what in ("a ZIP", "a RAR", "a shell script", "an ELF", "a page"):
        with pytest.raises(InputError, match="is a MP4 and holds"):
            checked(FILM + BEHIND[what], tmp_path, "clip")


def test_a_moving_picture_may_be_a_clip(tmp_path: Path) -> None:
    assert checked(HARMLESS["a moving GIF"], tmp_path, "clip") == "GIF"
