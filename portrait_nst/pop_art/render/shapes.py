"""The picture as a list of vector shapes, which SVG and PDF only have to write down.

Two shapes that share an edge leave a hairline where both are blended with what lies beneath. So the borders are
drawn first, as thin lines in the colour of the neighbour that is painted first: a pixel on the border then blends
only the two colours that meet there, in their true shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from portrait_nst.pop_art.colour.colouring import TRANSPARENT, Colouring
from portrait_nst.pop_art.composition import Composition
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.topology import OUTSIDE, Points, rings
from portrait_nst.types import UInt8Array

UNDERLAY = 1.2
"""The width of the lines beneath the borders, in frame pixels."""
OUTLINE, SILHOUETTE, BORDER = "#0B0B0B", 5.0, 2.6
"""The colour of outlines, and their width in frame pixels on the silhouette and on other borders."""


@dataclass(frozen=True, eq=False)
class Shape:
    """A segment as it is drawn.

    colour: "#RRGGBB", its own or its dots'.
    fill:   "#RRGGBB", its own or that of the paper under its dots.
    rings:  the shell first, then holes, each without its last point, which is the first again.
    """

    number: int
    tone: int
    colour: str
    fill: str
    rings: tuple[Points, ...]
    dotted: bool


@dataclass(frozen=True, eq=False)
class Line:
    """A line through points, in frame pixels; closed lines end where they begin."""

    colour: str
    width: float
    points: Points


def filled_shapes(composition: Composition, colouring: Colouring) -> list[Shape]:
    """The segments that have a colour, in the order in which they are painted."""
    return [
        Shape(
            s.number,
            s.tone,
            colouring.colours[s.number],
            colouring.fill(s),
            tuple(ring[:-1] for ring in rings(s.polygon)),
            colouring.is_dotted(s),
        )
        for s in composition.partition.segments
        if colouring.colours[s.number] != TRANSPARENT
    ]


def underlay(composition: Composition, colouring: Colouring) -> list[Line]:
    """The lines beneath the borders, so that no hairlines show."""
    topology, segments = composition.partition.topology, composition.partition.segments
    lines = []
    for arc, side in zip(topology.arcs, topology.sides):
        first, second = min(side), max(side)
        if first != OUTSIDE and TRANSPARENT not in (colouring.colours[first], colouring.colours[second]):
            lines.append(Line(colouring.fill(segments[first]), UNDERLAY, topology.xy[arc]))
    return lines


def outlines(composition: Composition) -> list[Line]:
    """The outlines on the silhouette and on borders that jump two tones; none where the settings ask for none."""
    settings, partition = composition.settings, composition.partition
    found: list[Line] = []
    if not (settings.mode == "dots" if settings.outlines is None else settings.outlines):
        return found
    for arc, (left, right) in zip(partition.topology.arcs, partition.topology.sides):
        if OUTSIDE in (left, right):
            continue
        one, other = partition.segments[left].tone, partition.segments[right].tone
        if BACKGROUND in (one, other) or abs(one - other) >= 2:
            width = SILHOUETTE if BACKGROUND in (one, other) else BORDER
            found.append(Line(OUTLINE, width * partition.frame.unit, partition.topology.xy[arc]))
    return found


def placed(composition: Composition) -> Iterator[tuple[Colouring, int, int]]:
    """Each colouring and the place (x, y) of its frame, in frame pixels."""
    frame = composition.partition.frame
    for i, colouring in enumerate(composition.colourings):
        row, column = divmod(i, composition.columns)
        yield colouring, column * frame.width, row * frame.height


def page_size(composition: Composition) -> tuple[int, int]:
    """(width, height) of all columns and rows, in frame pixels."""
    frame = composition.partition.frame
    return composition.columns * frame.width, composition.rows * frame.height


def kept_photo(composition: Composition) -> UInt8Array:
    """The photo's part inside the frame at the page's size, for a kept background."""
    return np.asarray(cv2.resize(composition.photo, page_size(composition), interpolation=cv2.INTER_AREA), np.uint8)
