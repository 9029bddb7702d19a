"""How large and how small a picture may be, which is looked at before anything of it is decoded."""

from __future__ import annotations

import os

from portrait_nst.errors import InputError
from portrait_nst.imaging.decoding.decoded import CheckSize

MAX_PIXELS = 400_000_000
MAX_PIXELS_VARIABLE = "PORTRAIT_NST_MAX_PIXELS"
PIXELS_A_BYTE = 10_000
"""What a file is believed to hold. Deflate packs 8,256 pixels of one bit into a byte, JPEG some 500; GIF, WebP and AVIF of
one colour can be tighter, and so can a header that lies, to which a gigabyte would be given."""
ALWAYS_BELIEVED = 25_000_000  # pixels of a file however small: decoding takes up to 15 bytes for each


def size_check(name: str, max_pixels: int | None, min_side: int, length: int | None = None) -> CheckSize:
    """A function of width and height that raises InputError where the picture `name` is not to be read.

    length:     of its file in bytes, which holds `PIXELS_A_BYTE` at most unless the user set a limit; None for no file.
    max_pixels: width times height at most; None for PORTRAIT_NST_MAX_PIXELS, else 400 million.
    min_side:   pixels that the shorter side must have.
    """
    most = most_pixels(max_pixels)
    believed = most
    if length is not None and max_pixels is None and not os.environ.get(MAX_PIXELS_VARIABLE):
        believed = max(ALWAYS_BELIEVED, PIXELS_A_BYTE * length)

    def check(width: int, height: int) -> None:
        if width * height > most:
            raise InputError(
                f"{name} says that it is {width} x {height} pixels, more than the limit of "
                f"{most / 1e6:g} megapixels. If it is no decompression bomb, set the environment variable "
                f"{MAX_PIXELS_VARIABLE} higher, for example to 1e9."
            )
        if width * height > believed:
            raise InputError(
                f"{name} says that it is {width} x {height} pixels, and is a file of {length} bytes, which is next to nothing: "
                f"it is damaged, or a decompression bomb. If it is neither, set the environment variable "
                f"{MAX_PIXELS_VARIABLE} to 4e8."
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
        most = int(float(given))
    except (ValueError, OverflowError):
        most = 0
    if most < 1:
        raise InputError(f"{MAX_PIXELS_VARIABLE} is {given!r}; expected a number of pixels from 1, such as 4e8.")
    return most
