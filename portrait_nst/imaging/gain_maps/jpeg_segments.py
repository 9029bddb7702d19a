"""The header segments of a JPEG: what stands before its pixels, each under a marker and a signature."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

SOI = b"\xff\xd8"
APP0, APP1, APP2 = 0xE0, 0xE1, 0xE2
_SOS, _EOI, _FILL = 0xDA, 0xD9, 0xFF
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15; the others are tables
_MOST = 2000  # segments that are looked at: an ICC profile or extended XMP of 16 MB takes 256
_LONGEST = 65533  # bytes of a segment beside its marker and its length


@dataclass(frozen=True)
class Segment:
    """A segment of a JPEG's header.

    marker:  its second byte, such as `APP1`.
    offset:  where its marker begins, in bytes from the start of the data.
    payload: its bytes without marker and length.
    """

    marker: int
    offset: int
    payload: bytes

    @property
    def payload_offset(self) -> int:
        """Where the payload begins, in bytes from the start of the data."""
        return self.offset + 4


def segments(data: bytes) -> Iterator[Segment]:
    """The segments of the JPEG `data` before its pixels, in their order, as far as they are whole; none for other data."""
    position = 2 if data.startswith(SOI) else len(data)
    for _ in itertools.repeat(None, _MOST):
        while data[position + 1 : position + 2] == b"\xff":  # bytes that only fill
            position += 1
        head = data[position : position + 4]
        if len(head) < 4 or head[0] != _FILL or head[1] in (_SOS, _EOI):
            return
        length = int.from_bytes(head[2:], "big")
        payload = data[position + 4 : position + 2 + length]
        if length < 2 or len(payload) < length - 2:
            return
        yield Segment(head[1], position, payload)
        position += 2 + length


def picture_size(data: bytes) -> tuple[int, int] | None:
    """(height, width) as the JPEG's header has it, in pixels; None where it has no frame."""
    for segment in segments(data):
        if segment.marker in _FRAMES and len(segment.payload) >= 5:
            return int.from_bytes(segment.payload[1:3], "big"), int.from_bytes(segment.payload[3:5], "big")
    return None


def segment(marker: int, payload: bytes) -> bytes:
    """The bytes of a segment. Raises ValueError for a payload that is too long for one."""
    if len(payload) > _LONGEST:
        raise ValueError(f"a JPEG segment holds {_LONGEST} bytes, not {len(payload)}")
    return bytes([_FILL, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def with_segments(jpeg: bytes, added: bytes) -> bytes:
    """`jpeg` with the segments `added` behind its JFIF and EXIF headers, which readers expect first; all others stay."""
    position = insertion_point(jpeg)
    return jpeg[:position] + added + jpeg[position:]


def insertion_point(jpeg: bytes) -> int:
    """Where `with_segments` inserts, in bytes from the start of the data."""
    position = len(SOI)
    for found in segments(jpeg):
        if found.marker not in (APP0, APP1):
            break
        position = found.payload_offset + len(found.payload)
    return position
