"""A palette as a value, and how it is made of colours."""

from __future__ import annotations

from dataclasses import dataclass

from portrait_nst.errors import InputError
from portrait_nst.pop_art.colour import oklab


@dataclass(frozen=True)
class Palette:
    """Colours as "#RRGGBB".

    ramp:     one colour for each tone, dark to light.
    ground:   the background's colour.
    swatches: for facets, several colours of nearly equal lightness for each tone; () to make them from the ramp's hues.
    asked:    the colours of the user's list or file as they were given; () for a named palette.
    """

    name: str
    ramp: tuple[str, ...]
    ground: str
    swatches: tuple[tuple[str, ...], ...] = ()
    asked: tuple[str, ...] = ()


GROUNDS = ("#FF2E63", "#00A6D6", "#FFC800", "#00B894", "#8A2BE2", "#FF7A1A")
"""Backgrounds to choose from for a palette that has none."""


def of_colours(colours: list[str], ground: list[str], name: str) -> Palette:
    """A palette of the colours in order of lightness. Raises InputError for fewer than two.

    ground: the colours to choose the ground from, or [] to choose from `GROUNDS`.
    """
    ramp = tuple(sorted(dict.fromkeys(colours), key=lambda c: oklab.lab_of(c)[0]))
    if len(ramp) < 2:
        raise InputError(f"The palette {name!r} has {len(ramp)} colour; it needs at least two, dark and light.")
    return Palette(name, ramp, most_unlike(ramp, tuple(ground) or GROUNDS))


def most_unlike(ramp: tuple[str, ...], grounds: tuple[str, ...] = GROUNDS) -> str:
    """The ground that is farthest from every colour of a ramp, by CIEDE2000."""
    return max(grounds, key=lambda g: min(oklab.difference(g, c) for c in ramp))
