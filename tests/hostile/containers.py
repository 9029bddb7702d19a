"""Changes to a file's structure: dimensions, lengths, order and contents of chunks, with checksums repaired."""

from __future__ import annotations

import struct
import zlib

from tests.hostile.flips import MUTATORS, Mutator, Rng, hostile_number, pick
from tests.imaging.files import png_chunk

_FLIPS = MUTATORS
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIDES = (0, 1, 15, 16, 17, 4096, 19_999, 20_001, 65_535, 65_536, 1 << 24, 0x7FFFFFFF, 0xFFFFFFFF)


def _flipped(rng: Rng, data: bytes) -> bytes:
    return _FLIPS[int(rng.integers(len(_FLIPS)))](rng, data) if data else data


def _put(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :] if 0 <= at <= len(data) - len(new) else data


def _number(rng: Rng, data: bytes, at: int, size: int, order: str, sides: bool = False) -> bytes:
    """The number at `at` becomes hostile; where it is a side of a picture, one of those that readers meet."""
    big = order == "big"
    old = int.from_bytes(data[at : at + size], "big" if big else "little")
    new = pick(rng, _SIDES) if sides and rng.random() < 0.6 else hostile_number(rng, old, size * 8)
    return _put(data, at, (new & ((1 << size * 8) - 1)).to_bytes(size, "big" if big else "little"))


def _shuffled(rng: Rng, parts: list[bytes]) -> list[bytes]:
    """One part is left out, doubled, or changes its place."""
    at, kind = int(rng.integers(len(parts))), int(rng.integers(3))
    part = parts.pop(at)
    if kind:
        parts.insert(int(rng.integers(len(parts) + 1)), part)
    if kind == 2:
        parts.insert(at, part)
    return parts


def png(rng: Rng, data: bytes) -> bytes:
    """A PNG with a chunk changed and its checksum repaired; compressed chunks are changed inside, too."""
    chunks, at = [], 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    if not chunks:
        return _flipped(rng, data)
    place, action = int(rng.integers(len(chunks))), int(rng.integers(6))
    kind, inside = chunks[place]
    made = [png_chunk(*chunk) for chunk in chunks]
    if action == 0:
        place, (kind, inside) = 0, chunks[0]
        field, size = ((0, 4), (4, 4), (8, 1), (9, 1), (12, 1))[int(rng.integers(5))]
        made[0] = png_chunk(kind, _number(rng, inside, field, size, "big", sides=size == 4))
    elif action == 1:
        made[place] = _number(rng, made[place], 0, 4, "big")
    elif action == 2:
        made = _shuffled(rng, made)
    elif action == 3:
        made[place] = png_chunk(_flipped(rng, kind)[:4].ljust(4, b"a"), inside)
    elif action == 4 and kind in (b"IDAT", b"iCCP", b"zTXt", b"fdAT"):
        start = 0 if kind == b"IDAT" else 4 if kind == b"fdAT" else inside.find(b"\0") + 2
        try:
            made[place] = png_chunk(
                kind, inside[:start] + zlib.compress(_flipped(rng, zlib.decompress(inside[start:])))
            )
        except zlib.error:
            made[place] = png_chunk(kind, _flipped(rng, inside))
    else:
        made[place] = png_chunk(kind, _flipped(rng, inside))
    return _SIGNATURE + b"".join(made)


def jpeg(rng: Rng, data: bytes) -> bytes:
    """A JPEG with a segment changed: dimensions and components of its frame, lengths, tables, order."""
    parts, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        size = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        parts.append(data[at : at + size])
        at += size
    if not parts:
        return _flipped(rng, data)
    frames = [i for i, part in enumerate(parts) if 0xC0 <= part[1] <= 0xCF and part[1] not in (0xC4, 0xC8, 0xCC)]
    place, action = int(rng.integers(len(parts))), int(rng.integers(5))
    if action == 0 and frames:
        place = frames[0]
        at_field, size = ((5, 2), (7, 2), (4, 1), (9, 1), (11, 1), (1, 1))[int(rng.integers(6))]
        parts[place] = _number(rng, parts[place], at_field, size, "big", sides=size == 2)
    elif action == 1:
        parts[place] = _number(rng, parts[place], 2, 2, "big")
    elif action == 2:
        parts = _shuffled(rng, parts)
    else:
        parts[place] = parts[place][:4] + _flipped(rng, parts[place][4:])
        if action == 3:
            parts[place] = _put(parts[place], 2, struct.pack(">H", (len(parts[place]) - 2) & 0xFFFF))
    return data[:2] + b"".join(parts) + data[at:]


