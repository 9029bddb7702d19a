"""The boxes of HEIC and AVIF files (ISO/IEC 14496-12): each a kind and its contents, which can be boxes again."""

from __future__ import annotations

from collections.abc import Iterator


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and the contents of each box in `data`, up to one that makes no sense; the last may be cut off."""
    at = 0
    while at + 8 <= len(data):
        size, kind, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = len(data) - at
        if size < head:
            return
        yield kind, data[at + head : at + size]
        at += size


def boxes_are_cut(data: bytes) -> bool:
    """Whether the file `data` ends before a box that has begun in it; False for other files."""
    at = 0
    while data[4:8] == b"ftyp" and at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if at + 8 > len(data) or (size and at + size > len(data)):
            return True
        if size < 8:  # the last one, which reaches to the end, or no box
            return False
        at += size
    return False


def box(kind: bytes, contents: bytes) -> bytes:
    """The bytes of a box."""
    return (len(contents) + 8).to_bytes(4, "big") + kind + contents
