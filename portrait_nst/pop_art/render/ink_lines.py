"""Ink: the lines drawn on the silhouette and on borders that jump two tones."""

from __future__ import annotations

from numpy.typing import NDArray

from portrait_nst.pop_art.partition.geometry import Geometry
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.topology import OUTSIDE

SILHOUETTE = 5.0
BORDER = 2.6
COLOUR = "#0B0B0B"


def lines(geometry: Geometry) -> list[tuple[NDArray, float]]:
    """(points (n, 2), width) of each line, in canvas pixels; closed ones end where they begin."""
    unit = geometry.canvas.unit
    found = []
    for arc, (left, right) in zip(geometry.net.arcs, geometry.net.sides):
        if OUTSIDE in (left, right):
            continue
        one, other = geometry.segments[left].tone, geometry.segments[right].tone
        if BACKGROUND in (one, other):
            found.append((geometry.net.xy[arc], SILHOUETTE * unit))
        elif abs(one - other) >= 2:
            found.append((geometry.net.xy[arc], BORDER * unit))
    return found
