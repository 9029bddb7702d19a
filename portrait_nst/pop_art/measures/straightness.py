"""How straight the borders are, and how few vertices they have."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
import shapely
from numpy.typing import NDArray

from portrait_nst.pop_art.partition.topology import OUTSIDE, Points, Topology


class Straightness(TypedDict):
    """How straight borders are; lengths are shares of the frame's diagonal.

    vertices_per_segment: the mean number of vertices of a polygon, holes and junctions included.
    edge_p5:              the 5th percentile of the edges' length.
    long_edge_share:      the share of the borders' length in edges of at least 2 % of the diagonal.
    flat_turn_share:      the share of the vertices within a border that turn by less than 15 degrees.
    """

    vertices_per_segment: float
    edge_p5: float
    long_edge_share: float
    flat_turn_share: float


def straightness(topology: Topology, polygons: list[shapely.Polygon]) -> Straightness:
    """How straight the borders of a partition are; every border counts once, the frame itself does not."""
    diagonal = float(np.hypot(topology.width, topology.height))
    lengths, turns = [], []
    for arc, side in zip(topology.arcs, topology.sides):
        if OUTSIDE in side:
            continue
        steps = np.diff(topology.xy[arc], axis=0)
        lengths.append(np.hypot(*steps.T))
        if arc[0] == arc[-1]:
            steps = np.vstack([steps, steps[:1]])
        turns.append(turning(steps))
    if not lengths:
        return {"vertices_per_segment": 4.0, "edge_p5": 1.0, "long_edge_share": 1.0, "flat_turn_share": 0.0}
    return summarise(polygons, lengths, turns, diagonal)


def turning(steps: Points) -> NDArray[np.float64]:
    """Angles in degrees between successive steps (n, 2); (n - 1,)."""
    a, b = steps[:-1], steps[1:]
    cross, dot = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)
    return np.asarray(np.degrees(np.abs(np.arctan2(cross, dot))))


def summarise(
    polygons: list[shapely.Polygon],
    lengths: list[NDArray[np.float64]],
    turns: list[NDArray[np.float64]],
    diagonal: float,
) -> Straightness:
    """The measures, from the lengths of edges and the turns between them in degrees, each in an array for every border."""
    length, turn = np.concatenate(lengths), np.concatenate(turns)
    repeated = np.array([1 + len(p.interiors) for p in polygons])  # each ring ends with its first point
    return {
        "vertices_per_segment": float(np.mean(shapely.get_num_coordinates(polygons) - repeated)),
        "edge_p5": float(np.percentile(length, 5)) / diagonal,
        "long_edge_share": float(length[length >= 0.02 * diagonal].sum() / length.sum()),
        "flat_turn_share": float((turn < 15).mean()) if turn.size else 0.0,
    }
