"""The name of a user's file, as it may be shown."""

from __future__ import annotations

import unicodedata

LONGEST = 200  # characters
NAMELESS = "unnamed"
_BLANKS = "\t\n\r\v\f\x85\u2028\u2029"


_STEERS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F}  # the direction of text


def titled(text: str) -> str:
    """A title without line ends, and without what steers a terminal or turns the direction of text; emoji stay whole."""
    kept = "".join(" " if c in _BLANKS else c for c in text)
    return " ".join(
        "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs") and ord(c) not in _STEERS).split()
    )


def shown(name: str) -> str:
    """The last part of `name`, without what steers a terminal or turns the direction of text, of at most `LONGEST` characters.

    It is for show only: no file is ever called so. A long one keeps its suffix.
    """
    last = name.replace("\\", "/").rstrip("/ ").rpartition("/")[2]
    # Controls, marks of direction and other format characters, halves of surrogate pairs, and what is no character yet.
    kept = "".join(" " if c in _BLANKS else c for c in last)
    kept = "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp"))
    kept = " ".join(kept.split())
    if len(kept) > LONGEST:
        stem, dot, suffix = kept.rpartition(".")
        ending = dot + suffix if stem and len(suffix) <= 10 else ""
        kept = kept[: LONGEST - len(ending) - 3] + "..." + ending
    return kept if kept.strip(". ") else NAMELESS
