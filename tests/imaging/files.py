"""Small files with known contents, made by hand where no library writes them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import UInt8Array


def picture(height: int = 40, width: int = 50, channels: int = 3, seed: int = 0) -> UInt8Array:
    """A smooth picture in which every pixel differs, uint8: survives JPEG, betrays turns and cuts."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * 200 // width + y // 4, y * 200 // height + x // 5, (x + 2 * y) * 200 // (width + 2 * height)]
    planes.append(40 + x * 150 // width)
    return np.stack(planes[:channels], -1).astype(np.uint8) + np.uint8(seed)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, bits: int, colour_type: int, rows: Iterable[bytes], extra: bytes = b"") -> bytes:
    """A PNG of raw rows (bytes each); colour_type 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    )


# Display P3's primaries, adapted to D50 (columns: red, green, blue; rows: X, Y, Z).
P3_TO_XYZ = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
SRGB_TO_XYZ = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])


def icc(space: bytes = b"RGB ", gamma: float | None = 2.2, primaries: NDArray[np.float64] = P3_TO_XYZ) -> bytes:
    """A version 2 display profile: matrix and gamma (None: sRGB's curve, as a table), or grey gamma."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    if gamma is None:
        steps = np.linspace(0, 1, 1024)
        linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
        curve = b"curv\0\0\0\0" + struct.pack(">I", 1024) + np.rint(linear * 65535).astype(">u2").tobytes()
    else:
        curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    name = b"test profile\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249),
    }
    if space == b"GRAY":
        tags[b"kTRC"] = curve
    else:
        for channel, letter in enumerate(b"rgb"):
            tags[bytes([letter]) + b"XYZ"] = b"XYZ \0\0\0\0" + fixed(*primaries[:, channel])
            tags[bytes([letter]) + b"TRC"] = curve
    table, body, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        data += bytes(-len(data) % 4)
        table += tag + struct.pack(">II", offset + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4sI4s4s4s12s4s", offset + len(body), b"lcms", 0x02100000, b"mntr", space, b"XYZ ", bytes(12), b"acsp"
    )
    header = header.ljust(68, b"\0") + fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + table + body
