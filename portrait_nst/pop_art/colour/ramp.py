"""Colour for segments: one of the ramp a tone, and the numbers that judge a colouring."""

from __future__ import annotations

from portrait_nst.pop_art.colour import dots as dots_of
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import FLOOR
from portrait_nst.pop_art.colour.palettes import Palette
from portrait_nst.pop_art.partition.geometry import Geometry, is_background
from portrait_nst.pop_art.result import TRANSPARENT, Cell
from portrait_nst.pop_art.settings import PopartSettings


def ground_of(palette: Palette, settings: PopartSettings) -> str:
    """The background's colour, or TRANSPARENT."""
    if settings.background in ("keep", "transparent"):
        return TRANSPARENT
    return palette.ground if settings.background == "colour" else settings.background.upper()


def ramp(geometry: Geometry, palette: Palette, settings: PopartSettings) -> Cell:
    """One colour a tone."""
    ground = ground_of(palette, settings)
    return Cell(palette, tuple(ground if is_background(s) else palette.ramp[s.tone] for s in geometry.segments))


def dots(geometry: Geometry, palette: Palette, settings: PopartSettings) -> Cell:
    """One colour a tone, and the second lightest as dots of the tone before it on paper of the lightest.

    The dots are as small as keeps the colour that they seem to make apart from the other tones.
    """
    plain = ramp(geometry, palette, settings)
    tone = dotted_tone(geometry)
    colours = tuple(palette.ramp[tone - 1] if s.tone == tone else c for s, c in zip(geometry.segments, plain.colours))
    dot, paper = palette.ramp[tone - 1], palette.ramp[-1]
    others = [c for i, c in enumerate(palette.ramp) if i != tone]

    def apart(radius: float) -> float:
        return min(oklab.difference(dots_of.seen(dot, paper, radius), c) for c in others)

    radius = next((r for r in dots_of.RADII if apart(r) >= FLOOR), max(dots_of.RADII, key=apart))
    return Cell(palette, colours, paper, radius)


def dotted_tone(geometry: Geometry) -> int:
    """The tone that mode "dots" prints as dots."""
    return max(1, geometry.tones - 2)
