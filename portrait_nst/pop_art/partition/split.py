"""Facets: cut large segments in two along chords between vertices they already have."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.geometry import Geometry, assemble, is_background
from portrait_nst.pop_art.partition.topology import OUTSIDE, Net, faces, is_partition

_SHARE, _FACE_SHARE = 0.03, 0.012
_ANGLE = np.radians(22.0)
_SAMPLES = 400


def cut(geometry: Geometry) -> Geometry:
    """The geometry with segments of more than 3 % of the frame (in the face 1.2 %) cut, where a good chord exists."""
    net = _in_regions(geometry)
    waiting = [s.polygon for s in geometry.segments if not is_background(s)]
    number = {tuple(p): i for i, p in enumerate(net.xy.tolist())}
    chords: list[tuple[int, int]] = []
    owners = [s.region for s in geometry.segments if not is_background(s)]
    chord_owner: list[int] = []
    while waiting:
        polygon, owner = waiting.pop(), owners.pop()
        if polygon.area <= _limit(geometry, polygon):
            continue
        chord = best_chord(polygon, geometry.canvas.light)
        if chord is None:
            continue
        chords.append((number[chord[0]], number[chord[1]]))
        chord_owner.append(owner)
        halves = shapely.get_parts(shapely.polygonize([*_edges(polygon), shapely.LineString(chord)]))
        inside = [h for h in halves if polygon.covers(h.representative_point())]
        waiting += inside
        owners += [owner] * len(inside)
    for (a, b), owner in zip(chords, chord_owner):
        net = with_chord(net, a, b, owner)
    try:
        polygons, found = faces(net)
    except ValueError:
        return geometry
    if not is_partition(polygons, net.width, net.height):
        return geometry
    return assemble(geometry.canvas, geometry.regions, net, polygons, found, geometry.tones, geometry.notes)


def _edges(polygon: shapely.Polygon) -> list[shapely.LineString]:
    """Every edge of a polygon apart, so that lines from its vertices are noded with it."""
    rings = [shapely.get_coordinates(r) for r in (polygon.exterior, *polygon.interiors)]
    return [line for r in rings for line in shapely.linestrings(np.stack([r[:-1], r[1:]], axis=1))]


def _in_regions(geometry: Geometry) -> Net:
    """The net with regions, not segments, on its sides."""

    def region(side: int) -> int:
        return OUTSIDE if side == OUTSIDE else geometry.segments[side].region

    return dataclasses.replace(geometry.net, sides=[(region(a), region(b)) for a, b in geometry.net.sides])


def _limit(geometry: Geometry, polygon: shapely.Polygon) -> float:
    """Above which area a polygon is cut."""
    frame = geometry.canvas.width * geometry.canvas.height
    x, y = polygon.representative_point().coords[0]
    face = float(geometry.canvas.face[min(int(y), geometry.canvas.height - 1), min(int(x), geometry.canvas.width - 1)])
    return frame * (_SHARE + (_FACE_SHARE - _SHARE) * face)


def best_chord(
    polygon: shapely.Polygon, light: NDArray[np.float32]
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The chord of the outline that cuts it best: short, into like areas, darker from lighter, with no sharp corners."""
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
    side = (ring[j] - ring[i])[:, None, 0] * (points[None, :, 1] - ring[i, None, 1]) - (ring[j] - ring[i])[
        :, None, 1
    ] * (points[None, :, 0] - ring[i, None, 0])
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


def _corner(ring: NDArray[np.float64], at: NDArray[np.int64], to: NDArray[np.int64]) -> NDArray[np.float64]:
    """The smaller angle between a chord and the outline's two edges at one of its ends."""
    chord = ring[to] - ring[at]
    result = np.full(len(at), np.pi)
    for step in (-1, 1):
        edge = ring[(at + step) % len(ring)] - ring[at]
        cosine = (chord * edge).sum(axis=1) / np.maximum(np.hypot(*chord.T) * np.hypot(*edge.T), 1e-9)
        result = np.minimum(result, np.arccos(np.clip(cosine, -1, 1)))
    return result


def _sampled(polygon: shapely.Polygon, light: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """About 400 lattice points in a polygon, and the lightness there."""
    x0, y0, x1, y1 = polygon.bounds
    step = max(1.0, float(np.sqrt(polygon.area / _SAMPLES)))
    x, y = (v.ravel() for v in np.meshgrid(np.arange(x0, x1, step) + step / 2, np.arange(y0, y1, step) + step / 2))
    inside = shapely.contains_xy(polygon, x, y)
    points = np.stack([x[inside], y[inside]], axis=1)
    rows = np.clip(points[:, 1].astype(int), 0, light.shape[0] - 1)
    columns = np.clip(points[:, 0].astype(int), 0, light.shape[1] - 1)
    return points, light[rows, columns].astype(float)


def with_chord(net: Net, a: int, b: int, region: int) -> Net:
    """The net with an arc from vertex a to b through a region; arcs that pass a or b end there."""
    arcs, sides = [], []
    for arc, side in zip(net.arcs, net.sides):
        stops = [0, *(k for k in range(1, len(arc) - 1) if arc[k] in (a, b)), len(arc) - 1]
        for start, end in pairwise(stops):
            arcs.append(arc[start : end + 1])
            sides.append(side)
    return Net(net.xy, [*arcs, np.array([a, b])], [*sides, (region, region)], net.width, net.height)
