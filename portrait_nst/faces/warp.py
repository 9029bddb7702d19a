"""One face laid over another: where each pixel around a face lies around the other one.

Where both have their 478 points, the map is a flow that carries the points of the one to those of the other (Joshi & Miller 2000,
"Landmark matching via large deformation diffeomorphisms"): from the similarity transform that fits best, in a few small steps,
each the smoothed interpolation of what the points still lack. Opposed to the paper, steps are greedy, not the shortest path.
What is hidden in one of the faces (the far cheek of a turned head) asks for what cannot be; it gives way, and nothing folds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.faces.keypoint_spline import keypoint_spline
from portrait_nst.faces.parts import LINES, LOOPS
from portrait_nst.types import Face, FloatArray

# Lengths are in radii of a face: the root mean square distance of its points from their middle.
REACH = 1.5  # a point moves what lies nearer than this; beyond, the map is the similarity transform
SMOOTHING = 0.3  # how much points may miss, against the kernel's 1 at no distance: hidden points ask for what cannot be
STEPS = 8
LEAST = 0.001  # a step of which no larger part can be gone without a fold is the last
CELL = 0.08  # the flow is computed on a grid of such cells, half an eye's height, and is linear within them
MARGIN = 1.2 * REACH  # the grid around the points; the rest is for points that move outwards
CONTROLS = sorted({number for line in (*LOOPS.values(), *LINES.values()) for number in line})

Complex = NDArray[np.complex128]


def warp_map(face: Face, other: Face, size: tuple[int, int]) -> FloatArray:
    """Where the pixels of a frame around `face` lie in the picture of `other`: (h, w, 2) float32, x and y in its pixels.

    face: in pixels of the frame, whose size is (h, w). A pixel's middle is at 0.5, so `cv2.remap` takes the result less 0.5. The
    map never folds where both faces have landmarks, and is a similarity transform away from the face. Where one has none, it is a
    thin-plate spline through the six keypoints.
    """
    if face.landmarks is None or other.landmarks is None:
        x, y = np.meshgrid(np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5)
        return keypoint_spline(face, other, np.stack([x, y], -1).reshape(-1, 2)).reshape(*size, 2).astype(np.float32)
    here, there = _complex(face.landmarks), _complex(other.landmarks)
    turn, shift = _similarity(here, there)
    radius = float(np.sqrt(np.mean(np.abs(here - here.mean()) ** 2)))
    cell = CELL * radius
    left, top = (p.min() - MARGIN * radius for p in (here.real, here.imag))
    columns, rows = (np.arange(np.ptp(p) / cell + 2 * MARGIN / CELL + 1) for p in (here.real, here.imag))
    grid = turn * (left + columns * cell + 1j * (top + rows[:, None] * cell)) + shift
    unit = abs(turn) * radius  # the flow runs in the other picture, in radii of a face
    away = _flow(grid / unit, (turn * here + shift)[CONTROLS] / unit, there[CONTROLS] / unit) * unit - grid
    x, y = np.arange(size[1]) + 0.5, np.arange(size[0]) + 0.5
    places = turn * (x + 1j * y[:, None]) + shift
    x, y = (x - left) / cell, (y - top) / cell
    near_x, near_y = (x >= 0) & (x < columns[-1]), (y >= 0) & (y < rows[-1])
    places[np.ix_(near_y, near_x)] += _between(away, y[near_y], x[near_x])
    return np.stack([places.real, places.imag], -1).astype(np.float32)


def folds(grid: Complex) -> bool:
    """Whether the map that is linear within the cells of `grid` (rows, columns), x + iy for each corner, folds anywhere.

    Within a cell the Jacobian of such a map is linear, so that its sign at the corners is its sign.
    """
    across, down = np.diff(grid, axis=1), np.diff(grid, axis=0)
    corners = ((a.conj() * d).imag for a in (across[:-1], across[1:]) for d in (down[:, :-1], down[:, 1:]))
    return any(bool((corner <= 0).any()) for corner in corners)


def _flow(grid: Complex, points: Complex, goals: Complex) -> Complex:
    """`grid` carried along with `points`, which go towards their `goals`."""
    for left in range(STEPS, 0, -1):
        among = _kernel(points, points)
        weights = np.linalg.solve(among + SMOOTHING * np.eye(len(points)), (goals - points) / left)
        step = (_kernel(grid.ravel(), points) @ weights).reshape(grid.shape)
        part = 1.0
        while folds(grid + part * step):
            part /= 2
            if part < LEAST:
                return grid
        grid = grid + part * step
        points = points + part * (among @ weights)
    return grid


def _kernel(a: Complex, b: Complex) -> NDArray[np.float64]:
    """Wendland's function between two lists of points: 1 at no distance, 0 from `REACH`, twice differentiable (Wendland 1995)."""
    across, down = a.real[:, None] - b.real, a.imag[:, None] - b.imag
    away = np.sqrt(across * across + down * down) / REACH  # products, since `abs` and `** 4` take five times as long
    return np.asarray(np.square(np.square(np.maximum(1 - away, 0))) * (4 * away + 1))


def _similarity(a: Complex, b: Complex) -> tuple[complex, complex]:
    """The turn (with the scale) and the shift of the similarity transform that brings `a` nearest to `b`."""
    middle = a - a.mean()
    turn = complex(np.vdot(middle, b) / max(np.vdot(middle, middle).real, 1e-12))
    return turn, complex(b.mean() - turn * a.mean())


def _between(values: Complex, y: NDArray[np.float64], x: NDArray[np.float64]) -> Complex:
    """`values` of a grid at rows `y` and columns `x`, linear between them: (len(y), len(x))."""
    for axis, at in enumerate((y, x)):
        first = np.minimum(at.astype(int), values.shape[axis] - 2)
        share = (at - first).reshape((-1, 1) if axis == 0 else (1, -1))
        values = values.take(first, axis) * (1 - share) + values.take(first + 1, axis) * share
    return values


def _complex(points: FloatArray) -> Complex:
    return points[:, 0] + 1j * points[:, 1].astype(float)
