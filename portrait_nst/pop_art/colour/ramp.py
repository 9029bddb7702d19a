"""One colour of a ramp for each tone, plain or with one tone printed as dots."""

from __future__ import annotations

from portrait_nst.pop_art.colour import dots, oklab
from portrait_nst.pop_art.colour.colouring import TRANSPARENT, Colouring
from portrait_nst.pop_art.colour.contrast import FLOOR
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.partition.segments import Partition, is_background


def ground_of(palette: Palette, background: str) -> str:
    """The background's colour, "#RRGGBB" or TRANSPARENT, for the setting `background`."""
    if background in ("keep", "transparent"):
        return TRANSPARENT
    return palette.ground if background == "colour" else background.upper()


def by_tone(partition: Partition, palette: Palette, background: str) -> Colouring:
    """One colour of the ramp for each tone."""
    ground = ground_of(palette, background)
    return Colouring(palette, tuple(ground if is_background(s) else palette.ramp[s.tone] for s in partition.segments))


def with_dots(partition: Partition, palette: Palette, background: str) -> Colouring:
    """One colour for each tone, but the second lightest as dots of the tone before it on paper of the lightest.

    The dots are as small as keeps the colour that they mix to apart from the other tones.
    """
    tone = max(1, partition.tone_count - 2)
    dot, paper = palette.ramp[tone - 1], palette.ramp[-1]
    others = [c for i, c in enumerate(palette.ramp) if i != tone]

    def apart(radius: float) -> float:
        return min(oklab.difference(dots.seen(dot, paper, radius), c) for c in others)

    radius = next((r for r in dots.RADII if apart(r) >= FLOOR), max(dots.RADII, key=apart))
    plain = by_tone(partition, palette, background)
    colours = tuple(dot if s.tone == tone else plain.colours[s.number] for s in partition.segments)
    return Colouring(palette, colours, dots.DotScreen(tone, paper, radius))
