"""The chunks of a PNG file."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunks(data: bytes) -> Iterator[tuple[bytes, slice]]:
    """The kind of each chunk of the PNG `data`, and where its body stands: the last one may end behind the file's end.

    A checksum of four bytes follows each body, which is not looked at.
    """
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], slice(at + 8, end)
        at = end + 4


def checksum(kind: bytes, body: bytes) -> bytes:
    """What follows the body of a chunk."""
    return zlib.crc32(kind + body).to_bytes(4, "big")


def chunk(kind: bytes, body: bytes) -> bytes:
    """The bytes of a chunk."""
    return len(body).to_bytes(4, "big") + kind + body + checksum(kind, body)
