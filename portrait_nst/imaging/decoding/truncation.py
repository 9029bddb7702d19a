"""Files whose last bytes are missing: how much of the picture that is, and the file completed where it is next to nothing."""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding.opening import open_image
from portrait_nst.imaging.png_chunks import SIGNATURE, chunk, chunks

MOST_MISSING = 0.02
"""The share of a picture's rows that may be missing: a JPEG's last row of blocks, 17 pixels with colours, of 850 rows."""


END = 1 << 16
"""Bytes at the end of a file in which its end mark is looked for: other data, of a video say, may follow it."""


class Mended(NamedTuple):
    """A file made whole.

    data: its bytes, completed.
    note: what of the picture was missing, for the user.
    """

    data: bytes
    note: str


def seems_cut(file: BinaryIO) -> bool:
    """Whether the end of a JPEG, PNG or WebP seems to be missing, by a look at its last bytes; False for other files.

    Decoding it tells how much is missing. An end mark that lies before more than `END` other bytes is not seen either.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    start = file.read(12)
    if start[:4] == b"RIFF" and start[8:] == b"WEBP":
        return size < 8 + int.from_bytes(start[4:8], "little")
    if not start.startswith((b"\xff\xd8", SIGNATURE)):
        return False
    is_jpeg = start.startswith(b"\xff\xd8")
    file.seek(max(size - END, _first_scan(file) if is_jpeg else 0))
    return (b"\xff\xd9" if is_jpeg else b"IEND") not in file.read()


def _first_scan(file: BinaryIO) -> int:
    """Where the entropy-coded data of a JPEG begin, in which no end mark of a thumbnail can lie."""
    at = 2
    while True:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            return at
        at += 2 + int.from_bytes(head[2:], "big")


def mended(data: bytes) -> Mended | None:
    """The truncated JPEG or PNG `data`, completed; None for other files, and where more is missing than `MOST_MISSING`."""
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(SIGNATURE):
        return _png(data)
    return None


def _note(missing: int, height: int) -> str:
    if missing == 0:
        return "the end of its file is missing, but no row of the picture"
    return f"the end of its file is missing, and with it the last {missing} of {height} rows"


def _jpeg(data: bytes) -> Mended | None:
    """Completed by an end mark; libjpeg continues the last colour.

    What is missing is measured: where two decodings differ that go on with other data, the file said nothing. A row counts as
    missing from its first pixel on.
    """
    if not _scans_are_complete(data):
        return None
    # A cut within a marker or after the first byte of one leaves 0xFF; the tails themselves are plain entropy-coded data.
    body = data.rstrip(b"\xff")
    tails = (b"\x00" * 64, b"\xa5\x5a\x3c" * 32)
    first, second = (_decoded(body + tail + b"\xff\xd9") for tail in tails)
    if first is None or second is None or first.shape != second.shape:
        return None
    rows = np.flatnonzero((first != second).reshape(len(first), -1).any(axis=1))
    height = len(first)
    missing = height - int(rows[0]) if len(rows) else 0
    if missing > MOST_MISSING * height:
        return None
    return Mended(body + b"\xff\xd9", _note(missing, height))


def _decoded(data: bytes) -> NDArray[np.uint8] | None:
    try:
        return np.array(open_image(data, "the file"), np.uint8)
    except (InputError, OSError, ValueError, SyntaxError):
        return None


def _scans_are_complete(data: bytes) -> bool:
    """Whether the scans that have begun carry every bit of every coefficient of every component.

    A progressive JPEG sends coefficients in several scans, and bits after bits: one that lacks whole scans is coarse everywhere.
    """
    at, components = 2, 0
    least: dict[tuple[int, int], int] = {}  # the lowest bit that has been sent, of each component's coefficients
    while at + 4 <= len(data):
        if data[at] != 0xFF or data[at + 1] in (0x00, 0xFF) or 0xD0 <= data[at + 1] <= 0xD7:
            at += 1  # entropy-coded data, fill bytes and restart marks
            continue
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if kind in (0xC0, 0xC1, 0xC2) and len(body) >= 6:
            components = body[5]
        if kind == 0xDA and body and len(body) >= 4 + 2 * body[0]:
            start, end, low = body[1 + 2 * body[0]], body[2 + 2 * body[0]], body[3 + 2 * body[0]] & 15
            for number in range(body[0]):
                for coefficient in range(start, end + 1):
                    least[body[1 + 2 * number], coefficient] = low
        at += 2 + length
    return components > 0 and len(least) == 64 * components and not any(least.values())


def _png(data: bytes) -> Mended | None:
    """Completed by rows that repeat the last whole one; interlaced files are not."""
    head, stream = SIGNATURE, b""
    for kind, place in chunks(data):
        if kind == b"IDAT":
            stream += data[place]
        elif place.stop + 4 <= len(data) and not stream:
            head += data[place.start - 8 : place.stop + 4]
    header = data[16:29]
    if not stream or len(header) < 13 or header[12]:  # interlaced rows are spread over the picture
        return None
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(header[9], 0)  # of the colour type
    row = 1 + (width * channels * header[8] + 7) // 8
    unpacker = zlib.decompressobj()
    try:
        rows = unpacker.decompress(stream, row * height)
    except zlib.error:
        return None
    missing = height - len(rows) // row
    if unpacker.unconsumed_tail or missing > MOST_MISSING * height:
        return None
    rows = rows[: (height - missing) * row] + (b"\2" + bytes(row - 1)) * missing  # filter 2: as the row above
    return Mended(head + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""), _note(missing, height))
