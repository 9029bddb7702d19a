"""PNGs whose texts or profile are larger than Pillow reads: sound pictures, which are read without them."""

from __future__ import annotations

from portrait_nst.imaging.png_chunks import SIGNATURE, chunks

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_REFUSALS = ("MAX_TEXT_CHUNK", "MAX_TEXT_MEMORY")  # Pillow's words on what unpacks to more than 1 MB, or 64 MB in all


def without_large(data: bytes, error: Exception) -> tuple[bytes, str] | None:
    """The PNG `data` without its texts, or without its profile where it has no texts, and a note that says so.

    None where `error` is not what Pillow says of those that are too large.
    """
    if not data.startswith(SIGNATURE) or not any(word in str(error) for word in _REFUSALS):
        return None
    places = list(chunks(data))
    texts = any(kind in _TEXTS for kind, _ in places)
    dropped, note = (
        (_TEXTS, "its texts are too large to be read, and are left out")
        if texts
        else ((b"iCCP",), "its colour profile is too large to be read, and is ignored: its colours are taken as sRGB")
    )
    kept = [data[place.start - 8 : place.stop + 4] for kind, place in places if kind not in dropped]
    return SIGNATURE + b"".join(kept), note
