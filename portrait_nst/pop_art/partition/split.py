"""Facets: large segments are split in two along chords between vertices that they already have."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.segments import Partition, is_background, reassemble
from portrait_nst.pop_art.partition.topology import OUTSIDE, Points, Topology, faces, is_partition, rings

_SHARE, _FACE_SHARE = 0.03, 0.012
_ANGLE = np.radians(22.0)
_SAMPLES = 400


def split_large(partition: Partition) -> Partition:
    """The partition with segments of more than 3 % of the frame (in the face 1.2 %) split, where a good chord exists.

    Unchanged where the result would be no partition of the frame.
    """
    topology = _in_regions(partition)
    number = {tuple(p): i for i, p in enumerate(topology.xy.tolist())}
    waiting = [(s.polygon, s.region) for s in partition.segments if not is_background(s)]
    chords: list[tuple[int, int, int]] = []
    while waiting:
        polygon, region = waiting.pop()
        if polygon.area <= _limit(partition, polygon):
            continue
        chord = best_chord(polygon, partition.frame.light)
        if chord is None:
            continue
        chords.append((number[chord[0]], number[chord[1]], region))
        halves = shapely.get_parts(shapely.polygonize([*_edges(polygon), shapely.LineString(chord)]))
        waiting += [(half, region) for half in halves if polygon.covers(half.representative_point())]
    for a, b, region in chords:
        topology = with_chord(topology, a, b, region)
    try:
        polygons, owners = faces(topology)
    except ValueError:
        return partition
    if not is_partition(polygons, topology.width, topology.height):
        return partition
    return reassemble(partition, topology, polygons, owners)


def _edges(polygon: shapely.Polygon) -> list[shapely.LineString]:
    """Each edge of a polygon as a line of its own, so that lines from its vertices are noded with it."""
    return [line for r in rings(polygon) for line in shapely.linestrings(np.stack([r[:-1], r[1:]], axis=1))]


def _in_regions(partition: Partition) -> Topology:
    """The topology of a partition, with regions instead of segments on its sides."""

    def region(side: int) -> int:
        return OUTSIDE if side == OUTSIDE else partition.segments[side].region

    return dataclasses.replace(partition.topology, sides=[(region(a), region(b)) for a, b in partition.topology.sides])


def _limit(partition: Partition, polygon: shapely.Polygon) -> float:
    """The area in square frame pixels above which a polygon is split."""
    frame = partition.frame
    x, y = polygon.representative_point().coords[0]
    face = float(frame.face[min(int(y), frame.height - 1), min(int(x), frame.width - 1)])
    return frame.width * frame.height * (_SHARE + (_FACE_SHARE - _SHARE) * face)


def best_chord(
    polygon: shapely.Polygon, light: NDArray[np.float32]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The chord of the shell that splits a polygon best, or None where there is no good one.

    A good chord is short, divides the area evenly and darker from lighter, and makes no sharp corners.
    light: (h, w) lightness of the frame in [0, 1].
    """
    ring = shapely.get_coordinates(polygon.exterior)[:-1]
    n = len(ring)
    i, j = np.triu_indices(n, 2)
    apart = ~((i == 0) & (j == n - 1))
    i, j = i[apart], j[apart]
    if not i.size:
        return None
    length = np.hypot(*(ring[i] - ring[j]).T)
    keep = np.argsort(length, kind="stable")[:600]
    i, j, length = i[keep], j[keep], length[keep]
    wide = np.minimum(_corner(ring, i, j), _corner(ring, j, i)) > _ANGLE
    i, j, length = i[wide], j[wide], length[wide]
    lines = shapely.linestrings(np.stack([ring[i], ring[j]], axis=1))
    shapely.prepare(polygon)
    inside = shapely.covers(polygon, lines) & shapely.relate_pattern(lines, polygon.boundary, "F********")
    i, j, length = i[inside], j[inside], length[inside]
    if not i.size:
        return None
    points, values = _sampled(polygon, light)
    twice = np.concatenate([ring, ring])
    cross = np.concatenate([[0.0], np.cumsum(twice[:-1, 0] * twice[1:, 1] - twice[1:, 0] * twice[:-1, 1])])
    closing = ring[j, 0] * ring[i, 1] - ring[i, 0] * ring[j, 1]
    part = np.abs(cross[j] - cross[i] + closing) / 2 / abs(cross[n] / 2)
    balance = np.minimum(part, 1 - part)
    along = (ring[j] - ring[i])[:, None]
    side = along[..., 0] * (points[:, 1] - ring[i, None, 1]) - along[..., 1] * (points[:, 0] - ring[i, None, 0])
    left = side > 0
    count = left.sum(axis=1)
    mean_left = (left * values).sum(axis=1) / np.maximum(count, 1)
    mean_right = (~left * values).sum(axis=1) / np.maximum(len(values) - count, 1)
    score = np.minimum(balance, 0.4) * 2.5 - 0.6 * length / np.sqrt(polygon.area) + 4 * np.abs(mean_left - mean_right)
    score[balance < 0.12] = -np.inf
    best = int(score.argmax())
    if not np.isfinite(score[best]):
        return None
    a, b = ring[i[best]].tolist(), ring[j[best]].tolist()
    return (a[0], a[1]), (b[0], b[1])


def _corner(ring: Points, at: NDArray[np.int64], to: NDArray[np.int64]) -> NDArray[np.float64]:
    """The smaller of the angles between a chord and the shell's two edges at one of its ends, in radians."""
    chord = ring[to] - ring[at]
    result = np.full(len(at), np.pi)
    for step in (-1, 1):
        edge = ring[(at + step) % len(ring)] - ring[at]
        cosine = (chord * edge).sum(axis=1) / np.maximum(np.hypot(*chord.T) * np.hypot(*edge.T), 1e-9)
        result = np.minimum(result, np.arccos(np.clip(cosine, -1, 1)))
    return result


def _sampled(polygon: shapely.Polygon, light: NDArray[np.float32]) -> tuple[Points, NDArray[np.float64]]:
    """About 400 lattice points in a polygon, and the lightness there."""
    x0, y0, x1, y1 = polygon.bounds
    step = max(1.0, float(np.sqrt(polygon.area / _SAMPLES)))
    x, y = (v.ravel() for v in np.meshgrid(np.arange(x0, x1, step) + step / 2, np.arange(y0, y1, step) + step / 2))
    inside = shapely.contains_xy(polygon, x, y)
    points = np.stack([x[inside], y[inside]], axis=1)
    rows = np.clip(points[:, 1].astype(int), 0, light.shape[0] - 1)
    columns = np.clip(points[:, 0].astype(int), 0, light.shape[1] - 1)
    return points, light[rows, columns].astype(float)


def with_chord(topology: Topology, a: int, b: int, region: int) -> Topology:
    """The topology with an arc from vertex a to vertex b through a region; arcs that pass a or b are split there."""
    arcs, sides = [], []
    for arc, side in zip(topology.arcs, topology.sides):
        stops = [0, *(k for k in range(1, len(arc) - 1) if arc[k] in (a, b)), len(arc) - 1]
        for start, end in pairwise(stops):
            arcs.append(arc[start : end + 1])
            sides.append(side)
    return dataclasses.replace(topology, arcs=[*arcs, np.array([a, b])], sides=[*sides, (region, region)])
