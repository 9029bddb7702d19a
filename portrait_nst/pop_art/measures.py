"""The measures of a pop-art portrait: how exact, how straight, how bold, how true to the photo's tones."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.colour import dots, oklab
from portrait_nst.pop_art.colour.ramp import dotted_tone
from portrait_nst.pop_art.partition.geometry import Geometry, is_background
from portrait_nst.pop_art.partition.merge import borders
from portrait_nst.pop_art.partition.regions import BACKGROUND
from portrait_nst.pop_art.partition.topology import OUTSIDE, Net
from portrait_nst.pop_art.result import TRANSPARENT, Cell, PopartResult

GOALS: dict[str, tuple[str, float]] = {
    "gap_px": ("<=", 0.0),
    "overlap_px": ("<=", 0.0),
    "vertices_per_segment": ("<=", 10.0),
    "edge_p5": (">=", 0.012),
    "long_edge_share": (">=", 0.85),
    "flat_turn_share": ("<=", 0.05),
    "tone_error_gain": ("<=", 0.5),
    "contrast_min": (">=", 20.0),
    "contrast_mean": (">=", 40.0),
    "chroma": (">=", 0.15),
    "tone_rank": (">=", 0.95),
    "segments": (">=", 50.0),
    "face_score": (">=", 0.7),
    "face_drift": ("<=", 0.12),
}
"""What each measure is to reach; segments also stay at most 130."""


def measure(result: PopartResult) -> dict[str, Any]:
    """All measures of a result that need no face detector; see `straightness` and `colourfulness`."""
    geometry = result.geometry
    polygons = [s.polygon for s in geometry.segments]
    return {
        "segments": len(polygons),
        **partition(polygons, geometry.canvas.width, geometry.canvas.height),
        **straightness(geometry.net, polygons),
        **tone_errors(geometry),
        **colourfulness(geometry, result.cells[0]),
    }


def partition(polygons: list[shapely.Polygon], width: int, height: int) -> dict[str, Any]:
    """Area in square pixels of the frame that no polygon covers, and that is covered more than once; exact."""
    union = shapely.unary_union(polygons)
    covered = union.intersection(shapely.box(0, 0, width, height)).area
    return {
        "coverage_valid": bool(shapely.coverage_is_valid(polygons)),
        "gap_px": round(max(0.0, width * height - covered), 6),
        "overlap_px": round(max(0.0, sum(p.area for p in polygons) - union.area), 6),
    }


def straightness(net: Net, polygons: list[shapely.Polygon]) -> dict[str, float]:
    """Lengths as shares of the frame's diagonal; every border counts once, the frame itself does not.

    vertices_per_segment: mean number of vertices of a polygon, holes and junctions included.
    edge_p5:              5th percentile of the edges' length.
    long_edge_share:      share of the border's length in edges of at least 2 % of the diagonal.
    flat_turn_share:      share of the vertices within a border that turn by less than 15 degrees.
    """
    diagonal = float(np.hypot(net.width, net.height))
    lengths, turns = [], []
    for arc, side in zip(net.arcs, net.sides):
        if OUTSIDE in side:
            continue
        steps = np.diff(net.xy[arc], axis=0)
        lengths.append(np.hypot(*steps.T))
        if arc[0] == arc[-1]:
            steps = np.vstack([steps, steps[:1]])
        turns.append(turning(steps))
    if not lengths:
        return {"vertices_per_segment": 4.0, "edge_p5": 1.0, "long_edge_share": 1.0, "flat_turn_share": 0.0}
    return {"vertices_per_segment": vertices(polygons), **_straight(lengths, turns, diagonal)}


def ring_straightness(polygons: list[shapely.Polygon], width: int, height: int) -> dict[str, float]:
    """The same of loose polygons that share no arcs: every ring counts, whatever lies along the frame does not."""
    diagonal = float(np.hypot(width, height))
    lengths, turns = [], []
    for polygon in polygons:
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            steps = np.diff(points, axis=0)
            ends = np.stack([points[:-1], points[1:]], axis=1)
            low, high = ends <= 0, ends >= np.array([width, height])
            rim = np.any(np.all(low, axis=1) | np.all(high, axis=1), axis=1)
            lengths.append(np.hypot(*steps.T)[~rim])
            turns.append(turning(np.vstack([steps, steps[:1]]))[~rim])
    return {"vertices_per_segment": vertices(polygons), **_straight(lengths, turns, diagonal)}


def vertices(polygons: list[shapely.Polygon]) -> float:
    """Mean number of vertices of a polygon, holes included."""
    rings = [1 + len(p.interiors) for p in polygons]
    return float(np.mean(shapely.get_num_coordinates(polygons) - np.array(rings)))


def turning(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angles in degrees between successive steps (n, 2); (n - 1,)."""
    a, b = steps[:-1], steps[1:]
    cross, dot = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)
    return np.asarray(np.degrees(np.abs(np.arctan2(cross, dot))))


