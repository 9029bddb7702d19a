"""Styles of one colour: they have no strokes. The painting takes their colour, while light and shade remain the photo's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst import imaging
from portrait_nst.types import UInt8Array

if TYPE_CHECKING:
    from portrait_nst.transfer import StyleSource

FLAT = 1.5 / 255  # standard deviation of a channel below which a picture is of one colour
NOTE = "the style is of one colour: its colour was taken, light and shade are the photo's"


def flat_sources(sources: Sequence[StyleSource]) -> list[StyleSource]:
    """The `sources` whose pictures are of one colour."""
    from portrait_nst.transfer import initialization

    return [source for source in sources if np.trace(initialization.style_colours(source)[1]) < 3 * FLAT**2]


def recoloured(painted: UInt8Array, content: UInt8Array, sources: Sequence[StyleSource]) -> UInt8Array:
    """`painted` (H, W, 3), in which the regions of the flat `sources` are replaced by the `content` in their colours."""
    from portrait_nst.transfer import initialization

    regions = [source.region for source in sources]
    moved = initialization.in_style_colours(imaging.to_float(content), sources, regions, bounded=True)
    for region in regions:
        painted = imaging.composite(painted, imaging.to_uint8(moved), region)
    return painted
