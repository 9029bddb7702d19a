"""Writes an Ultra HDR JPEG: the picture, behind it its gain map, and in both headers what either kind of reader looks for.

Adobe's and Google's readers follow the XMP, newer ones ISO 21496-1 and the multi-picture index of CIPA DC-007.
"""

from __future__ import annotations

import io
import struct

import numpy as np

from portrait_nst.imaging.gain_maps import metadata
from portrait_nst.imaging.gain_maps.jpeg_segments import APP1, APP2, insertion_point, segment, with_segments
from portrait_nst.imaging.gain_maps.reading import CONTAINER, ITEM, MPF_SIGNATURE
from portrait_nst.types import GainMap

_PRIMARY, _UNDEFINED = 0x030000, 0  # what CIPA DC-007 calls the first picture, and one of which it knows nothing
_INDEX_BYTES = 4 + 4 + 2 + 3 * 12 + 4 + 2 * 16
_ISO_VERSIONS = b"\0\0\0\0"  # the least version that a reader needs, and the writer's


def attach(jpeg: bytes, gain_map: GainMap, quality: int) -> bytes:
    """The picture `jpeg` with `gain_map` behind it, as an Ultra HDR JPEG.

    quality: of the gain map's own JPEG, 1 to 100.

    The picture's pixels and all its segments stay as they are, EXIF and profile too. What is added is what a reader needs to find
    and apply the map, and nothing of the original's XMP. Gains of another colour space than the picture's own are written for
    readers of ISO 21496-1 alone, because Adobe's would apply them in the picture's. The same values give the same bytes.
    """
    second = _encoded(gain_map, quality)
    added = segment(APP2, metadata.ISO_SIGNATURE + _ISO_VERSIONS)
    if gain_map.base_space:
        added = segment(APP1, metadata.XMP_SIGNATURE + _directory(len(second)).encode()) + added
    head = len(segment(APP2, MPF_SIGNATURE)) + _INDEX_BYTES
    size = len(jpeg) + len(added) + head
    origin = insertion_point(jpeg) + len(added) + len(segment(APP2, MPF_SIGNATURE))
    added += segment(APP2, MPF_SIGNATURE + _index(size, size - origin, len(second)))
    return with_segments(jpeg, added) + second


def _encoded(gain_map: GainMap, quality: int) -> bytes:
    """The gain map's own JPEG with its metadata."""
    from PIL import Image

    file = io.BytesIO()
    codes = gain_map.codes[..., 0] if gain_map.codes.shape[2] == 1 else gain_map.codes
    options = {} if gain_map.base_space else {"icc_profile": gain_map.icc}
    Image.fromarray(np.ascontiguousarray(codes)).save(file, "JPEG", quality=quality, subsampling=0, **options)
    iso = metadata.to_iso(gain_map.metadata, gain_map.base_space)
    added = segment(APP2, metadata.ISO_SIGNATURE + iso)
    if gain_map.base_space:
        added = segment(APP1, metadata.XMP_SIGNATURE + metadata.to_xmp(gain_map.metadata).encode()) + added
    return with_segments(file.getvalue(), added)


def _directory(length: int) -> str:
    """The XMP of the picture: that it has a gain map, of so many bytes."""
    items = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item {item} Item:Mime="image/jpeg"/></rdf:li>'
        for item in ('Item:Semantic="Primary"', f'Item:Semantic="GainMap" Item:Length="{length}"')
    )
    return metadata.packet(
        f'<rdf:Description rdf:about="" xmlns:Container="{CONTAINER}" xmlns:Item="{ITEM}" xmlns:hdrgm="{metadata.HDRGM}" '
        f'hdrgm:Version="{metadata.VERSION}"><Container:Directory><rdf:Seq>{items}</rdf:Seq></Container:Directory>'
        "</rdf:Description>"
    )


def _index(size: int, offset: int, length: int) -> bytes:
    """The multi-picture index of two: the picture's `size`, and the gain map's `offset`, from the index on, and `length`."""
    tags = struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")  # the version
    tags += struct.pack(">HHII", 0xB001, 4, 1, 2)  # how many pictures
    tags += struct.pack(">HHII", 0xB002, 7, 32, 8 + 2 + 3 * 12 + 4)  # where the entries are
    entries = struct.pack(">IIIHH", _PRIMARY, size, 0, 0, 0) + struct.pack(">IIIHH", _UNDEFINED, length, offset, 0, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 3) + tags + bytes(4) + entries
