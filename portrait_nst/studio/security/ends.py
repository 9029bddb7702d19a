"""Where a picture or clip ends in its file, as its own format says: what lies behind may be something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from portrait_nst.studio.security.blocks import Blocks, Endless

MOST = 500_000  # parts of a file that are stepped over; a GIF of 100 MB has 400,000
FEW, EACH = 1_000, 512  # parts that any file may have, and one more for so many bytes
SCANS = 1_000  # of a JPEG; a progressive one has about ten, and none has more than some hundred
_FILL = re.compile(rb"[^\xff]")  # the end of bytes that only fill
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)  # one that ends the pixels of a scan
_BARE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_BOX = re.compile(rb"[A-Za-z0-9 \xa9_-]{4}", re.DOTALL)


def end_of(source: Blocks, kind: str, start: int = 0) -> int | None:
    """Where the picture of `kind` that begins at `start` ends; None where that is not known, or it is cut off or damaged.

    Raises Endless where it has more parts than any honest one of its size.
    """
    find = _ENDS.get(kind)
    end = find(source, start) if find else None
    return None if end is None or end > source.size else end


def _parts(source: Blocks) -> Iterator[int]:
    """Counts parts of a kind of file that has few of them. Raises Endless behind the last that it may have."""
    yield from range(FEW + source.size // EACH)
    raise Endless


def _jpeg(source: Blocks, start: int) -> int | None:
    place, scans = start + 2, 0
    for _ in _parts(source):
        mark = source.at(place, 2)
        if len(mark) < 2 or mark[0] != 0xFF:
            return None
        if mark[1] == 0xD9:
            return place + 2
        if mark[1] == 0xFF:
            place = source.search(_FILL, place, longest=1) - 1
            if place < 0:
                return None
        elif mark[1] in _BARE:
            place += 2
        else:
            place += 2 + max(2, source.number(place + 2, 2))
            if mark[1] == 0xDA:
                if (scans := scans + 1) > SCANS:
                    raise Endless
                place = source.search(_MARKER, place, longest=2)
                if place < 0:
                    return None
    return None


def _png(source: Blocks, start: int) -> int | None:
    place = start + 8
    for _ in _parts(source):
        head = source.at(place, 8)
        if len(head) < 8:
            return None
        place += 12 + int.from_bytes(head[:4], "big")
        if head[4:] == b"IEND":
            return place
    return None


def _gif(source: Blocks, start: int) -> int | None:
    place = start + 13 + _table(source.number(start + 10, 1))
    blocks = 0
    while blocks < MOST:
        blocks += 1
        kind = source.at(place, 1)
        if kind == b";":
            return place + 1
        if kind == b",":
            place += 11 + _table(source.number(place + 9, 1))
        elif kind == b"!":
            place += 2
        else:
            return None
        while (length := source.number(place, 1)) and place < source.size and blocks < MOST:
            place += 1 + length
            blocks += 1
        place += 1
    if source.size < MOST * 200:
        raise Endless
    return None  # a long clip, of which enough was seen


def _table(flags: int) -> int:
    """Bytes of the colour table that a GIF's `flags` announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _riff(source: Blocks, start: int) -> int | None:
    length = source.number(start + 4, 4, "little")
    return start + 8 + length + length % 2 if start + 8 + length + length % 2 <= source.size else start + 8 + length


def _bmp(source: Blocks, start: int) -> int | None:
    length = source.number(start + 2, 4, "little")
    return start + length if length > 26 else None  # many leave it 0


def _boxes(source: Blocks, start: int) -> int | None:
    place = start
    for _ in _parts(source):
        head = source.at(place, 16)
        if len(head) < 8 or not _BOX.fullmatch(head[4:8]):
            return place
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:  # it reaches to the end
            return source.size
        if length < 8 or place + length > source.size:  # no box, or one that is cut off
            return place
        place += length
    return None


_ENDS: dict[str, Callable[[Blocks, int], int | None]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "WebP": _riff,
    "AVI": _riff,
    "BMP": _bmp,
    "HEIC": _boxes,
    "AVIF": _boxes,
    "MP4": _boxes,
}
