"""Facets that came out too similar are merged again, so that neighbours always differ."""

from __future__ import annotations

import dataclasses

import shapely

from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.colouring import TRANSPARENT, Colouring
from portrait_nst.pop_art.colour.contrast import FLOOR
from portrait_nst.pop_art.partition.merge import borders, merge, merged_into
from portrait_nst.pop_art.partition.segments import Partition, reassemble
from portrait_nst.pop_art.partition.topology import faces, is_partition


def merge_similar(partition: Partition, colouring: Colouring) -> tuple[Partition, Colouring]:
    """The partition and its colouring with neighbours of one tone merged where CIEDE2000 is less than `FLOOR`.

    The larger of two neighbours gives the colour. Both stay as they were where the result would be no partition.
    """
    colours = list(colouring.colours)
    into: dict[int, int] = {}
    segments = partition.segments
    for a, b in sorted(borders(partition.topology)):
        a, b = merged_into(into, a), merged_into(into, b)
        alike = segments[a].tone == segments[b].tone and TRANSPARENT not in (colours[a], colours[b])
        if a != b and alike and oklab.difference(colours[a], colours[b]) < FLOOR:
            small, large = sorted((a, b), key=lambda s: segments[s].polygon.area)
            into[small] = large
    if not into:
        return partition, colouring
    topology = merge(partition.topology, into)
    polygons, owners = faces(topology)
    if not is_partition(polygons, topology.width, topology.height):
        return partition, colouring
    joined = reassemble(partition, topology, polygons, [segments[o].region for o in owners])
    tree = shapely.STRtree([s.polygon for s in segments])
    spots = [s.polygon.representative_point() for s in joined.segments]
    found = dict(zip(*tree.query(spots, predicate="intersects").tolist()))
    return joined, dataclasses.replace(
        colouring, colours=tuple(colours[merged_into(into, found[i])] for i in range(len(spots)))
    )
