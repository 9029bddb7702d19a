"""Looks for words in files: in their bytes, and in what is compressed or encoded in them."""

from __future__ import annotations

import base64
import contextlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_BASE64 = re.compile(rb"base64,([A-Za-z0-9+/=]{40,})")
_ASCII85 = re.compile(rb"stream\r?\n(.*?~>)", re.DOTALL)


def layers(data: bytes) -> Iterator[bytes]:
    """`data` itself, and all that is deflated (PNG text, PDF), in Base64 (pages, SVG) or in Ascii85 (PDF) within it."""
    yield data
    for found in _ZLIB.finditer(data):
        with contextlib.suppress(zlib.error):
            inner = zlib.decompressobj().decompress(data[found.start() :], 1_000_000)
            if inner:
                yield inner
    for found in _BASE64.finditer(data):
        yield from layers(base64.b64decode(found[1] + b"=="))
    for found in _ASCII85.finditer(data):
        with contextlib.suppress(ValueError):
            yield from layers(base64.a85decode(found[1].strip().removesuffix(b"~>")))


def leaks(file: Path, words: list[str]) -> list[str]:
    """Those of `words` that are somewhere in the file, as UTF-8 or UTF-16, in capitals or not."""
    parts = [part.lower() for part in layers(file.read_bytes())]
    forms = {word: [word.lower().encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")] for word in words}
    return [word for word, kinds in forms.items() if any(kind in part for kind in kinds for part in parts)]
