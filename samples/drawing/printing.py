"""Printing from wooden blocks: colour blocks with grain, a key block with swelling lines, two old patterns."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import fill, ribbon
from .canvas import Sheet, colours, over, relief

PAPER, INK, RED, SEAL = colours("f4e8cb", "1a1c2c", "c8402c", "b02a22")
PRUSSIAN, INDIGO, AZURE, FOAM = colours("12254f", "24447c", "6f9fb4", "f3ecd6")
OCHRE, ROSE, PINE, SAND = colours("d9a04a", "e0917a", "3d5a48", "dcbf88")


class Print:
    """The picture as blocks are printed onto it, and the key block that is cut for the ink."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.key = np.zeros(sheet.shape, np.uint8)
        fibres = sheet.streaks(0.2, 40, 1.3) + sheet.streaks(1.8, 34, 1.3)
        self.picture = PAPER * (1 + 0.012 * fibres + 0.02 * sheet.noise(160, 2) + 0.015 * sheet.noise(3))[..., None]
        board = 5 * sheet.noise((520, 70), 2) + 0.8 * sheet.noise((90, 6))
        self.grain = np.sin(sheet.y / 3.4 + board) + 0.5 * np.sin(sheet.y / 1.45 + 2.1 * board)
        self.baren = sheet.noise(2.2) + 0.9 * sheet.streaks(0.5, 26, 4) + 0.6 * sheet.noise(60, 2)

    def block(self, cover: np.ndarray, colour: np.ndarray, strength: np.ndarray | float = 1.0) -> None:
        """One colour block, out of register by a hair: its grain and the rubbing of the baren show in it."""
        slip = np.float32([[1, 0, 0], [0, 1, 0]])
        slip[:, 2] = self.sheet.rng.normal(0, 0.5, 2) * self.sheet.k
        part = self._around(cover)
        cover = np.ascontiguousarray(cover[part], np.float32)
        cover = cv2.warpAffine(cover, slip, cover.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
        rub = 0.94 + 0.09 * self.grain[part] + 0.045 * self.baren[part]
        rim = 0.10 * np.abs(relief(self.sheet.blur(cover, 0.9), slope=2.0))
        strength = strength[part] if isinstance(strength, np.ndarray) else strength
        cover = cover * np.clip(strength * rub + rim, 0, 1)
        below = self.picture[part]
        self.picture[part] = over(below, 0.82 * colour + 0.18 * colour * below, cover)

    def bare(self, cover: np.ndarray) -> None:
        """A shape before all that lies behind it: no key lines, and only the pale first block, where it is."""
        part = self._around(cover)
        self.key[part][cover[part] > 0.5] = 0
        pale = FOAM * (1 + 0.02 * self.grain[part])[..., None]
        self.picture[part] = over(self.picture[part], pale, cover[part])

    def _around(self, cover: np.ndarray) -> tuple[slice, slice]:
        """The rows and columns in which a cover is anything."""
        rows, cols = (np.flatnonzero((cover > 0).any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return np.s_[0:1, 0:1]
        margin = round(4 * self.sheet.k)
        return np.s_[max(0, rows[0] - margin) : rows[-1] + margin, max(0, cols[0] - margin) : cols[-1] + margin]

    def line(self, path: np.ndarray, width: float, inside: np.ndarray | None = None, tip: float = 0.15) -> None:
        """A contour of the key block that swells and thins as a brush does; its ends are `tip` of its width."""
        t = np.linspace(0, 1, len(path))
        swell = tip + (1 - tip) * np.sin(np.pi * np.clip(t * 1.04 - 0.02, 0, 1)) ** 0.6
        outline = ribbon(path, width * swell * (1 + 0.22 * np.sin(t * 9 + self.sheet.rng.uniform(0, 6))))
        if inside is None:
            fill(self.sheet, self.key, outline, 255)
            return
        low = np.maximum(outline.min(axis=0) * self.sheet.k - 2, 0).astype(int)
        high = np.maximum(outline.max(axis=0) * self.sheet.k + 3, low + 1).astype(int)
        part = np.s_[low[1] : high[1], low[0] : high[0]]
        stroke = np.zeros_like(self.key[part])
        if stroke.size:
            fill(self.sheet, stroke, outline - low / self.sheet.k, 255)
            self.key[part] = np.maximum(self.key[part], (stroke * inside[part]).astype(np.uint8))

    def ink(self) -> np.ndarray:
        """The key block printed last."""
        block = self.sheet.blur(self.key.astype(np.float32) / 255, 0.3)
        cover = block * np.clip(0.95 + 0.05 * self.grain + 0.05 * self.baren, 0, 1)
        return np.clip(over(self.picture, INK, cover), 0, 1)


def curve(points: list[tuple[float, float]], steps: int = 60) -> np.ndarray:
    """A smooth path (steps, 2) through points: Catmull and Rom's spline."""
    p = np.float32([points[0], *points, points[-1]])
    t = np.linspace(0, len(points) - 1 - 1e-4, steps)
    i = t.astype(int)
    f = (t - i)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    bend = 2 * b + (c - a) * f + (2 * a - 5 * b + 4 * c - d) * f**2 + (3 * b - 3 * c + d - a) * f**3
    return (0.5 * bend).astype(np.float32)


def shape(sheet: Sheet, *paths: np.ndarray) -> np.ndarray:
    """HW float32 cover of the area that paths, joined end to end, go round."""
    mask = np.zeros(sheet.shape, np.uint8)
    fill(sheet, mask, np.concatenate(paths), 255)
    return mask.astype(np.float32) / 255


def waves_pattern(x: np.ndarray, y: np.ndarray, r: float) -> tuple[np.ndarray, np.ndarray]:
    """Seigaiha, scales of rings: each pixel's distance from its scale's centre (over r), and the scale's number."""
    far, number = np.full(x.shape, 9.0, np.float32), np.zeros(x.shape, np.int32)
    base = np.floor(y / (0.5 * r)).astype(int)
    for up in range(2, -2, -1):  # lower scales lie over upper ones
        row = base + 2 - up
        shift = (row % 2) * r
        column = np.round((x - shift) / (2 * r))
        d = np.hypot(x - shift - column * 2 * r, y - row * 0.5 * r - 0.5 * r) / r
        here = d < 1
        far[here], number[here] = d[here], (row * 131 + column.astype(int))[here]
    return far, number


def hemp_pattern(x: np.ndarray, y: np.ndarray, side: float) -> np.ndarray:
    """Asanoha, the hemp leaf: distance (over `side`) to the lines of a triangular lattice and of each third."""
    v = y / (side * 0.866)
    u = x / side - 0.5 * v
    fu, fv = u % 1, v % 1
    up = fu + fv < 1
    a, b = np.where(up, fu, 1 - fu), np.where(up, fv, 1 - fv)
    c = 1 - a - b
    edge = np.minimum(np.minimum(a, b), c)
    thirds = np.median(np.stack([a, b, c]), axis=0) - edge
    return np.minimum(edge, 0.6 * thirds).astype(np.float32)
