"""The division of one photograph: straight-edged segments that cover the frame exactly once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition import regions, slivers, tones
from portrait_nst.pop_art.partition.cleanup import contract, drop_spikes, drop_vertices, round_off, turn_rings
from portrait_nst.pop_art.partition.edge_cost import Fit
from portrait_nst.pop_art.partition.framing import Canvas
from portrait_nst.pop_art.partition.merge import drop_thin, join_equal
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.relax import relax
from portrait_nst.pop_art.partition.straighten import Prices, straighten
from portrait_nst.pop_art.partition.topology import OUTSIDE, Net, faces, is_partition
from portrait_nst.pop_art.partition.trace import trace

_THIN = 8.0


@dataclass(frozen=True, eq=False)
class Segment:
    """One flat piece of the picture.

    number:  its place in `Geometry.segments`, also its number on either side of the net's arcs.
    region:  the region of `Geometry.regions` that it stands for; others may too.
    tone:    0 the darkest; BACKGROUND (-1) for what is not the person.
    polygon: in canvas pixels, x to the right and y down.
    light:   mean OKLab lightness of the photo in its region.
    """

    number: int
    region: int
    tone: int
    polygon: shapely.Polygon
    light: float


@dataclass(frozen=True, eq=False)
class Geometry:
    """A partition of the canvas: its segments, and the net of their borders (sides are segment numbers)."""

    canvas: Canvas
    regions: regions.Regions
    net: Net
    segments: tuple[Segment, ...]
    tones: int
    notes: tuple[str, ...] = field(default=())


def divide(
    canvas: Canvas, tone_count: int, detail: float, segments: int | None = None, even: float = tones.EVEN
) -> Geometry:
    """Segments of a canvas. detail in [0, 1]; segments: how many to aim for, or None; even: see `tones.smooth`.

    The result is always a valid coverage of the frame: where the tidied net is not, a less tidy one stands in, and
    `Geometry.notes` says so.
    """
    found = _regions(canvas, tone_count, detail, segments, even)
    while segments is not None and len(found.tones) < segments and detail < 1:
        detail = min(1.0, detail + 0.25)
        found = _regions(canvas, tone_count, detail, segments, even)
    exact = trace(found.labels)
    fit = Fit(canvas, found)
    prices = _prices(canvas, detail)
    straight = straighten(exact, fit, prices)
    notes: list[str] = []
    for net, note in (
        (_tidied(straight, fit, found, prices, segments is None), ""),
        (round_off(straight), "borders were left untidied, to keep them from crossing"),
        (exact, "borders were left as the pixels have them, to keep them from crossing"),
    ):
        try:
            polygons, owners = faces(net)
        except ValueError:
            continue
        if is_partition(polygons, canvas.width, canvas.height):
            notes += [note] if note else []
            return assemble(canvas, found, net, polygons, owners, tone_count, tuple(notes))
    raise AssertionError("the pixels' own borders are always a partition")


def _regions(canvas: Canvas, tone_count: int, detail: float, segments: int | None, even: float) -> regions.Regions:
    """The regions of a canvas, still with the pixels' borders."""
    light = tones.smooth(canvas, detail, even)
    tone = tones.quantise(canvas, light, tone_count)
    tone = slivers.remove_slivers(canvas, light, tone, tone_count, detail)
    return regions.divide(canvas, tone, detail, segments)


def _prices(canvas: Canvas, detail: float) -> Prices:
    """Straightness by detail; lengths follow the frame where that is larger than a bust."""
    loose = 1.6 ** (1 - 2 * detail)
    frame = max(1.0, canvas.diagonal / 1200)
    base = Prices()
    return dataclasses.replace(
        base,
        vertex=base.vertex * loose,
        shortest=base.shortest * loose**0.3 * frame / canvas.unit,
        deviation=base.deviation * loose**0.5,
    )


def _tidied(net: Net, fit: Fit, found: regions.Regions, prices: Prices, thin: bool) -> Net:
    for turn in range(3):
        net = relax(net, fit, prices)
        net = turn_rings(drop_vertices(net, fit, prices))
        net = contract(net, fit, 0.8 * prices.shortest)
        if thin and turn < 2:
            net = drop_thin(net, fit, found.tones, found.light, _THIN)
    net = relax(join_equal(net, found.tones).compact(), fit, prices, (1, 0.5))
    return drop_spikes(round_off(drop_vertices(net, fit, prices)))


def assemble(
    canvas: Canvas,
    found: regions.Regions,
    net: Net,
    polygons: list[shapely.Polygon],
    owners: list[int],
    tone_count: int,
    notes: tuple[str, ...] = (),
) -> Geometry:
    """Number the polygons, dark tones first and each tone from the top left, and the net's sides like them."""
    order = sorted(
        range(len(polygons)),
        key=lambda i: (found.tones[owners[i]], round(polygons[i].centroid.y, 3), round(polygons[i].centroid.x, 3)),
    )
    segments = []
    side: dict[tuple[float, ...], int] = {}
    for number, i in enumerate(order):
        polygon = shapely.orient_polygons(polygons[i])
        region = owners[i]
        segments.append(Segment(number, region, int(found.tones[region]), polygon, float(found.light[region])))
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            for a, b in zip(points[:-1].tolist(), points[1:].tolist()):
                side[a[0], a[1], b[0], b[1]] = number

    def of(a: NDArray[np.float64], b: NDArray[np.float64]) -> int:
        return side.get((float(a[0]), float(a[1]), float(b[0]), float(b[1])), OUTSIDE)

    sides = [(of(*net.xy[arc[:2]]), of(*net.xy[arc[1::-1]])) for arc in net.arcs]
    named = dataclasses.replace(net, sides=sides).compact()
    return Geometry(canvas, found, named, tuple(segments), tone_count, notes)


def is_background(segment: Segment) -> bool:
    """Whether a segment is not the person's."""
    return segment.tone == BACKGROUND
