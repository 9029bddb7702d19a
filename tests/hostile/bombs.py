"""Small files that say they are huge: both sides of a picture of any format, with its contents as they were."""

from __future__ import annotations

import zlib

from tests.hostile.flips import Rng
from tests.imaging.files import png_chunk

# Under the limit of 400 megapixels, and over it; wide, high and square.
_HUGE = ((19_999, 19_999), (9_000, 9_000), (65_000, 6_000), (16, 16_000_000), (16_000_000, 24), (60_000, 60_000))


def _put(data: bytes, at: int, value: int, size: int, order: str) -> bytes:
    limited = value & ((1 << size * 8) - 1)
    new = limited.to_bytes(size, "big") if order == "big" else limited.to_bytes(size, "little")
    return data[:at] + new + data[at + size :] if 0 <= at <= len(data) - size else data


def _places(kind: str, data: bytes) -> tuple[tuple[int, int], int, str]:
    """Where width and height are, their size in bytes and their byte order."""
    if kind == "jpeg":
        frame = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
        return (frame + 7, frame + 5), 2, "big"
    if kind in ("avif", "heic"):
        box = data.find(b"ispe")
        return (box + 8, box + 12), 4, "big"
    if kind == "webp":
        return ((24, 27), 3, "little") if data[12:16] == b"VP8X" else ((26, 28), 2, "little")
    return {"png": ((16, 20), 4, "big"), "bmp": ((18, 22), 4, "little"), "gif": ((6, 8), 2, "little")}[kind]


def _tiff(data: bytes, width: int, height: int) -> bytes:
    """The tags ImageWidth and ImageLength of the first directory, in classic files."""
    order = "little" if data[:2] == b"II" else "big"
    little = order == "little"
    start = int.from_bytes(data[4:8], "little" if little else "big")
    for entry in range(start + 2, min(len(data) - 12, start + 2 + 12 * 40), 12):
        tag = int.from_bytes(data[entry : entry + 2], "little" if little else "big")
        if tag in (256, 257):
            data = _put(data, entry + 2, 4, 2, order)
            data = _put(data, entry + 8, width if tag == 256 else height, 4, order)
    return data


def inflated(rng: Rng, data: bytes, kind: str) -> bytes:
    """The picture `data` of the format `kind` with huge sides."""
    width, height = _HUGE[int(rng.integers(len(_HUGE)))]
    if kind == "tiff":
        return _tiff(data, width, height)
    places, size, order = _places(kind, data)
    for at, value in zip(places, (width, height)):
        data = _put(data, at, value - (kind == "webp" and size == 3), size, order)
    if kind == "png":
        data = data[:8] + png_chunk(b"IHDR", data[16:29]) + data[33:]
        if rng.random() < 0.3:  # a stream that is long, and far too short
            data = data[:33] + png_chunk(b"IDAT", zlib.compress(bytes(20_000_000))) + png_chunk(b"IEND", b"")
    return data
