"""Synthetic scenes with the statistics of photographs: dead leaves, shaded and textured (Lee, Mumford & Huang 2001)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import UInt8Array

SHAPES = (12, 40)  # of a scene
LARGEST = 0.47  # radius of a shape, as a fraction of the side
TEXTURES = 6  # planes of noise that a set of scenes is textured with, since each costs a Fourier transform


def scenes(count: int, side: int, rng: np.random.Generator) -> UInt8Array:
    """(count, side, side, 3) uint8: ellipses and polygons over one another, their sizes by a power law."""
    planes = [_noise(beta, side, rng) for beta in np.linspace(0.5, 2.0, TEXTURES)]
    return np.stack([_scene(side, planes, rng) for _ in range(count)])


def _scene(side: int, planes: list[NDArray[np.float32]], rng: np.random.Generator) -> UInt8Array:
    import cv2

    rows, columns = np.mgrid[:side, :side].astype(np.float32)
    scene = _texture(planes[3:], rng) * np.float32(rng.uniform(5, 25)) + rng.uniform(30, 220, 3).astype(np.float32)
    for _ in range(int(rng.integers(*SHAPES))):
        radius = min((8 * rng.pareto(1.6) + 6) * side / 256, LARGEST * side)
        x, y = rng.uniform(-0.08, 1.08, 2) * side
        shape = _shape(side, x, y, radius, rng)
        if rng.random() < 0.3:  # out of focus
            shape = np.asarray(cv2.GaussianBlur(shape, (0, 0), float(rng.uniform(1, 5))), np.uint8)
        box = _box(shape)
        if box is None:
            continue
        angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0, 45)
        across = (columns[box] - x) * np.cos(angle) + (rows[box] - y) * np.sin(angle)
        colour = rng.uniform(0, 255, 3) + (across * (depth / radius))[..., None]
        if rng.random() < 0.5:
            colour = colour + _texture(planes, rng)[box] * rng.uniform(0, 22)
        alpha = shape[box].astype(np.float32)[..., None] / 255
        scene[box] += alpha * (colour.astype(np.float32) - scene[box])
    scene = cv2.GaussianBlur(scene, (0, 0), float(rng.uniform(0.4, 1.2)))
    return np.asarray(np.clip(np.rint(scene), 0, 255), np.uint8)


def _shape(side: int, x: float, y: float, radius: float, rng: np.random.Generator) -> UInt8Array:
    import cv2

    shape = np.zeros((side, side), np.uint8)
    if rng.random() < 0.5:
        axes = int(radius), max(1, int(radius * rng.uniform(0.4, 1)))
        cv2.ellipse(shape, (int(x), int(y)), axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    else:
        angles = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 7))))
        corners = np.array([x, y]) + radius * np.stack([np.cos(angles), np.sin(angles)], 1)
        cv2.fillPoly(shape, [corners.astype(np.int32)], 255, cv2.LINE_AA)
    return shape


def _box(shape: UInt8Array) -> tuple[slice, slice] | None:
    """The rows and columns in which a `shape` is; None where it is nowhere."""
    rows, columns = np.flatnonzero(shape.any(1)), np.flatnonzero(shape.any(0))
    return (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)) if len(rows) else None


def _texture(planes: list[NDArray[np.float32]], rng: np.random.Generator) -> NDArray[np.float32]:
    """One of the `planes` (side, side, 3), turned and moved at random, its channels mixed."""
    plane = planes[int(rng.integers(len(planes)))]
    plane = np.roll(np.rot90(plane, int(rng.integers(4))), tuple(rng.integers(0, len(plane), 2)), (0, 1))
    mixed = rng.normal(size=(3, 3)) * 0.35 + 0.5  # mostly of lightness, as textures are
    return np.asarray(plane @ mixed.astype(np.float32))


def _noise(beta: float, side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise (side, side, 3) whose amplitude falls with the frequency to the power `beta`, of deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None])
    frequency[0, 0] = 1
    found = np.fft.ifft2(np.fft.fft2(rng.normal(size=(3, side, side))) * frequency**-beta).real
    found = (found - found.mean((1, 2), keepdims=True)) / found.std((1, 2), keepdims=True)
    return np.ascontiguousarray(found.transpose(1, 2, 0), np.float32)
