"""What a painting is made after: the colour wanted in each place, the way the strokes run there, and how finely."""

from __future__ import annotations

import numpy as np

from .canvas import LONG_SIDE, OVERSAMPLING, Sheet, over


class Scene:
    """A motif on a sheet of its own, of one pixel per unit: no stroke needs to know it more finely."""

    def __init__(self, sheet: Sheet) -> None:
        size = (sheet.width, sheet.height)
        self.sheet = Sheet(size, LONG_SIDE // OVERSAMPLING, int(sheet.rng.integers(2**31)))
        self.colour = np.zeros((*self.sheet.shape, 3), np.float32)
        self.angle = np.zeros(self.sheet.shape, np.float32)
        self.detail = np.zeros(self.sheet.shape, np.float32)

    def lay(self, cover: np.ndarray, colour: np.ndarray, angle: np.ndarray | float, detail: np.ndarray | float) -> None:
        """Put one thing in front of what is there: its cover, colour, direction (radians), detail (0 to 1)."""
        inside = cover > 0.5
        self.colour = over(self.colour, colour, cover).astype(np.float32)
        self.angle = np.where(inside, angle, self.angle).astype(np.float32)
        self.detail = np.where(inside, detail, self.detail).astype(np.float32)

    def ground(self, colour: np.ndarray, angle: np.ndarray | float, detail: float) -> None:
        """What lies behind everything."""
        self.lay(np.ones(self.sheet.shape, np.float32), colour, angle, detail)

    def at(self, field: np.ndarray, points: np.ndarray) -> np.ndarray:
        """A field's values at points (..., 2) in units."""
        return self.sheet.sample(field, points[..., 0], points[..., 1])
