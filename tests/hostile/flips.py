"""Changes to any bytes, whatever they mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Rng = np.random.Generator
Mutator = Callable[[Rng, bytes], bytes]

WORDS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)


def pick(rng: Rng, options: tuple[int, ...]) -> int:
    """One of `options`."""
    return options[int(rng.integers(len(options)))]


def hostile_number(rng: Rng, old: int, bits: int) -> int:
    """A number to stand for `old` in a field of `bits`: 0, huge, negative, off by one, a little other, or any."""
    kind = int(rng.integers(5))
    if kind == 0:
        new = old + pick(rng, (-1, 1, -4, 4))
    elif kind == 1:
        new = old * pick(rng, (2, 3, 256, 65536)) // pick(rng, (1, 1, 5))
    elif kind == 2:
        new = int(rng.integers(1 << min(bits, 62)))
    else:
        new = pick(rng, WORDS)
    return new & ((1 << bits) - 1)


def _place(rng: Rng, data: bytes) -> int:
    """A place in `data`; half of all are in its first 512 bytes, where headers are."""
    return int(rng.integers(min(len(data), 512) if rng.random() < 0.5 else len(data)))


def flip_bytes(rng: Rng, data: bytes) -> bytes:
    """Sixteen bytes, or fewer, become any others."""
    found = bytearray(data)
    for _ in range(int(rng.integers(1, 17))):
        found[_place(rng, data)] = int(rng.integers(256))
    return bytes(found)


def flip_bits(rng: Rng, data: bytes) -> bytes:
    """One to eight bits flip."""
    found = bytearray(data)
    for _ in range(int(rng.integers(1, 9))):
        found[_place(rng, data)] ^= 1 << int(rng.integers(8))
    return bytes(found)


def cut(rng: Rng, data: bytes) -> bytes:
    """The end is missing."""
    return data[: _place(rng, data)] or b"\0"


def behead(rng: Rng, data: bytes) -> bytes:
    """The beginning is missing."""
    return data[min(_place(rng, data), len(data) - 1) :]


def double(_: Rng, data: bytes) -> bytes:
    """The file twice."""
    return data + data


def remove_part(rng: Rng, data: bytes) -> bytes:
    """A part in the middle is missing."""
    at = _place(rng, data)
    return data[:at] + data[at + int(rng.integers(1, 65)) :] or b"\0"


def repeat_part(rng: Rng, data: bytes) -> bytes:
    """A part in the middle stands there up to 50 times."""
    at = _place(rng, data)
    part = data[at : at + int(rng.integers(1, 65))]
    return data[:at] + part * int(rng.integers(2, 50)) + data[at + len(part) :]


def put_word(rng: Rng, data: bytes) -> bytes:
    """Two, four or eight bytes become a hostile number, in either byte order."""
    size = pick(rng, (2, 4, 4, 8))
    if len(data) < size:
        return data
    at = min(_place(rng, data), len(data) - size)
    order: tuple[str, ...] = ("big", "little")
    old = int.from_bytes(data[at : at + size], "big")
    new = hostile_number(rng, old, size * 8).to_bytes(size, "big")
    return data[:at] + (new if order[int(rng.integers(2))] == "big" else new[::-1]) + data[at + size :]


def fill(rng: Rng, data: bytes) -> bytes:
    """A part becomes all one byte."""
    at, size = _place(rng, data), int(rng.integers(1, 256))
    return data[:at] + bytes([pick(rng, (0, 255, 0x80))]) * len(data[at : at + size]) + data[at + size :]


MUTATORS: tuple[Mutator, ...] = (
    flip_bytes, flip_bytes, flip_bits, flip_bits, cut, behead, double, remove_part, repeat_part, put_word, put_word, fill,
)  # fmt: skip
