"""Times of a clip as users write them: seconds, or hours, minutes and seconds."""

from __future__ import annotations

import math
import re

from portrait_nst.errors import InputError

EXPECTED = "seconds such as 62.5, or minutes and seconds such as 1:02.5, or hours too, 1:01:02.5"
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d*)?)", re.ASCII)
_SECONDS = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)


def parse_time(value: float | str, what: str = "time") -> float:
    """`value` in seconds: a number, or text such as "62.5", "1:02.5" or "1:01:02.5".

    what: its name in messages. Raises InputError.
    """
    if isinstance(value, str):
        text = value.strip().removesuffix("s")
        if found := _CLOCK.fullmatch(text):
            hours, minutes, seconds = (float(part or 0) for part in found.groups())
            if seconds < 60 and (minutes < 60 or found[1] is None):
                return 3600 * hours + 60 * minutes + seconds
        elif _SECONDS.fullmatch(text):
            return float(text)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise InputError(f"{what} must be {EXPECTED}, not {value!r}.")


def clock(seconds: float) -> str:
    """`seconds` as players show them: "0:07", "1:02", "1:01:02"."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    start = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{start}:{whole % 60:02}"
