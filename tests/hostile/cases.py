"""The inputs of a target: the same seed and number make the same bytes, while the libraries that write the seeds are the same."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import numpy as np

from tests.hostile.bombs import inflated
from tests.hostile.containers import BY_FORMAT
from tests.hostile.flips import MUTATORS, Rng
from tests.hostile.pictures import seeds

Maker = Callable[[Rng], bytes]


def rng_of(target: str, seed: int, number: int) -> Rng:
    """The random numbers of one input."""
    return np.random.default_rng([seed, number, zlib.crc32(target.encode())])


def changed(rng: Rng, data: bytes, kind: str = "") -> bytes:
    """`data` changed once, seldom up to four times; two in three changes are of its structure where its `kind` is known."""
    for _ in range(1 if rng.random() < 0.6 else int(rng.integers(2, 5))):
        if kind in BY_FORMAT and rng.random() < 0.65:
            data = BY_FORMAT[kind](rng, data)
        else:
            data = MUTATORS[int(rng.integers(len(MUTATORS)))](rng, data)
        data = data or b"\0"
    return data


def picture(rng: Rng, found: Mapping[str, bytes] | None = None) -> bytes:
    """A hostile picture: one of the seeds changed, two glued together, or the head of one on the body of another."""
    known = seeds() if found is None else found
    # Formats come equally often, whatever the number of their seeds.
    formats = sorted({name.split()[0] for name in known})
    kind = formats[int(rng.integers(len(formats)))]
    names = [name for name in known if name.split()[0] == kind]
    data = known[names[int(rng.integers(len(names)))]]
    glue = rng.random()
    if glue > 0.9 and kind in BY_FORMAT:
        return inflated(rng, data, kind)
    if glue < 0.08:
        other = known[list(known)[int(rng.integers(len(known)))]]
        if glue < 0.03:
            return data + other
        if glue < 0.05:
            return changed(rng, data + other, kind)
        at = int(rng.integers(4, 200))
        return data[:at] + other[int(rng.integers(0, at + 1)) :]
    return changed(rng, data, kind)
