"""Outlines: lines of ink on the silhouette and on borders that jump two tones."""

from __future__ import annotations

from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.topology import OUTSIDE, Points

SILHOUETTE = 5.0
BORDER = 2.6
COLOUR = "#0B0B0B"


def outlines(composition: Composition) -> list[tuple[Points, float]]:
    """The points and the width of each line, in frame pixels; closed lines end where they begin. [] without outlines."""
    if not composition.has_outlines:
        return []
    partition = composition.partition
    found = []
    for arc, (left, right) in zip(partition.topology.arcs, partition.topology.sides):
        if OUTSIDE in (left, right):
            continue
        one, other = partition.segments[left].tone, partition.segments[right].tone
        if BACKGROUND in (one, other):
            found.append((partition.topology.xy[arc], SILHOUETTE * partition.frame.unit))
        elif abs(one - other) >= 2:
            found.append((partition.topology.xy[arc], BORDER * partition.frame.unit))
    return found
