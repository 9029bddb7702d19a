"""What FFmpeg leaves out of GIF, WebP and APNG files: the recipe, and for how long a WebP's last frame stays."""

from __future__ import annotations

import os
import shutil
import zlib
from pathlib import Path
from typing import Any, BinaryIO

from portrait_nst.imaging.metadata import KEY, recipe_text, with_recipe

_BLOCK = 255  # bytes of a GIF's sub-block
_SIGNATURE = 8  # bytes that a PNG begins with
_IEND = 12  # bytes of the chunk that a PNG ends with
_LONGEST = 1 << 24  # bytes of a recipe that are read
_EXIF_FLAG = 0x08  # of VP8X


def add_recipe(path: Path, container: str, recipe: dict[str, Any]) -> None:
    """Write `recipe` where pictures have it, in PNG's text or WebP's EXIF, or into a GIF's comment.

    A PNG's text comes last: FFmpeg, and so all that is built on it, takes a file for an APNG only if its first 2048 bytes hold
    all that comes before the samples.
    """
    if container == "webp":
        _append_to_webp(path, with_recipe(b"", recipe).removeprefix(b"Exif\0\0"))
        return
    with path.open("rb") as file:
        if container == "apng":
            at = file.seek(-_IEND, os.SEEK_END)
            body = b"tEXt" + KEY.encode() + b"\0" + recipe_text(recipe).encode("ascii")
            more = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
        else:
            flags = file.read(13)[10]
            at = 13 + (3 << (1 + (flags & 7)) if flags & 0x80 else 0)
            text = recipe_text({KEY: recipe}).encode("ascii")
            blocks = (text[i : i + _BLOCK] for i in range(0, len(text), _BLOCK))
            more = b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
        other = path.with_name(path.name + "x")
        try:
            with other.open("wb") as new:
                file.seek(0)
                new.write(file.read(at) + more)
                shutil.copyfileobj(file, new)
            other.replace(path)
        except BaseException:
            other.unlink(missing_ok=True)
            raise


def recipe_of_apng(path: Path) -> str:
    """The text of the recipe in the APNG file `path`, wherever it stands; "" where there is none. Raises OSError."""
    start = KEY.encode() + b"\0"
    with path.open("rb") as file:
        at = _SIGNATURE
        while len(head := _read(file, at, 8)) == 8:
            length = int.from_bytes(head[:4], "big")
            if head[4:] == b"tEXt" and _read(file, at + 8, len(start)) == start:
                return file.read(min(length - len(start), _LONGEST)).decode("latin-1")
            at += 12 + length
    return ""


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def set_length_of_webp(path: Path, length: int) -> None:
    """Let the last frame of the WebP file stay until all have taken `length` milliseconds; FFmpeg gives it 100."""
    with path.open("rb+") as file:
        frames = [at for kind, at, _ in _chunks(file) if kind == b"ANMF"]
        stays = []
        for at in frames:
            file.seek(at + 12)
            stays.append(int.from_bytes(file.read(3), "little"))
        if frames:
            file.seek(frames[-1] + 12)
            file.write(min(0xFFFFFF, max(1, length - sum(stays[:-1]))).to_bytes(3, "little"))


def _chunks(file: BinaryIO) -> list[tuple[bytes, int, int]]:
    """(name, where its contents begin, their length) of each chunk of a WebP file."""
    found, at, end = [], 12, file.seek(0, os.SEEK_END)
    while at + 8 <= end:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        found.append((head[:4], at + 8, length))
        at += 8 + length + length % 2
    return found


def _append_to_webp(path: Path, exif: bytes) -> None:
    with path.open("rb+") as file:
        extended = [at for kind, at, _ in _chunks(file) if kind == b"VP8X"]
        if not extended:  # FFmpeg wrote a single frame as a plain picture, which holds no metadata
            return
        file.seek(extended[0])
        flags = file.read(1)[0]
        file.seek(extended[0])
        file.write(bytes([flags | _EXIF_FLAG]))
        end = file.seek(0, os.SEEK_END)
        file.write(b"EXIF" + len(exif).to_bytes(4, "little") + exif + b"\0" * (len(exif) % 2))
        size = end - 8 + 8 + len(exif) + len(exif) % 2
        file.seek(4)
        file.write(size.to_bytes(4, "little"))
