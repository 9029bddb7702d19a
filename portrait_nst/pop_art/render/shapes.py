"""The picture as a list of vector shapes, which SVG and PDF only have to write down.

Two shapes that share an edge leave a hairline where both are blended with what lies beneath. So the borders are
drawn first, as thin lines in the colour of the neighbour that is painted first: a pixel on the border then blends
only the two colours that meet there, in their true shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.colour.ramp import dotted_tone
from portrait_nst.pop_art.partition.topology import OUTSIDE
from portrait_nst.pop_art.render import ink_lines
from portrait_nst.pop_art.result import TRANSPARENT, Cell, PopartResult

Points = NDArray[np.float64]
UNDERLAY = 1.2


@dataclass(frozen=True, eq=False)
class Shape:
    """A segment: rings (n, 2) without the repeated end, the shell first; dotted: printed as dots on paper."""

    number: int
    tone: int
    colour: str
    rings: tuple[Points, ...]
    dotted: bool = False


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points (n, 2); closed ones repeat their first."""

    colour: str
    width: float
    points: Points


def shapes(result: PopartResult, cell: Cell) -> list[Shape]:
    """The segments that have a colour, in the order in which they are painted."""
    tone = dotted_tone(result.geometry) if cell.paper else None
    return [
        Shape(s.number, s.tone, cell.colours[s.number], rings(s.polygon), s.tone == tone)
        for s in result.geometry.segments
        if cell.colours[s.number] != TRANSPARENT
    ]


def rings(polygon: shapely.Polygon) -> tuple[Points, ...]:
    """Shell and holes as points, the repeated last one left out."""
    return tuple(shapely.get_coordinates(r)[:-1] for r in (polygon.exterior, *polygon.interiors))


def underlay(result: PopartResult, cell: Cell) -> list[Line]:
    """The lines beneath the borders, so that no hairlines show."""
    tone = dotted_tone(result.geometry) if cell.paper else None
    lines = []
    net = result.geometry.net
    for arc, side in zip(net.arcs, net.sides):
        first, second = min(side), max(side)
        if first == OUTSIDE or TRANSPARENT in (cell.colours[first], cell.colours[second]):
            continue
        dotted = result.geometry.segments[first].tone == tone
        lines.append(Line(cell.paper if dotted else cell.colours[first], UNDERLAY, net.xy[arc]))
    return lines


def outlines(result: PopartResult) -> list[Line]:
    """The ink lines, where the result has any."""
    return [Line(ink_lines.COLOUR, w, p) for p, w in ink_lines.lines(result.geometry)] if result.outlines else []


def cells(result: PopartResult) -> list[tuple[Cell, float, float]]:
    """Each colouring and where it begins, in canvas pixels of a sheet of columns x rows frames."""
    canvas = result.geometry.canvas
    return [
        (cell, (i % result.columns) * canvas.width, (i // result.columns) * canvas.height)
        for i, cell in enumerate(result.cells)
    ]
