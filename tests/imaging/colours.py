"""Colour conversions in float64, as references: matrices of primaries, and curves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Curve = Callable[[Float], Float]

D65 = (0.3127, 0.3290)
SRGB = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
ADOBE = (0.640, 0.330, 0.210, 0.710, 0.150, 0.060)
BT2020 = (0.708, 0.292, 0.170, 0.797, 0.131, 0.046)


def to_xyz(primaries: tuple[float, ...], white: tuple[float, float] = D65) -> Float:
    """The matrix from linear RGB to XYZ; both whites are the same one, so that nothing has to be adapted."""
    x, y = np.array(primaries[0::2]), np.array(primaries[1::2])
    columns = np.array([x / y, np.ones(3), (1 - x - y) / y])
    return columns * np.linalg.solve(columns, [white[0] / white[1], 1, (1 - sum(white)) / white[1]])


def srgb_decode(codes: Float) -> Float:
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def srgb_encode(linear: Float) -> Float:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def power(gamma: float) -> Curve:
    return lambda codes: codes**gamma


def pq_decode(codes: Float) -> Float:
    """SMPTE ST 2084, in units of 203 nits."""
    root = codes ** (32 / 2523)
    return 10000 / 203 * (np.maximum(root - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * root)) ** (16384 / 2610)


def hlg_decode(codes: Float) -> Float:
    """BT.2100 at 1000 nits, in units of 203 nits."""
    scene = np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    return 1000 / 203 * scene**1.2


def as_srgb(codes: NDArray[np.integer], bits: int, primaries: tuple[float, ...], curve: Curve) -> Float:
    """Codes (H, W, 3) as sRGB from 0 to 255, clipped and not rounded."""
    linear = np.minimum(curve(codes / (2**bits - 1)), 1) @ (np.linalg.inv(to_xyz(SRGB)) @ to_xyz(primaries)).T
    return 255 * srgb_encode(np.clip(linear, 0, 1))
