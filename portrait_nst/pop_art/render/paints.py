"""The paints of a portrait, numbered.

The number of a paint is its place among the colours in use, from dark tones to light, with the background last. The same
photograph and settings give the same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from portrait_nst.pop_art.colour.colouring import TRANSPARENT
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.regions import BACKGROUND


@dataclass(frozen=True)
class Paint:
    """A paint, its number on the sheet, its "#RRGGBB" in each colouring, and its share of the frame's area in [0, 1]."""

    number: int
    colours: tuple[str, ...]
    share: float


def paints(composition: Composition) -> tuple[list[Paint], dict[int, int]]:
    """The paints in use, and the number of each segment's paint; an open background has none."""
    keys: dict[tuple[str, ...], tuple[int, float]] = {}
    by_segment: dict[int, tuple[str, ...]] = {}
    frame = composition.partition.frame.width * composition.partition.frame.height
    for s in composition.partition.segments:
        key = tuple(colouring.colours[s.number] for colouring in composition.colourings)
        if key[0] == TRANSPARENT:
            continue
        tone = 99 if s.tone == BACKGROUND else s.tone
        before = keys.get(key, (tone, 0.0))
        keys[key] = min(before[0], tone), before[1] + s.polygon.area / frame
        by_segment[s.number] = key
    ordered = sorted(keys, key=lambda k: (keys[k][0], k))
    number = {key: i + 1 for i, key in enumerate(ordered)}
    return [Paint(number[k], k, keys[k][1]) for k in ordered], {s: number[k] for s, k in by_segment.items()}
