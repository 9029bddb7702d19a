r"""Files that are two things at once: a picture for the studio, and an archive, document, page or program for somebody else.

The rule. Refused is a picture or clip

- with a PDF's header in its first kilobyte, where readers of PDF look for it;
- with a page's first tag in its first kilobyte, where browsers guess, or ``/*`` right behind its first mark, with which a picture
  becomes JavaScript;
- with ``<script`` or ``<?php`` anywhere, since those who run it skip what stands before;
- with the directory of a ZIP (JAR, APK, Office) in its last 64 kB, where its readers look; with the mark of a RAR or 7z anywhere;
- with a program, shell script, archive, document or page where it ends itself and something else begins.

Of clips, which can be long, the first and last 4 MB are looked through for what can be anywhere.

Everything else behind a picture is left in peace, for cameras put much there: further JPEGs (MPF previews, gain maps, depth), a
film (motion photos; it may have a trailer itself), the trailers of Samsung (``SEFH``), Canon, Nikon and others, and zeros.
Captions may have links in them (``<a href=``), and XMP is XML.
"""

from __future__ import annotations

import re

from portrait_nst.studio.security.blocks import Blocks
from portrait_nst.studio.security.ends import end_of

_START = 1024  # bytes in which a PDF's header, or a page's first tag, counts
_TAIL = 22 + 65_535  # bytes of the end in which a ZIP's directory is looked for
_ROUND = 4 << 20  # bytes of the beginning and the end of a clip that are looked through
_PADDING = re.compile(rb"[^\0\s]")
_TAG = re.compile(rb"(?i)<(?:!doctype|html|head|body|iframe|svg|title|meta http|link )")
_ANYWHERE = (
    (re.compile(rb"<[sS][cC][rR][iI][pP][tT]"), "a script"),
    (re.compile(rb"<\?[pP][hH][pP]"), "a script"),
    (re.compile(rb"Rar!\x1a\x07"), "a RAR archive"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive"),
)
_BEHIND = (
    (re.compile(rb"#! ?/"), "a shell script"),
    (re.compile(rb"\x7fELF"), "a program"),
    (re.compile(rb"MZ.{0,4096}?PE\0\0", re.DOTALL), "a program"),
    (re.compile(rb"MZ.{0,200}This program", re.DOTALL), "a program"),
    (
        re.compile(rb"\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe|dex\n0|!<arch>\n|\0asm"),
        "a program",
    ),
    (re.compile(rb"PK\x03\x04|\x1f\x8b\x08|BZh[1-9]1AY|\xfd7zXZ\0|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an archive"),
    (re.compile(rb"%PDF-|%!PS|\{\\rtf"), "a document"),
    (re.compile(rb"(?is)<\?xml.{0,1000}?<svg"), "a page"),
)
_COMMENT = {"JPEG": 4, "GIF": 6, "BMP": 2, "WebP": 4, "AVI": 4}  # where `/*` would stand
_CODE = re.compile(rb"\*/[ \t\r\n]{0,60}[=;(.,+\[`]")  # behind a comment
_RECORDS = 20  # of a ZIP's end that are looked at; by chance there is hardly one
_FURTHER = 100  # pictures and films behind a picture that are stepped over


def other_kind(source: Blocks, kind: str, *, whole: bool) -> str:
    """What the file of `kind` is beside, in words ("a ZIP archive"); "" for nothing.

    whole: all of it is looked through; otherwise its first and last 4 MB.
    """
    head = source.at(0, _START)
    if b"%PDF-" in head:
        return "a document"
    if _TAG.search(head):
        return "a page"
    if _is_javascript(source, kind, head):
        return "a script"
    if _has_zip(source):
        return "a ZIP archive"
    for start, end in [(0, source.size)] if whole or source.size < 2 * _ROUND else _rounds(source.size):
        for pattern, what in _ANYWHERE:
            if source.search(pattern, start, end) >= 0:
                return what
    return _behind(source, kind)


def _is_javascript(source: Blocks, kind: str, head: bytes) -> bool:
    """Whether the first bytes are a word, or a word and its value, and a comment hides the picture until code begins."""
    if kind == "GIF" and b"/*" in head[7:13]:  # no picture has such a size
        return True
    if kind not in _COMMENT or not head[_COMMENT[kind] :].startswith(b"/*"):
        return False
    return end_of(source, kind) != source.size or source.search(_CODE, 6, longest=64) >= 0


def _rounds(size: int) -> list[tuple[int, int]]:
    return [(0, _ROUND), (size - _ROUND, size)]


def _has_zip(source: Blocks) -> bool:
    """Whether the file ends with a ZIP's directory, as its readers find it: by the record at its end."""
    first = max(0, source.size - _TAIL)
    tail = source.at(first, _TAIL)
    if tail.count(b"PK\x05\x06") > _RECORDS:
        return True
    place = len(tail)
    while (place := tail.rfind(b"PK\x05\x06", 0, place)) >= 0:
        length = int.from_bytes(tail[place + 12 : place + 16], "little")
        offset = int.from_bytes(tail[place + 16 : place + 20], "little")
        begins = {source.at(first + place - length, 4), source.at(offset, 4)}
        if b"PK\x01\x02" in begins or b"PK\x01\x02" in tail[:place] or tail[place - 20 : place - 16] == b"PK\x06\x07":
            return True
    return False


def _behind(source: Blocks, kind: str) -> str:
    """What begins where the picture ends, or where what is left in peace behind it ends."""
    place = end_of(source, kind)
    for _ in range(_FURTHER):
        if place is None:
            return ""
        end, place = place, source.search(_PADDING, place, longest=1)
        if place < 0:
            return ""
        head = source.at(place, 8192)
        film = next((at for at in range(max(end, place - 3), place + 1) if source.at(at + 4, 4) == b"ftyp"), None)
        if film is not None:  # its length begins with zeros
            place = end_of(source, "MP4", film)
        elif head.startswith(b"\xff\xd8\xff"):
            place = end_of(source, "JPEG", place)
        else:
            return next((what for pattern, what in (*_BEHIND, (_TAG, "a page")) if pattern.match(head)), "")
    return ""
