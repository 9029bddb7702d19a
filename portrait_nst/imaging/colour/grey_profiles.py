"""ICC profiles of grey and of RGB that share a tone curve, so that a grey value v and the colour (v, v, v) look the same."""

from __future__ import annotations

import struct
from functools import lru_cache

from portrait_nst.imaging.colour.profiles import srgb_profile

_HEADER, _ENTRY = 128, 12
_COLOUR_SPACE = slice(16, 20)  # of the header


def curve_of_grey(profile: bytes | None) -> bytes | None:
    """An RGB profile with sRGB's primaries and the tone curve of the grey `profile`; None where that has no curve.

    None stands for sRGB's own curve, and gives sRGB.
    """
    if profile is None:
        return srgb_profile()
    try:
        curve = _tags(profile).get(b"kTRC")
    except struct.error:
        return None
    if curve is None:
        return None
    tags = _tags(srgb_profile())
    return _profile(tags | {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}, b"RGB ")


@lru_cache(maxsize=1)
def srgb_grey_profile() -> bytes:
    """The profile of grey values with sRGB's tone curve."""
    tags = _tags(srgb_profile())
    kept = {name: data for name, data in tags.items() if name in (b"cprt", b"wtpt", b"chad")}
    return _profile(kept | {b"desc": _description("sRGB grey"), b"kTRC": tags[b"rTRC"]}, b"GRAY")


def _tags(profile: bytes) -> dict[bytes, bytes]:
    """The tags of an ICC profile by their signatures. Raises struct.error for a profile that is cut off."""
    (count,) = struct.unpack_from(">I", profile, _HEADER)
    entries = (struct.unpack_from(">4sII", profile, _HEADER + 4 + _ENTRY * i) for i in range(min(count, 100)))
    return {name: profile[start : start + size] for name, start, size in entries}


def _profile(tags: dict[bytes, bytes], space: bytes) -> bytes:
    """A profile of the `tags` with the header of ours for sRGB, for values in the colour `space`."""
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        start = _HEADER + 4 + _ENTRY * len(tags) + len(data)
        table += struct.pack(">4sII", name, start, len(content))
        data += content + bytes(-len(content) % 4)
    header = bytearray(srgb_profile()[:_HEADER])
    header[:4] = struct.pack(">I", _HEADER + len(table) + len(data))
    header[_COLOUR_SPACE] = space
    header[84:100] = bytes(16)  # the digest of a profile is optional, and sRGB's would be wrong
    return bytes(header) + table + data


def _description(text: str) -> bytes:
    """A tag of the type multiLocalizedUnicode with one text."""
    encoded = text.encode("utf-16-be")
    return struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(encoded), 28) + encoded
