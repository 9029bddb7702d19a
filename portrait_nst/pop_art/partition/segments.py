"""The partition of one photograph as a value: straight-edged segments that cover the frame exactly once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import shapely

from portrait_nst.pop_art.partition.framing import Frame
from portrait_nst.pop_art.partition.regions import BACKGROUND, Regions
from portrait_nst.pop_art.partition.topology import OUTSIDE, Points, Topology, rings


@dataclass(frozen=True, eq=False)
class Segment:
    """One flat piece of the picture.

    number:  its place in `Partition.segments`, and its number on either side of the topology's arcs.
    region:  the region of `Partition.regions` that it stands for; several segments may stand for one.
    tone:    its tone, 0 for the darkest; BACKGROUND (-1) outside the person.
    polygon: its outline in frame pixels, x to the right and y down.
    light:   the mean OKLab lightness of the photo in its region.
    """

    number: int
    region: int
    tone: int
    polygon: shapely.Polygon
    light: float


@dataclass(frozen=True, eq=False)
class Partition:
    """A partition of the frame into segments.

    regions:    the regions that the segments stand for, with the pixels' borders.
    topology:   the borders of the segments; its sides are segment numbers.
    tone_count: how many tones the person is divided into.
    notes:      remarks for the user about the division.
    """

    frame: Frame
    regions: Regions
    topology: Topology
    segments: tuple[Segment, ...]
    tone_count: int
    notes: tuple[str, ...] = ()


def assemble(
    frame: Frame,
    regions: Regions,
    topology: Topology,
    polygons: list[shapely.Polygon],
    owners: list[int],
    tone_count: int,
    notes: tuple[str, ...] = (),
) -> Partition:
    """The partition of the frame into polygons, numbered from dark tones to light and, in each, from the top left.

    topology: the borders of the polygons; owners: the region of each polygon.
    """
    order = sorted(
        range(len(polygons)),
        key=lambda i: (regions.tones[owners[i]], round(polygons[i].centroid.y, 3), round(polygons[i].centroid.x, 3)),
    )
    segments = []
    side: dict[tuple[float, ...], int] = {}
    for number, i in enumerate(order):
        polygon = shapely.orient_polygons(polygons[i])
        region = owners[i]
        segments.append(Segment(number, region, int(regions.tones[region]), polygon, float(regions.light[region])))
        for points in rings(polygon):
            for a, b in zip(points[:-1].tolist(), points[1:].tolist()):
                side[a[0], a[1], b[0], b[1]] = number

    def left_of(a: Points, b: Points) -> int:
        return side.get((float(a[0]), float(a[1]), float(b[0]), float(b[1])), OUTSIDE)

    sides = [(left_of(*topology.xy[arc[:2]]), left_of(*topology.xy[arc[1::-1]])) for arc in topology.arcs]
    named = dataclasses.replace(topology, sides=sides).compact()
    return Partition(frame, regions, named, tuple(segments), tone_count, notes)


def reassemble(
    partition: Partition, topology: Topology, polygons: list[shapely.Polygon], owners: list[int]
) -> Partition:
    """The partition of the same frame and regions with other borders and polygons; see `assemble`."""
    return assemble(
        partition.frame, partition.regions, topology, polygons, owners, partition.tone_count, partition.notes
    )


def is_background(segment: Segment) -> bool:
    """Whether a segment belongs to the background, not to the person."""
    return segment.tone == BACKGROUND
