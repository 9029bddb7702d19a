"""Geodesic distances on a grid: how costly the cheapest way from a seed to each cell is.

By raster scans, downward and upward in turn, as in Criminisi, Sharp, Blake, "GeoS: Geodesic Image Segmentation" (ECCV 2008).
Opposed to the paper, ways run along rows and columns only, and a row is relaxed at once: with c the cost from the row's left end,
its best ways from the left are c + the running minimum of d - c.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Costs = NDArray[np.float64]
SWEEPS = 3  # scans down and up; each lets ways turn once more
UNREACHED = 1e6


def geodesic(seeds: NDArray[np.bool_], right: Costs, down: Costs) -> Costs:
    """(n, h, w): the distance of each cell from each of n sets of seeds; `UNREACHED` at least where there are no seeds.

    seeds: (n, h, w). right, down: (n, h, w - 1) and (n, h - 1, w), the cost >= 0 of a step to the next column or row.
    """
    distance: Costs = np.where(seeds, 0.0, UNREACHED)
    height = distance.shape[1]
    along = np.concatenate([np.zeros_like(distance[..., :1]), np.cumsum(right, 2)], 2)
    for _ in range(SWEEPS):
        for rows, step in ((range(height), -1), (range(height - 1, -1, -1), 1)):
            for y in rows:
                row, before = distance[:, y], y + step
                if 0 <= before < height:
                    np.minimum(row, distance[:, before] + down[:, min(y, before)], out=row)
                c = along[:, y]
                from_left = c + np.minimum.accumulate(row - c, 1)
                from_right = np.minimum.accumulate((row + c)[:, ::-1], 1)[:, ::-1] - c
                np.minimum(from_left, from_right, out=row)
    return distance