def tiff(rng: Rng, data: bytes) -> bytes:
    """A TIFF with an entry of its first directory changed: tag, type, count or value."""
    if len(data) < 16:
        return _flipped(rng, data)
    order = "little" if data[:2] == b"II" else "big"
    big = data[2:4] in (b"\x2b\0", b"\0\x2b")
    word = 8 if big else 4

    def at(place: int, size: int) -> int:
        return int.from_bytes(data[place : place + size], "little" if order == "little" else "big")

    start = at(8 if big else 4, word)
    count = at(start, 8 if big else 2)
    if not 0 < count < 100:
        return _number(rng, data, 8 if big else 4, word, order)
    first, length = start + (8 if big else 2), 20 if big else 12
    entry = first + length * int(rng.integers(count))
    action = int(rng.integers(8))
    if action == 0:
        return _number(rng, data, entry, 2, order)
    if action == 1:
        return _put(
            data,
            entry + 2,
            bytes([pick(rng, (0, 1, 2, 3, 4, 5, 7, 12, 13, 16, 255)), 0][:: 1 if order == "little" else -1]),
        )
    if action == 2:
        return _number(rng, data, entry + 4, word, order)
    if action == 3:
        return _number(rng, data, start, 2, order)
    if action == 4:
        return _number(rng, data, first + length * count, word, order)
    size = 2 if at(entry + 2, 2) == 3 else 4
    return _number(rng, data, entry + 4 + word, size, order, sides=at(entry, 2) in (256, 257, 278, 322, 323))


def riff(rng: Rng, data: bytes) -> bytes:
    """A WebP with a chunk changed: its length, its place, its contents."""
    parts, at = [], 12
    while at + 8 <= len(data):
        size = 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        parts.append(data[at : at + size + size % 2])
        at += size + size % 2
    if not parts:
        return _flipped(rng, data)
    place, action = int(rng.integers(len(parts))), int(rng.integers(5))
    if action == 0:
        parts[place] = _number(rng, parts[place], 4, 4, "little")
    elif action == 1:
        parts = _shuffled(rng, parts)
    elif action == 2:  # the canvas of VP8X, the size in VP8 and VP8L
        field, size = {b"VP8X": (12, 3), b"VP8L": (9, 4), b"VP8 ": (14, 2)}.get(parts[place][:4], (8, 4))
        parts[place] = _number(rng, parts[place], field + size * int(rng.integers(2)), size, "little", sides=True)
    else:
        inside = _flipped(rng, parts[place][8:])
        parts[place] = parts[place][:4] + struct.pack("<I", len(inside)) + inside + b"\0" * (len(inside) % 2)
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def boxes(rng: Rng, data: bytes) -> bytes:
    """A HEIC or AVIF with a box changed: its size, its contents; the dimensions of `ispe`; places in `iloc`."""
    known = (
        b"ftyp",
        b"meta",
        b"hdlr",
        b"pitm",
        b"iinf",
        b"iloc",
        b"iprp",
        b"ipco",
        b"ispe",
        b"ipma",
        b"hvcC",
        b"av1C",
        b"mdat",
    )
    found = [
        (data.find(name), name)
        for name in (*known, b"pixi", b"colr", b"infe", b"iref", b"irot", b"imir")
        if name in data
    ]
    at, name = found[int(rng.integers(len(found)))] if found else (4, b"")
    spatial = data.find(b"ispe")
    action = int(rng.integers(5))
    if action == 0 and spatial > 0:
        return _number(rng, data, spatial + 8 + 4 * int(rng.integers(2)), 4, "big", sides=True)
    if action == 1:
        return _number(rng, data, at - 4, 4, "big")
    if action == 2:
        return _put(data, at, _flipped(rng, name)[:4])
    size = max(8, int.from_bytes(data[at - 4 : at], "big")) - 4
    inside = data[at + 4 : at + size]
    return _put(data, at + 4, _flipped(rng, inside)[: len(inside)])


def bmp(rng: Rng, data: bytes) -> bytes:
    """A BMP with a number of its header changed."""
    at, size = ((10, 4), (14, 4), (18, 4), (22, 4), (28, 2), (30, 4), (34, 4), (46, 4))[int(rng.integers(8))]
    return _number(rng, data, at, size, "little", sides=at in (18, 22))


def gif(rng: Rng, data: bytes) -> bytes:
    """A GIF with a number of its screen or of a picture changed."""
    image = max(data.find(b","), 13)
    at = (6, 8, 10, image + 5, image + 7, image + 9, image + 10)[int(rng.integers(7))]
    size = 1 if at in (10, image + 9, image + 10) else 2
    return _number(rng, data, at, size, "little", sides=size == 2)


BY_FORMAT: dict[str, Mutator] = {
    "png": png, "jpeg": jpeg, "tiff": tiff, "webp": riff, "avif": boxes, "heic": boxes, "bmp": bmp, "gif": gif,
}  # fmt: skip
