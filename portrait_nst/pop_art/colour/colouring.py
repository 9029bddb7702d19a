"""A colouring of a partition: one colour for each segment."""

from __future__ import annotations

from dataclasses import dataclass

from portrait_nst.pop_art.colour.dots import DotScreen
from portrait_nst.pop_art.colour.palette import Palette
from portrait_nst.pop_art.partition.segments import Segment

TRANSPARENT = "none"
"""The colour of a segment that is left open: a transparent or kept background."""


@dataclass(frozen=True, eq=False)
class Colouring:
    """The colours of a partition's segments; a Warhol grid has several colourings of one partition.

    palette: where the colours come from.
    colours: "#RRGGBB" of each segment by number, or TRANSPARENT; of a dotted segment the dots' colour.
    screen:  in mode "dots" the dots of one tone and the paper under them.
    """

    palette: Palette
    colours: tuple[str, ...]
    screen: DotScreen | None = None

    def is_dotted(self, segment: Segment) -> bool:
        """Whether a segment is printed as dots."""
        return self.screen is not None and segment.tone == self.screen.tone

    def fill(self, segment: Segment) -> str:
        """The colour that a segment is filled with: its own, or the paper's under its dots; or TRANSPARENT."""
        return self.screen.paper if self.screen and self.is_dotted(segment) else self.colours[segment.number]
