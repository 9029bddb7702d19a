"""A drawing before the pen touches it: parts laid one before the other, each with its tone and its hatching's direction."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from .brush import pixels
from .canvas import Sheet

Field = float | np.ndarray | Callable[[np.ndarray, np.ndarray], np.ndarray]


class Plate:
    """What is to be drawn: each pixel's part, how dark it is (0 to 1), the hatching's direction, and the outlines."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.part = np.zeros(sheet.shape, np.int32)
        self.dark, self.angle = np.zeros(sheet.shape, np.float32), np.zeros(sheet.shape, np.float32)
        self.outlines: list[tuple[np.ndarray, int, float]] = []
        self.pens = [1.1]

    def add(self, outline: np.ndarray | list, dark: Field, angle: Field, pen: float = 1.3) -> None:
        """A part inside an outline (N, 2), before all that is there; `dark` and `angle` are numbers, HW, or made from X and Y."""
        k = self.sheet.k
        outline = np.asarray(outline, np.float32)
        low = np.clip(np.floor(outline.min(axis=0) * k).astype(int), 0, None)
        high = np.minimum(np.ceil(outline.max(axis=0) * k).astype(int) + 1, self.sheet.shape[::-1])
        if (high <= low).any():
            return
        box = np.s_[low[1] : high[1], low[0] : high[0]]
        mask = np.zeros((high - low)[::-1], np.uint8)
        cv2.fillPoly(mask, [pixels(self.sheet, outline - low / k)], 1, cv2.LINE_8, 4)
        inside = mask > 0
        self.part[box][inside] = len(self.pens)
        for field, value in ((self.dark, dark), (self.angle, angle)):
            if callable(value):
                field[box][inside] = value(self.sheet.x[box], self.sheet.y[box])[inside]
            else:
                field[box][inside] = value[box][inside] if isinstance(value, np.ndarray) else value
        self.outlines.append((outline, len(self.pens), pen))
        self.pens.append(pen)
