"""A file that is looked at in blocks: memory stays small whatever its size, and other threads run between two blocks.

What is looked at is counted. A file may be built so that a way through it takes steps without end, or sees the same bytes again
and again; all of that ends where honest files never come to.
"""

from __future__ import annotations

import os
import re
from typing import BinaryIO

STEPS = 1_000_000  # looks at a file; a GIF of 100 MB, with the most parts that a file has, takes 800,000
ROUNDS, SPARE = 16, 16 << 20  # so often its size, and so many bytes more, may be looked at
_SLICE = 1 << 16  # bytes that are read at first
_LARGEST = 1 << 20  # bytes that are read at a time


class Endless(Exception):
    """A file was looked at more often than an honest one takes."""


class Blocks:
    """Bytes of an open file, by their place.

    size:   of the file in bytes.
    looked: bytes that were read or searched so far. steps: how often.

    Raises Endless after `STEPS` steps, or `ROUNDS` times its size.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        self._first, self._kept = 0, b""
        self.steps = self.looked = 0

    def at(self, place: int, count: int) -> bytes:
        """`count` bytes from `place`, fewer where the file ends."""
        self._count(0)
        if place < 0:
            return b""
        start = place - self._first
        if start < 0 or start + count > len(self._kept):
            self._read(place, max(count, _SLICE))
            start = 0
        return self._kept[start : start + count]

    def number(self, place: int, count: int, order: str = "big") -> int:
        """The whole number in `count` bytes from `place`."""
        return int.from_bytes(self.at(place, count), "little" if order == "little" else "big")

    def search(self, pattern: re.Pattern[bytes], start: int, end: int | None = None, longest: int = 64) -> int:
        """Where `pattern`, of `longest` bytes at most, is first found from `start` on and before `end`; -1 for nowhere.

        It costs as much as it goes on: what was read is searched first, and what is read beyond is kept.
        """
        place, end = max(start, 0), self.size if end is None else min(end, self.size)
        size = _SLICE
        while place < end:
            offset = place - self._first
            if not 0 <= offset <= len(self._kept) - min(longest, end - place):
                self._read(place, size + longest)
                offset, size = 0, min(_LARGEST, 2 * size)
            until = min(len(self._kept), end - self._first)
            found = pattern.search(self._kept, offset, until)
            self._count((found.end() if found else until) - offset)
            if found:
                return self._first + found.start()
            if self._first + until >= end or until <= offset:
                return -1
            place = self._first + until - longest + 1  # one that is cut off there begins no earlier
        return -1

    def _read(self, place: int, count: int) -> None:
        self._file.seek(place)
        self._first, self._kept = place, self._file.read(count)
        self._count(len(self._kept))

    def _count(self, looked: int) -> None:
        self.steps += 1
        self.looked += looked
        if self.steps > STEPS or self.looked > ROUNDS * self.size + SPARE:
            raise Endless
