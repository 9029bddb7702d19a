"""Edge integrals: by Green's theorem their sum around a region is the sum of the tonal differences inside."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.pop_art.partition import framing, regions
from portrait_nst.pop_art.partition.edge_cost import EdgeCost


def two_halves() -> tuple[framing.Frame, regions.Regions]:
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
    edge_cost = EdgeCost(frame, found)
    ring = np.array([(40, 30), (160, 30), (160, 150), (40, 150), (40, 30)], float)
    factors = np.repeat(np.array([edge_cost.coefficients(0, 1)]), 4, axis=0)
    a, b = found.light
    inside = frame.light[30:150, 40:160].astype(float)
    expected = ((inside - a) ** 2 - (inside - b) ** 2).sum()
    assert edge_cost.cost(ring[:-1], ring[1:], factors).sum() == pytest.approx(expected, rel=0.01)


def test_the_two_directions_of_an_edge_cancel() -> None:
    frame, found = two_halves()
    edge_cost = EdgeCost(frame, found)
    start, end = np.array([[12.0, 17.0]]), np.array([[90.0, 121.0]])
    there = edge_cost.cost(start, end, np.array([edge_cost.coefficients(0, 1)]))
    back = edge_cost.cost(end, start, np.array([edge_cost.coefficients(1, 0)]))
    assert there == pytest.approx(back)
