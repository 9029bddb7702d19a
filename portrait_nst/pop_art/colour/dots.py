"""Ben-Day dots: a lattice that is turned by 15 degrees, in frame pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portrait_nst.pop_art.colour import oklab
from portrait_nst.types import FloatArray

ANGLE = 15.0
PITCH = 10.5
RADII = tuple(np.round(np.arange(3.3, 4.81, 0.15), 2).tolist())
"""The radii to choose from, up to that of the largest dots that do not touch each other."""


@dataclass(frozen=True)
class DotScreen:
    """The dots that one tone is printed with.

    tone:   the tone that is printed as dots.
    paper:  the colour under the dots, "#RRGGBB".
    radius: the radius of the dots in frame pixels, where the frame's unit is 1.
    """

    tone: int
    paper: str
    radius: float


def seen(dot: str, paper: str, radius: float) -> str:
    """The colour that the eye mixes from dots on paper, "#RRGGBB" each."""
    share = float(np.pi * radius**2 / PITCH**2)
    a, b = np.array(oklab.lab_of(dot)), np.array(oklab.lab_of(paper))
    return oklab.hex_of(oklab.from_oklab(share * a + (1 - share) * b))


def coverage(x: NDArray[np.floating], y: NDArray[np.floating], scale: float, unit: float, radius: float) -> FloatArray:
    """The share of each picture pixel that a dot covers, in [0, 1].

    x, y:   the centres of pixels, in frame pixels.
    scale:  picture pixels for one frame pixel.
    unit:   the frame's; the dots are `PITCH` times as far apart.
    radius: the radius of the dots, where the unit is 1.
    """
    c, s = np.cos(np.radians(ANGLE)), np.sin(np.radians(ANGLE))
    pitch = PITCH * unit
    u, v = (c * x + s * y) / pitch, (-s * x + c * y) / pitch
    away = np.hypot(u - np.rint(u), v - np.rint(v)) * pitch
    return np.asarray(np.clip((radius * unit - away) * scale + 0.5, 0, 1), np.float32)


def centres(width: float, height: float, unit: float, radius: float) -> NDArray[np.float64]:
    """The (n, 2) centres of the dots that reach into a frame of some width and height, row by row."""
    c, s = np.cos(np.radians(ANGLE)), np.sin(np.radians(ANGLE))
    pitch = PITCH * unit
    reach = int(np.hypot(width, height) / pitch) + 2
    v, u = np.mgrid[-reach : reach + 1, -reach : reach + 1] * pitch
    points = np.stack([c * u - s * v, s * u + c * v], axis=-1).reshape(-1, 2)
    r = radius * unit
    inside = (points > -r).all(axis=1) & (points[:, 0] < width + r) & (points[:, 1] < height + r)
    return points[inside]
