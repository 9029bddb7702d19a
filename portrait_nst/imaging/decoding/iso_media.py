"""What an AVIF file says of its image in the boxes of its header (ISO/IEC 23008-12): colours and depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portrait_nst.imaging.iso_boxes import boxes


@dataclass(frozen=True)
class ImageProperties:
    """Properties of the primary image.

    bits: of a channel: 8, 10 or 12.
    nclx: code points of primaries and transfer function (ITU-T H.273), or None where the file has none.
    """

    bits: int = 8
    nclx: tuple[int, int] | None = None


def image_properties(data: bytes) -> ImageProperties:
    """The properties of the primary image of the AVIF file `data`; the usual ones where the boxes make no sense."""
    meta = next((body for kind, body in boxes(data) if kind == b"meta"), b"")[4:]
    inner = dict(boxes(meta))
    parts = list(boxes(inner.get(b"iprp", b"")))
    properties = [box for kind, body in parts if kind == b"ipco" for box in boxes(body)]
    pitm = inner.get(b"pitm", b"")
    primary = int.from_bytes(pitm[4:8] if pitm[:1] == b"\1" else pitm[4:6], "big")
    links = {item: numbers for kind, body in parts if kind == b"ipma" for item, numbers in _links(body)}
    own = [properties[number - 1] for number in links.get(primary, []) if 0 < number <= len(properties)]
    nclx = None
    for kind, body in own:
        if kind == b"colr" and body[:4] == b"nclx" and len(body) >= 8:
            nclx = int.from_bytes(body[4:6], "big"), int.from_bytes(body[6:8], "big")
    # The tiles of a grid carry its depth. Third byte: profile, high_bitdepth (0x40), twelve_bit (0x20).
    flags = [body[2] for kind, body in properties if kind == b"av1C" and len(body) > 2]
    deepest = max((8 if not flag & 0x40 else 12 if flag & 0x20 else 10 for flag in flags), default=8)
    return ImageProperties(deepest, nclx)


def _links(body: bytes) -> Iterator[tuple[int, list[int]]]:
    """Each item of an `ipma` box with the numbers of its properties, which count from 1."""
    wide, long = body[:1] not in (b"", b"\0"), bool(body[3:4]) and bool(body[3] & 1)
    count, at, step = int.from_bytes(body[4:8], "big"), 8, 2 if long else 1
    for _ in range(count):
        item = int.from_bytes(body[at : at + (4 if wide else 2)], "big")
        at += 4 if wide else 2
        if at >= len(body):
            return
        places = range(at + 1, at + 1 + step * body[at], step)
        numbers = [int.from_bytes(body[place : place + step], "big") & (0x7FFF if long else 0x7F) for place in places]
        yield item, numbers
        at = places.stop