def _straight(
    lengths: list[NDArray[np.float64]], turns: list[NDArray[np.float64]], diagonal: float
) -> dict[str, float]:
    length, turn = np.concatenate(lengths), np.concatenate(turns)
    return {
        "edge_p5": float(np.percentile(length, 5)) / diagonal,
        "long_edge_share": float(length[length >= 0.02 * diagonal].sum() / length.sum()),
        "flat_turn_share": float((turn < 15).mean()) if turn.size else 0.0,
    }


def tone_errors(geometry: Geometry) -> dict[str, float]:
    """Mean difference in L* between the photo's person and flat tones: of the label map, and of the segments.

    Each region's tone is its mean L* in the label map; the segments are judged with the same tones.
    """
    canvas, labels = geometry.canvas, geometry.regions.labels
    star = oklab.l_star(canvas.rgb)
    person = canvas.person
    inside = geometry.regions.tones[labels] != BACKGROUND
    count = len(geometry.regions.tones)
    size = np.bincount(labels.ravel(), minlength=count)
    tone = np.bincount(labels.ravel(), star.ravel(), minlength=count) / np.maximum(size, 1)
    drawn = np.full(labels.shape, -1, np.int32)
    for s in geometry.segments:
        rings = [
            np.rint((shapely.get_coordinates(r)[:-1] - 0.5) * 64).astype(np.int32)
            for r in (s.polygon.exterior, *s.polygon.interiors)
        ]
        cv2.fillPoly(drawn, rings, int(s.region), cv2.LINE_8, 6)
    both = person & inside & (drawn >= 0)
    both &= geometry.regions.tones[np.maximum(drawn, 0)] != BACKGROUND
    if not both.any():
        return {"tone_error_map": 0.0, "tone_error": 0.0, "tone_error_gain": 0.0}
    exact = float(np.abs(star - tone[labels])[both].mean())
    ours = float(np.abs(star - tone[np.maximum(drawn, 0)])[both].mean())
    return {"tone_error_map": exact, "tone_error": ours, "tone_error_gain": ours - exact}


def colourfulness(geometry: Geometry, cell: Cell) -> dict[str, float]:
    """Contrast between neighbours (CIEDE2000), chroma of the person by area (OKLCH), order of lightness in the face.

    A dotted tone counts as the colour that the eye mixes from its dots and paper. The person's border against an
    open background counts for nothing.
    """
    colours = [_seen(geometry, cell, s.number) for s in geometry.segments]
    pairs = [
        (oklab.difference(colours[a], colours[b]), length)
        for (a, b), length in borders(geometry.net).items()
        if TRANSPARENT not in (colours[a], colours[b])
    ]
    person = [s for s in geometry.segments if not is_background(s)]
    area = np.array([s.polygon.area for s in person])
    chroma = np.array([oklab.chroma(colours[s.number]) for s in person])
    total = sum(length for _, length in pairs)
    return {
        "contrast_min": min((d for d, _ in pairs), default=100.0),
        "contrast_mean": sum(d * length for d, length in pairs) / total if total else 100.0,
        "chroma": float((area * chroma).sum() / area.sum()) if area.size else 0.0,
        "tone_rank": _tone_rank(geometry, colours),
    }


def _seen(geometry: Geometry, cell: Cell, number: int) -> str:
    colour = cell.colours[number]
    if cell.paper and geometry.segments[number].tone == dotted_tone(geometry):
        return dots.seen(colour, cell.paper, cell.radius)
    return colour


def _tone_rank(geometry: Geometry, colours: list[str]) -> float:
    """Spearman's rank correlation of tone and output lightness, by area inside the face (the person, without one)."""
    canvas = geometry.canvas
    weight = canvas.face if canvas.found else canvas.person.astype(np.float32)
    tones, lights, shares = [], [], []
    for s in geometry.segments:
        if is_background(s):
            continue
        mask = np.zeros(weight.shape, np.uint8)
        cv2.fillPoly(mask, [np.rint(shapely.get_coordinates(s.polygon.exterior)).astype(np.int32)], 1)
        share = float((mask * weight).sum())
        if share >= 1:
            tones.append(s.tone)
            lights.append(oklab.lab_of(colours[s.number])[0])
            shares.append(share)
    if len(set(tones)) < 2 or len(set(lights)) < 2:
        return 1.0
    a, b, w = _ranks(np.array(tones), np.array(shares)), _ranks(np.array(lights), np.array(shares)), np.array(shares)
    a, b = a - np.average(a, weights=w), b - np.average(b, weights=w)
    return float((w * a * b).sum() / np.sqrt((w * a * a).sum() * (w * b * b).sum()))


def _ranks(values: NDArray[np.floating], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mid-ranks of weighted values."""
    distinct, of = np.unique(values, return_inverse=True)
    total = np.bincount(of, weights, minlength=len(distinct))
    return np.asarray((np.cumsum(total) - total / 2)[of])
