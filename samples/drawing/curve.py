"""Smooth curves through a few drawn points: what outlines, limbs, stalks and lead lines are made of."""

from __future__ import annotations

import numpy as np


def spline(points: list | np.ndarray, steps: int = 48, closed: bool = False) -> np.ndarray:
    """A Catmull-Rom curve (steps, 2) through points (X, Y); `closed` joins the last to the first."""
    points = np.asarray(points, float)
    knots = np.concatenate([points[-1:], points, points[:2]]) if closed else points[[0, *range(len(points)), -1]]
    t = np.linspace(0, len(knots) - 3, steps, endpoint=not closed)
    i = np.minimum(t.astype(int), len(knots) - 4)
    f = (t - i)[:, None]
    a, b, c, d = (knots[i + j] for j in range(4))
    curve = b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))
    return curve.astype(np.float32)


def turned(
    shape: np.ndarray, angle: float, size: float | tuple[float, float], centre: tuple | np.ndarray
) -> np.ndarray:
    """A shape (N, 2) about the origin, made `size` times as large (X, Y), turned by `angle` (radians) and placed."""
    c, s = np.cos(angle), np.sin(angle)
    return ((np.asarray(shape, float) * size) @ np.array([[c, s], [-s, c]]) + centre).astype(np.float32)
