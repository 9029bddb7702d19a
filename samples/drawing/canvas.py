"""The sheet every style is drawn on: coordinates, noise, colour ramps, light.

Lengths are in units: the finished picture's long side is LONG_SIDE units, whatever its size in pixels.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np

LONG_SIDE = 768
OVERSAMPLING = 2


class Sheet:
    """A blank sheet of width x height units at k pixels per unit, with its own random numbers."""

    def __init__(self, size: tuple[int, int], pixels: int, seed: int) -> None:
        self.width, self.height = size
        self.k = OVERSAMPLING * pixels / LONG_SIDE
        self.shape = (round(self.height * self.k), round(self.width * self.k))
        self.rng = np.random.default_rng(seed)

    @cached_property
    def x(self) -> np.ndarray:
        """HW float32, each pixel's distance from the left edge in units."""
        return np.tile((np.arange(self.shape[1], dtype=np.float32) + 0.5) / self.k, (self.shape[0], 1))

    @cached_property
    def y(self) -> np.ndarray:
        """HW float32, each pixel's distance from the top edge in units."""
        return np.tile(((np.arange(self.shape[0], dtype=np.float32) + 0.5) / self.k)[:, None], (1, self.shape[1]))

    def noise(self, cell: float | tuple[float, float], octaves: int = 1) -> np.ndarray:
        """HW float32 value noise, mean 0, standard deviation 1; `cell` is the coarsest feature (X, Y) in units."""
        cx, cy = cell if isinstance(cell, tuple) else (cell, cell)
        total = np.zeros(self.shape, np.float32)
        for octave in range(octaves):
            total += self._noise_octave(cx / 2**octave, cy / 2**octave) * 0.55**octave
        return (total - total.mean()) / (total.std() + 1e-6)

    def _noise_octave(self, cx: float, cy: float) -> np.ndarray:
        rows, cols = int(np.ceil(self.height / cy)) + 3, int(np.ceil(self.width / cx)) + 3
        coarse = self.rng.standard_normal((rows, cols)).astype(np.float32)
        ox, oy = self.rng.random(2)
        return cv2.remap(coarse, self.x / cx + 1 + np.float32(ox), self.y / cy + 1 + np.float32(oy), cv2.INTER_CUBIC)

    def streaks(self, angle: float, length: float, width: float) -> np.ndarray:
        """HW float32 noise drawn out along `angle` (radians), mean 0, standard deviation 1: bristles, grain."""
        cells = int(2 * (self.width + self.height) / width) + 8, int(2 * (self.width + self.height) / length) + 8
        coarse = self.rng.standard_normal(cells).astype(np.float32)
        c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        along = (self.x * c + self.y * s) / length + cells[1] / 2
        across = (-self.x * s + self.y * c) / width + cells[0] / 2
        out = cv2.remap(coarse, along, across, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return (out - out.mean()) / (out.std() + 1e-6)

    def sample(self, field: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The field's values at points (X, Y) in units, clipped to the sheet."""
        cols = np.clip((np.asarray(x) * self.k).astype(int), 0, self.shape[1] - 1)
        rows = np.clip((np.asarray(y) * self.k).astype(int), 0, self.shape[0] - 1)
        return field[rows, cols]

    def blur(self, image: np.ndarray, sigma: float) -> np.ndarray:
        """Gaussian blur with sigma in units."""
        return cv2.GaussianBlur(image, (0, 0), max(sigma * self.k, 0.3), borderType=cv2.BORDER_REFLECT)

    def distance(self, inside: np.ndarray) -> np.ndarray:
        """HW float32 distance in units from each pixel of a boolean mask to the nearest pixel outside it."""
        return cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5) / np.float32(self.k)

    def points(self, spacing: float, margin: float = 0.0, jitter: float = 0.95) -> np.ndarray:
        """N x 2 float32 points (X, Y), one jittered within each square of side `spacing`, in random order."""
        gx, gy = np.meshgrid(
            np.arange(-margin, self.width + margin, spacing), np.arange(-margin, self.height + margin, spacing)
        )
        cells = np.stack([gx.ravel(), gy.ravel()], axis=1).astype(float)
        cells += spacing * (0.5 + jitter * (self.rng.random(cells.shape) - 0.5))
        return self.rng.permutation(cells).astype(np.float32)


def colours(*codes: str) -> np.ndarray:
    """N x 3 float32 RGB in [0, 1] from codes such as "1b2a49"."""
    return np.array([[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code in codes], np.float32) / 255


def ramp(stops: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Colours (..., 3) at t in [0, 1] along evenly spaced stops."""
    t = np.clip(np.asarray(t, np.float32), 0, 1) * (len(stops) - 1)
    low = np.minimum(t.astype(int), len(stops) - 2)
    part = (t - low)[..., None]
    return (stops[low] * (1 - part) + stops[low + 1] * part).astype(np.float32)


def step(low: float, high: float, t: np.ndarray) -> np.ndarray:
    """Smooth step from 0 at `low` to 1 at `high` (which may be the smaller)."""
    s = np.clip((t - low) / (high - low), 0, 1)
    return s * s * (3 - 2 * s)


def over(below: np.ndarray, above: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`above` (HWC, or one colour) laid over `below` with HW alpha in [0, 1]."""
    return below + (above - below) * alpha[..., None]


def relief(height: np.ndarray, angle: float = -2.2, slope: float = 1.0) -> np.ndarray:
    """HW float32 in [-1, 1]: how far a height field (in pixels) leans towards a light at `angle` (radians)."""
    dx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 8
    dy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 8
    lean = -slope * (dx * np.float32(np.cos(angle)) + dy * np.float32(np.sin(angle)))
    return lean / np.sqrt(1 + lean * lean)


def shaken(rng: np.random.Generator, base: np.ndarray, hue: float, tone: float) -> np.ndarray:
    """Colours (N, 3) varied a little: each channel by `hue`, all together by `tone` (standard deviations)."""
    n = len(base)
    return np.clip(base * (1 + rng.normal(0, tone, (n, 1))) + rng.normal(0, hue, (n, 3)), 0, 1).astype(np.float32)
