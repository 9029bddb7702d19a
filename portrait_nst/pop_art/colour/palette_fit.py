"""A palette is given more or fewer colours, one for each tone, and they are kept apart."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np

from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import keep_apart
from portrait_nst.pop_art.colour.palette import Palette


def fitted(found: Palette, tones: int) -> Palette:
    """The palette with `tones` colours, which CIEDE2000 holds apart."""
    if len(found.swatches) == tones:
        return found
    ramp, ground = keep_apart(resampled(found.ramp, tones), found.ground)
    return dataclasses.replace(found, ramp=ramp, ground=ground, swatches=())


def changes(found: Palette, tones: int) -> str:
    """A note on what became of the user's colours in a palette of `tones` colours; "" where it has all of them."""
    count = len(found.asked)
    lost = [c for c in found.asked if c not in found.ramp]
    if count > tones:
        return f"{tones} tones of the palette's {count} colours were taken" + (
            f"; tones {count} takes all" if count <= 8 else ""
        )
    if lost:
        return f"moved to keep all colours apart: {', '.join(lost)} of the palette"
    if count and count < tones:
        return f"the palette's {count} colours were made {tones} by blending" + (
            f"; tones {count} takes them alone" if count >= 3 else ""
        )
    return ""


def resampled(ramp: tuple[str, ...], tones: int) -> tuple[str, ...]:
    """Some of a ramp's colours where it has more than `tones`; all of them, and blends in the widest gaps, where fewer."""
    if len(ramp) > tones:
        return tuple(ramp[round(float(i))] for i in np.linspace(0, len(ramp) - 1, tones))
    result = list(ramp)
    while len(result) < tones:
        gaps = [oklab.difference(a, b) for a, b in pairwise(result)]
        widest = int(np.argmax(gaps))
        result.insert(widest + 1, between(result[widest], result[widest + 1], 0.5))
    return tuple(result)


def between(one: str, other: str, share: float) -> str:
    """The colour at a share of the way from one colour to another in OKLCH, where hues turn the shorter way."""
    a, b = oklab.lch_of(one), oklab.lch_of(other)
    turn = (b[2] - a[2] + np.pi) % (2 * np.pi) - np.pi
    light, chroma = (a[k] + share * (b[k] - a[k]) for k in range(2))
    return oklab.hex_of_lch(light, chroma, a[2] + share * turn)
