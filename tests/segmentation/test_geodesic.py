"""Cheapest ways on a grid, against Dijkstra's algorithm."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from portrait_nst.segmentation.geodesic import UNREACHED, geodesic


def dijkstra(seeds: np.ndarray, right: np.ndarray, down: np.ndarray) -> np.ndarray:
    height, width = seeds.shape
    found = np.full(seeds.shape, UNREACHED)
    found[seeds] = 0
    waiting = [(0.0, y, x) for y, x in np.argwhere(seeds)]
    while waiting:
        so_far, y, x = heapq.heappop(waiting)
        steps = [(y, x + 1, right[y, x])] if x + 1 < width else []
        steps += [(y, x - 1, right[y, x - 1])] if x else []
        steps += [(y + 1, x, down[y, x])] if y + 1 < height else []
        steps += [(y - 1, x, down[y - 1, x])] if y else []
        for v, u, cost in steps:
            if so_far + cost < found[v, u]:
                found[v, u] = so_far + cost
                heapq.heappush(waiting, (so_far + cost, v, u))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_distances_are_dijkstra_s(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seeds = rng.random((2, 12, 15)) < 0.05
    right, down = rng.uniform(0.5, 1, (2, 12, 14)), rng.uniform(0.5, 1, (2, 11, 15))
    expected = np.stack([dijkstra(*planes) for planes in zip(seeds, right, down)])
    assert np.allclose(geodesic(seeds, right, down), expected)


def test_a_way_goes_around_a_wall_and_nothing_leads_from_no_seed() -> None:
    right, down = np.ones((2, 9, 8)), np.ones((2, 8, 9))
    right[:, :8, 4] = 1000  # a wall beside column 4, open in the last row
    seeds = np.zeros((2, 9, 9), bool)
    seeds[0, 0, 0] = True
    found = geodesic(seeds, right, down)
    assert found[0, 0, 8] == 8 + 2 * 8
    assert (found[1] >= UNREACHED).all()
