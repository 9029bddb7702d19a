"""Which files are taken: pictures and clips of the kinds that are read, known by their first bytes, and nothing else in them.

What a file is called, and what a browser says that it is, does not count. A drawing (SVG) is text with scripts and no picture.
What is taken goes to the desk's process, which reads its header and decodes it; nothing is decoded here. No file is ever served
with the bytes that were brought.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from portrait_nst.errors import InputError
from portrait_nst.studio.security.blocks import Blocks, Endless
from portrait_nst.studio.security.polyglots import other_kind

Group = Literal["picture", "clip"]
HEAD = 4096  # bytes that `check_start` wants to see, or the whole file where it is shorter
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # bytes of the header behind that of the file
_MOVIE_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp")
_CLIPS = {
    b"\x1a\x45\xdf\xa3": "Matroska or WebM",
    b"FLV\x01": "FLV",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "WMV",
    b"\0\0\x01\xba": "MPEG",
    b"\0\0\x01\xb3": "MPEG",
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01": "MXF",
    b"OggS": "Ogg",
    b"nut/multimedia container": "NUT",
    b"DKIF": "IVF",
    b"YUV4MPEG2 ": "YUV4MPEG",
}
_EXPECTED = {
    "picture": "expected a photo: JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF or BMP",
    "clip": "expected a clip: MP4, MOV, MKV, WebM, AVI, or an animated GIF, WebP or PNG",
}
_SVG = re.compile(rb"(?is)\A(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!doctype svg|<!--|<svg).*?<svg|\A(?:\xef\xbb\xbf)?\s*<svg")


def check(path: Path, name: str, group: Group) -> str:
    """The kind of the file `path`, which messages call `name`. Raises InputError where it is not taken."""
    with path.open("rb") as file:
        source = Blocks(file)
        kind = check_start(source.at(0, HEAD), name, group)
        try:
            other = other_kind(source, kind, whole=group == "picture")
        except Endless:
            raise InputError(
                f"{name} is a {kind} of more parts than a {group} has, so that it cannot be looked through; save it anew with a "
                f"program for {group}s, and bring that."
            ) from None
        if other:
            raise InputError(
                f"{name} is a {kind} and holds {other} as well, so that other programs may take it for that; save the "
                f"{group} anew with a program for {group}s, and bring that."
            )
    return kind


def check_start(head: bytes, name: str, group: Group) -> str:
    """The kind of a file by its first bytes. Raises InputError where it is none that is taken."""
    kind = picture_kind(head)
    if group == "clip":
        kind = kind if kind in ("GIF", "PNG", "WebP") else "" if kind else clip_kind(head)
    if not kind:
        raise InputError(f"{name} {_looks(head, group)}; {_EXPECTED[group]}.")
    return kind


def picture_kind(head: bytes) -> str:
    """The kind of a picture by its first bytes; "" where it is none that is read."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[:4] in _TIFF:
        return "TIFF"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    brands = _brands(head)
    return "AVIF" if brands & _AVIF else "HEIC" if brands & _HEIC else ""


def clip_kind(head: bytes) -> str:
    """The kind of a clip by its first bytes; "" where it is none that is read. Streams without a container are not taken."""
    for magic, kind in _CLIPS.items():
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "AVI"
    if head[4:8] in _MOVIE_BOXES:
        return "MP4"
    for step, first in ((188, 0), (192, 4)):  # a transport stream, and that of a camcorder
        marks = head[first : first + 4 * step : step]
        if len(marks) == 4 and set(marks) == {0x47}:
            return "MPEG"
    return ""


def _brands(head: bytes) -> set[bytes]:
    if head[4:8] != b"ftyp":
        return set()
    length = min(int.from_bytes(head[:4], "big"), 512)
    return {head[8:12], *(head[at : at + 4] for at in range(16, length, 4))}


def _looks(head: bytes, group: Group) -> str:
    if not head:
        return "is empty (0 bytes)"
    if _SVG.match(head):
        return "is an SVG, a drawing in text, which is not taken"
    if group == "picture" and (kind := clip_kind(head)):
        return f"is a clip ({kind}), no photo"
    if group == "clip" and (kind := picture_kind(head)):
        return f"is a picture ({kind}), no clip"
    if all(byte in b"\t\n\r\f\b\x1b" or byte >= 32 for byte in head[:64]):
        return f"is no {group}: it looks like a text file"
    return f"is no {group} of a kind that is known"
