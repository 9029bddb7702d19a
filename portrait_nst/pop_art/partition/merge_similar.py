"""Facets that came out too alike: joined again, so that neighbours always differ."""

from __future__ import annotations

import dataclasses

import shapely

from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import FLOOR
from portrait_nst.pop_art.partition.geometry import Geometry, assemble
from portrait_nst.pop_art.partition.merge import borders, dissolve
from portrait_nst.pop_art.partition.topology import faces, is_partition
from portrait_nst.pop_art.result import TRANSPARENT, Cell


def rejoin(geometry: Geometry, cell: Cell) -> tuple[Geometry, Cell]:
    """Join neighbours of one tone whose colours CIEDE2000 holds apart by less than the floor.

    The larger of the two gives the colour. What would break the partition stays as it was.
    """
    colours = list(cell.colours)
    into: dict[int, int] = {}
    segments = geometry.segments

    def end(s: int) -> int:
        while s in into:
            s = into[s]
        return s

    for a, b in sorted(borders(geometry.net)):
        a, b = end(a), end(b)
        alike = segments[a].tone == segments[b].tone and TRANSPARENT not in (colours[a], colours[b])
        if a != b and alike and oklab.difference(colours[a], colours[b]) < FLOOR:
            small, large = sorted((a, b), key=lambda s: segments[s].polygon.area)
            into[small] = large
    if not into:
        return geometry, cell
    net = dissolve(geometry.net, into)
    polygons, owners = faces(net)
    if not is_partition(polygons, net.width, net.height):
        return geometry, cell
    joined = assemble(
        geometry.canvas,
        geometry.regions,
        net,
        polygons,
        [segments[o].region for o in owners],
        geometry.tones,
        geometry.notes,
    )
    tree = shapely.STRtree([s.polygon for s in segments])
    spots = [s.polygon.representative_point() for s in joined.segments]
    found = dict(zip(*tree.query(spots, predicate="intersects").tolist()))
    return joined, dataclasses.replace(cell, colours=tuple(colours[end(found[i])] for i in range(len(spots))))
