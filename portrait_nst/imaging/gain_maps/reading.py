"""Finds the gain map of an Ultra HDR JPEG: a second, smaller JPEG behind the picture's, which its header points to."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import numpy as np

from portrait_nst.imaging.gain_maps import metadata
from portrait_nst.imaging.gain_maps.gain_map import LEFT_OUT
from portrait_nst.imaging.gain_maps.jpeg_segments import APP1, APP2, SOI, picture_size, segments
from portrait_nst.imaging.pixels import upright
from portrait_nst.types import GainMap

if TYPE_CHECKING:
    from PIL import Image

MPF_SIGNATURE = b"MPF\0"
CONTAINER = "http://ns.google.com/photos/1.0/container/"
ITEM = CONTAINER + "item/"
APPLE = b"urn:com:apple:photo:2020:aux:hdrgainmap"
_OTHER_KIND = f"its {LEFT_OUT}: only that of an Ultra HDR JPEG can be carried over"
_MP_ENTRIES, _MP_ENTRY_BYTES = 0xB002, 16
_MOST = 16  # pictures in a file that are looked at
_HEIF_HEAD = 1 << 16  # bytes in which a HEIC names its auxiliary pictures; phones need about 4000


def read_gain_map(data: bytes | Image.Image, orientation: int = 1) -> tuple[GainMap | None, tuple[str, ...]]:
    """The gain map in a file, turned upright as its picture is, and remarks for the user.

    data:        the file's bytes, or a PIL image, which has no gain map any more.
    orientation: the EXIF orientation of the picture, 1 to 8.

    None where there is none, or it cannot be carried over, which a remark then says: it is damaged, Apple's, or in a HEIC or
    an AVIF. Never raises for whatever `data` holds.
    """
    if not isinstance(data, bytes):
        had_one = metadata.HDRGM.encode() in bytes(data.info.get("xmp") or b"")
        return None, (f"its {LEFT_OUT}: a PIL image does not hold it; give the file or its bytes",) if had_one else ()
    if data[4:8] == b"ftyp":
        return None, (_OTHER_KIND,) if _heif_has_one(data) else ()
    if not data.startswith(SOI):
        return None, ()
    notes: list[str] = []
    for start, end in dict.fromkeys(_secondaries(data)):
        try:
            found = _gain_map(data, data[start:end], orientation)
        except ValueError as error:
            notes.append(f"its {LEFT_OUT}: {error}")
        else:
            if isinstance(found, GainMap):
                return found, ()
            notes += [found] if found else []
    return None, tuple(dict.fromkeys(notes))


def _heif_has_one(data: bytes) -> bool:
    """Whether a HEIC or an AVIF says that it has a gain map: Apple's auxiliary picture, or the tone map item of ISO 21496-1."""
    brands = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    return b"tmap" in brands or APPLE in data[:_HEIF_HEAD]


def _secondaries(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the pictures behind the first one may begin and end, by the multi-picture index and by Google's container."""
    for found in segments(data):
        if found.marker == APP2 and found.payload.startswith(MPF_SIGNATURE):
            places = _by_index(found.payload[len(MPF_SIGNATURE) :], found.payload_offset + len(MPF_SIGNATURE))
        elif found.marker == APP1 and found.payload.startswith(metadata.XMP_SIGNATURE):
            places = _by_container(found.payload[len(metadata.XMP_SIGNATURE) :], len(data))
        else:
            continue
        for start, length in places:
            if 0 < start < len(data) and length > 0 and data.startswith(SOI, start):
                yield start, min(start + length, len(data))


def _by_index(index: bytes, origin: int) -> list[tuple[int, int]]:
    """(start, length) of each picture but the first, by the index of CIPA DC-007, whose offsets count from its own `origin`."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(index[:4])
    if order is None:
        return []
    try:
        (first,) = struct.unpack_from(order + "I", index, 4)
        (tags,) = struct.unpack_from(order + "H", index, first)
        for number in range(min(tags, 64)):
            tag, _, size, place = struct.unpack_from(order + "HHII", index, first + 2 + 12 * number)
            if tag == _MP_ENTRIES:
                count = min(size // _MP_ENTRY_BYTES, _MOST)
                entries = [struct.unpack_from(order + "III", index, place + _MP_ENTRY_BYTES * i) for i in range(count)]
                return [(origin + offset, length) for _, length, offset in entries[1:]]
    except struct.error:
        pass
    return []


def _by_container(packet: bytes, end: int) -> list[tuple[int, int]]:
    """(start, length) of each gain map by Google's container, whose pictures lie behind each other up to the file's `end`."""
    if CONTAINER.encode() not in packet:
        return []
    try:
        items = list(metadata.parse_xmp(packet).iter(f"{{{CONTAINER}}}Item"))[1 : 1 + _MOST]
        lengths = [(int(_of(item, "Length") or 0), int(_of(item, "Padding") or 0)) for item in items]
    except ValueError:
        return []
    if any(number < 0 for pair in lengths for number in pair):
        return []
    places = []
    for item, (length, padding) in reversed(list(zip(items, lengths))):
        end -= length + padding
        if _of(item, "Semantic") == "GainMap":
            places.append((end, length))
    return places


def _of(item: Element, name: str) -> str | None:
    """The property of a container's item, an attribute or an element."""
    key = f"{{{ITEM}}}{name}"
    return item.get(key, item.findtext(key))


def _gain_map(data: bytes, jpeg: bytes, orientation: int) -> GainMap | str | None:
    """The gain map in the second picture `jpeg`; a remark where it is Apple's; None where it is another picture.

    Raises ValueError where it is a gain map that cannot be used.
    """
    iso, xmp = None, None
    for found in segments(jpeg):
        if found.marker == APP2 and found.payload.startswith(metadata.ISO_SIGNATURE):
            iso = iso or found.payload[len(metadata.ISO_SIGNATURE) :]
        elif found.marker == APP1 and found.payload.startswith(metadata.XMP_SIGNATURE):
            xmp = xmp or found.payload[len(metadata.XMP_SIGNATURE) :]
    said = _metadata(iso, xmp)
    if said is None:
        return _OTHER_KIND if xmp and APPLE in xmp else None
    return _decoded(data, jpeg, orientation, *said)


def _metadata(iso: bytes | None, xmp: bytes | None) -> tuple[metadata.Metadata, bool] | None:
    """The metadata in ISO's bytes, else in XMP, and whether the gains are of the picture's own space. Raises ValueError."""
    has_xmp = xmp is not None and metadata.HDRGM.encode() in xmp
    try:
        found = metadata.from_iso(iso) if iso else None
    except ValueError:
        if not has_xmp:
            raise
        found = None
    if found is None and has_xmp and xmp is not None:
        values = metadata.from_xmp(xmp)
        found = None if values is None else (values, True)
    return found


def _decoded(data: bytes, jpeg: bytes, orientation: int, values: metadata.Metadata, base_space: bool) -> GainMap:
    from PIL import Image

    own, whole = picture_size(jpeg), picture_size(data)
    if own is None or whole is None or own[0] * own[1] > whole[0] * whole[1]:
        raise ValueError("it is larger than the picture, or its header is damaged")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(jpeg), formats=["JPEG"])
            icc = image.info.get("icc_profile")
            codes = np.array(image if image.mode == "L" else image.convert("RGB"))
    except Exception:  # whatever a decoder raises on damaged data, it must not cost the picture
        raise ValueError("it is damaged") from None
    codes = codes.reshape(*codes.shape[:2], -1)
    return GainMap(upright(codes, orientation), values, base_space, None if base_space else icc)
