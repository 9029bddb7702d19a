"""A file that is looked at in blocks: memory stays small whatever its size, and other threads run between two blocks."""

from __future__ import annotations

import os
import re
from typing import BinaryIO

STEPS = 2_000_000
_SLICE = 1 << 16  # bytes that are kept for `at`
_SEARCHED = 1 << 20  # bytes that are searched at a time


class Blocks:
    """Bytes of an open file, by their place.

    size: of the file in bytes.

    After `STEPS` looks it seems to end, so that a file of countless empty parts costs no more than a second or two.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        self._first, self._kept = 0, b""
        self._steps = 0

    def at(self, place: int, count: int) -> bytes:
        """`count` bytes from `place`, fewer where the file ends."""
        self._steps += 1
        if place < 0 or self._steps > STEPS:
            return b""
        start = place - self._first
        if start < 0 or start + count > len(self._kept):
            self._file.seek(place)
            self._first, self._kept, start = place, self._file.read(max(count, _SLICE)), 0
        return self._kept[start : start + count]

    def number(self, place: int, count: int, order: str = "big") -> int:
        """The whole number in `count` bytes from `place`."""
        return int.from_bytes(self.at(place, count), "little" if order == "little" else "big")

    def search(self, pattern: re.Pattern[bytes], start: int, end: int | None = None, longest: int = 64) -> int:
        """Where `pattern`, of `longest` bytes at most, is first found from `start` on and before `end`; -1 for nowhere."""
        place, end = max(start, 0), self.size if end is None else min(end, self.size)
        while place < end:
            self._file.seek(place)
            block = self._file.read(min(_SEARCHED + longest, end - place))
            if not block:
                return -1
            if found := pattern.search(block):
                return place + found.start()
            place += _SEARCHED
        return -1
