"""How large and how small a picture may be, which is looked at before anything of it is decoded."""

from __future__ import annotations

import os

from portrait_nst.errors import InputError
from portrait_nst.imaging.decoded import CheckSize

MAX_PIXELS = 400_000_000
MAX_PIXELS_VARIABLE = "PORTRAIT_NST_MAX_PIXELS"


def size_check(name: str, max_pixels: int | None, min_side: int) -> CheckSize:
    """A function of width and height that raises InputError where the picture `name` is not to be read.

    max_pixels: width times height at most; None for PORTRAIT_NST_MAX_PIXELS, else 400 million.
    min_side:   pixels that the shorter side must have.
    """
    most = most_pixels(max_pixels)

    def check(width: int, height: int) -> None:
        if width * height > most:
            raise InputError(
                f"{name} says that it is {width} x {height} pixels, more than the limit of "
                f"{most / 1e6:g} megapixels. If it is no decompression bomb, set the environment variable "
                f"{MAX_PIXELS_VARIABLE} higher, for example to 1e9."
            )
        if min(width, height) < min_side:
            raise InputError(
                f"{name} is only {width} x {height} pixels; expected at least {min_side} on each side. "
                "Choose a larger picture."
            )

    return check


def most_pixels(max_pixels: int | None = None) -> int:
    """The limit of width times height: `max_pixels`, else that of the environment, else 400 million. Raises InputError."""
    if max_pixels is not None:
        return max_pixels
    given = os.environ.get(MAX_PIXELS_VARIABLE, "")
    if not given:
        return MAX_PIXELS
    try:
        return int(float(given))
    except (ValueError, OverflowError):
        raise InputError(f"{MAX_PIXELS_VARIABLE} is {given!r}; expected a number of pixels, such as 4e8.") from None
