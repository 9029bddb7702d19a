"""Edge integrals: by Green's theorem their sum around a region is the sum of the tonal differences inside."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.pop_art.partition import framing, regions
from portrait_nst.pop_art.partition.edge_cost import Fit
from portrait_nst.pop_art.partition.straighten import Prices, straighten
from portrait_nst.pop_art.partition.topology import conflicts, faces
from portrait_nst.pop_art.partition.trace import trace


def two_halves() -> tuple[framing.Canvas, regions.Regions]:
    """A frame whose right half is lighter, divided there along a staircase."""
    rgb = np.full((200, 200, 3), 60, np.uint8)
    rgb[:, 100:] = 200
    frame = framing.prepare(rgb, np.ones((200, 200), np.float32), None, False)
    labels = np.zeros(frame.light.shape, np.int32)
    step = (np.arange(frame.height) // 5 % 2) * 4
    labels[np.arange(frame.width)[None] >= frame.width // 2 - 2 + step[:, None]] = 1
    light = np.array([frame.light[labels == i].mean() for i in range(2)])
    return frame, regions.Regions(labels, np.array([0, 1]), light)


def test_the_integral_around_a_square_is_the_sum_inside() -> None:
    frame, found = two_halves()
    fit = Fit(frame, found)
    ring = np.array([(40, 30), (160, 30), (160, 150), (40, 150), (40, 30)], float)
    factors = np.repeat(np.array([fit.coefficients(0, 1)]), 4, axis=0)
    a, b = found.light
    inside = frame.light[30:150, 40:160].astype(float)
    expected = ((inside - a) ** 2 - (inside - b) ** 2).sum()
    assert fit.cost(ring[:-1], ring[1:], factors).sum() == pytest.approx(expected, rel=0.01)


def test_the_two_directions_of_an_edge_cancel() -> None:
    frame, found = two_halves()
    fit = Fit(frame, found)
    start, end = np.array([[12.0, 17.0]]), np.array([[90.0, 121.0]])
    there = fit.cost(start, end, np.array([fit.coefficients(0, 1)]))
    back = fit.cost(end, start, np.array([fit.coefficients(1, 0)]))
    assert there == pytest.approx(back)


def test_a_staircase_becomes_a_few_straight_edges() -> None:
    frame, found = two_halves()
    net = trace(found.labels)
    straight = straighten(net, Fit(frame, found), Prices())
    before, after = (
        sum(len(arc) - 1 for arc, sides in zip(n.arcs, n.sides) if min(sides) >= 0) for n in (net, straight)
    )
    assert before > 900 and after <= 16
    assert not conflicts(straight)
    polygons, _ = faces(straight)
    assert sum(p.area for p in polygons) == frame.width * frame.height
