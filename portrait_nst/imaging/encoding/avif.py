"""AVIF files: 8, 10 or 12 bits a channel, lossless, with a profile and EXIF.

imagecodecs (libavif) codes every depth without loss, and writes neither profile nor EXIF; Pillow writes both, and no more than
8 bits, with loss. So the pixels are imagecodecs', and what describes them is added to its boxes (ISO 14496-12, 23008-12).
"""

from __future__ import annotations

import struct

from portrait_nst.imaging.encoding.pixel_planes import stacked
from portrait_nst.imaging.iso_boxes import box, boxes
from portrait_nst.types import Samples

_LOSSLESS = 100
_SPEED = 8  # of 0 to 10: a lossless file takes a fourth of the time of libavif's own 6, and is an eighth larger
_FULL = 4  # bytes of version and flags in front of the contents of some boxes
_EXTENT = 14  # bytes of an item with one extent in "iloc"
_PICTURE = 1  # the number of the picture's item


def avif(samples: Samples, icc: bytes, exif: bytes) -> bytes:
    """RGB `samples` of 8, 10 or 12 bits as an AVIF file, lossless, with a profile and an EXIF block (b"" for none)."""
    import imagecodecs

    data = imagecodecs.avif_encode(stacked(samples), level=_LOSSLESS, speed=_SPEED, bitspersample=samples.bits)
    return described(bytes(data), icc, exif)


def described(data: bytes, icc: bytes, exif: bytes) -> bytes:
    """The AVIF file `data`, as libavif writes one picture, with a profile and an EXIF block (b"" for none)."""
    parts = dict(boxes(data))
    meta = dict(boxes(parts[b"meta"][_FULL:]))
    properties = dict(boxes(meta[b"iprp"]))
    profile = box(b"colr", b"prof" + icc)
    number = len(list(boxes(properties[b"ipco"]))) + 1
    properties[b"ipco"] += profile
    properties[b"ipma"] = _associated(properties[b"ipma"], number)
    meta[b"iprp"] = _joined(properties)
    payload = b""
    if exif:
        payload = bytes(4) + exif.removeprefix(b"Exif\0\0")  # an offset to the TIFF header comes first
        entries = list(boxes(meta[b"iinf"][_FULL + 2 :]))
        item = len(entries) + 1
        info = struct.pack(">BxxxHH4s", 2, item, 0, b"Exif") + b"Exif\0"
        meta[b"iinf"] = bytes(4) + struct.pack(">H", item) + meta[b"iinf"][_FULL + 2 :] + box(b"infe", info)
        describes = box(b"cdsc", struct.pack(">HHH", item, 1, _PICTURE))
        meta[b"iref"] = meta.get(b"iref", bytes(_FULL)) + describes
        meta[b"iloc"] = meta[b"iloc"][:6] + struct.pack(">H", item) + meta[b"iloc"][8:] + bytes(_EXTENT)
    start = {name: len(box(name, content)) for name, content in parts.items()}
    before = start[b"ftyp"] + start[b"meta"]
    grown = len(box(b"meta", bytes(_FULL) + _joined(meta))) - start[b"meta"]
    meta[b"iloc"] = _moved(meta[b"iloc"], grown, before + grown + start[b"mdat"] if exif else None, len(payload))
    meta_box = box(b"meta", bytes(_FULL) + _joined(meta))
    return box(b"ftyp", parts[b"ftyp"]) + meta_box + box(b"mdat", parts[b"mdat"] + payload)


def _associated(contents: bytes, number: int) -> bytes:
    """The contents of "ipma" in which the picture has the property `number` too."""
    at = _FULL + 4  # the picture's item is the first: its number (2 bytes), how many properties, a byte for each
    count = contents[at + 2]
    end = at + 3 + count
    return contents[: at + 2] + bytes([count + 1]) + contents[at + 3 : end] + bytes([number]) + contents[end:]


def _moved(contents: bytes, by: int, last: int | None, size: int) -> bytes:
    """The contents of "iloc" with every item `by` bytes further on; with `last`, the last one has `size` bytes there."""
    result = bytearray(contents)
    count = struct.unpack_from(">H", contents, 6)[0]
    for i in range(count):
        at = 8 + i * _EXTENT
        if last is not None and i == count - 1:
            # libavif's offsets count from the file's start, and the block follows the pictures.
            struct.pack_into(">HHHII", result, at, i + 1, 0, 1, last, size)
        else:
            struct.pack_into(">I", result, at + 6, struct.unpack_from(">I", contents, at + 6)[0] + by)
    return bytes(result)


def _joined(parts: dict[bytes, bytes]) -> bytes:
    """Boxes by their names, in the order that libavif gives them, references after what describes the items."""
    order = [name for name in parts if name != b"iref"]
    if b"iref" in parts:
        order.insert(order.index(b"iinf") + 1, b"iref")
    return b"".join(box(name, parts[name]) for name in order)
