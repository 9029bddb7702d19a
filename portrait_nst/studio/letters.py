"""Text of users, as it may be shown anywhere."""

from __future__ import annotations

import unicodedata

BLANKS = "\t\n\r\v\f\x85\u2028\u2029"
_STEERS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F}  # the direction of text


def titled(text: str) -> str:
    """A title without line ends, and without what steers a terminal or turns the direction of text; emoji stay whole."""
    kept = "".join(" " if c in BLANKS else c for c in text)
    return " ".join(
        "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cs") and ord(c) not in _STEERS).split()
    )
