"""Text in plots and sheets: DejaVu Sans, which matplotlib brings along, has the letters of most alphabets."""

from __future__ import annotations

import functools
from pathlib import Path


def font_file(bold: bool = False) -> Path:
    """The file of the font."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")


def drawable(text: str) -> str:
    r"""`text` with escapes, such as \u65e5, for what the font lacks: the name of a file may hold any character."""
    if text.isascii():
        return text
    known = _letters()
    return "".join(c if ord(c) in known else c.encode("unicode_escape").decode() for c in text)


@functools.cache
def _letters() -> frozenset[int]:
    """The code points that both weights of the font have."""
    from matplotlib.ft2font import FT2Font

    plain, bold = (frozenset(FT2Font(str(font_file(weight))).get_charmap()) for weight in (False, True))
    return plain & bold | {ord("\n")}
