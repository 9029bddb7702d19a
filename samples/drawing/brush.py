"""Strokes: paths that follow a field of directions, painted bristle by bristle."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from .canvas import Sheet


def trace(sheet: Sheet, angle: np.ndarray, starts: np.ndarray, length: float, steps: int = 14) -> np.ndarray:
    """Paths (N, steps, 2) of (X, Y) in units that follow `angle` (HW, radians) both ways from each start."""
    half = length / (steps - 1)
    forward, backward = [starts], []
    for direction, path in ((1, forward), (-1, backward)):
        point = starts
        for _ in range(steps // 2 if direction > 0 else steps - steps // 2 - 1):
            heading = sheet.sample(angle, point[:, 0], point[:, 1])
            point = point + direction * half * np.stack([np.cos(heading), np.sin(heading)], axis=1)
            path.append(point)
    return np.stack(backward[::-1] + forward, axis=1).astype(np.float32)


def unbroken(fits: np.ndarray) -> slice:
    """The run of True (of one row of booleans) around the middle: the part of a stroke that stays where it may."""
    middle = len(fits) // 2
    before = int(np.argmin(np.append(fits[middle::-1], False)))
    return slice(middle - before + 1, middle + int(np.argmin(np.append(fits[middle:], False))))


def normals(path: np.ndarray) -> np.ndarray:
    """Unit normals (steps, 2) of one path (steps, 2)."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6
    return np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)


def ribbon(path: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The outline (2 * steps, 2) of a stroke whose full width at each step is `width`, in units."""
    side = normals(path) * (np.asarray(width) / 2)[:, None]
    return np.concatenate([path + side, (path - side)[::-1]])


def pixels(sheet: Sheet, points: np.ndarray) -> np.ndarray:
    """Points in units as the fixed-point integers that OpenCV's drawing takes with shift=4."""
    return np.round(points * sheet.k * 16).astype(np.int32)


def fill(sheet: Sheet, image: np.ndarray, outline: np.ndarray, colour: tuple[float, ...] | float) -> None:
    """Fill one outline (in units) in place, with smooth edges; uint8 images only."""
    cv2.fillPoly(image, [pixels(sheet, outline)], colour, lineType=cv2.LINE_AA, shift=4)


def bristles(
    sheet: Sheet, path: np.ndarray, width: float, spacing: float, ragged: float = 0.25
) -> Iterator[tuple[float, np.ndarray]]:
    """The bristles of a flat brush drawn along `path`: (place across it in [-1, 1], path in fixed-point pixels)."""
    steps, side = len(path), normals(path)
    count = max(3, round(width / spacing))
    sway = sheet.rng.normal(0, 0.25 * spacing, count)
    cuts = (ragged * steps * sheet.rng.random((count, 2))).astype(int)
    for i, place in enumerate(np.linspace(-1, 1, count)):
        lead, trail = cuts[i]
        part = slice(lead, max(lead + 2, steps - trail))
        yield place, pixels(sheet, path[part] + side[part] * (place * width / 2 + sway[i]))
