"""Transparent colour on wet paper: washes that creep, bleed, bloom and dry with dark rims; dry brush; reserved whites."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import bristles, pixels
from .canvas import Sheet, colours, ramp, step
from .paper import tooth

# What a full layer of each pigment takes from red, green and blue, as optical density.
CRIMSON, SCARLET, ROSE, ORANGE, GOLD, LEMON = -np.log(
    colours("a8123a", "e03a1c", "ee7a8e", "f28a1e", "f6b428", "fbe36a")
)
SAP, VIRIDIAN, CERULEAN, COBALT, VIOLET = -np.log(colours("5c8a2a", "14695c", "5aaed0", "2350a8", "5a3288"))
INDIGO, SIENNA, UMBER = -np.log(colours("1a2146", "b0622c", "4a2c1e"))


class Paper:
    """A stretched sheet: its tooth, the colour dried on it, and the parts that are reserved."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.tooth = tooth(sheet, 2.6)
        self.fray, self.flow, self.drift = sheet.noise(20, 4), sheet.noise(64, 3), sheet.noise(110, 4)
        self.density = np.zeros((*sheet.shape, 3), np.float32)
        self.reserved = np.zeros(sheet.shape, np.uint8)

    def wash(self, outline: np.ndarray, tints: tuple, load: float, **how: float) -> None:
        """Colour brushed inside an outline (N, 2) in units."""
        k, margin = self.sheet.k, 14
        low = np.clip(((outline.min(axis=0) - margin) * k).astype(int), 0, None)
        high = np.minimum(((outline.max(axis=0) + margin) * k).astype(int), self.sheet.shape[::-1])
        if (high - low > 6).all():
            mask = np.zeros((high - low)[::-1], np.uint8)
            cv2.fillPoly(mask, [pixels(self.sheet, outline - low / k)], 255, cv2.LINE_8, 4)
            self.pour(np.s_[low[1] : high[1], low[0] : high[0]], mask > 0, tints, load, **how)

    def pour(
        self,
        window: tuple,
        wet: np.ndarray,
        tints: tuple,
        load: float,
        fray: float = 1.6,
        lost: float = 6,
        rim: float = 0.7,
    ) -> None:
        """Colour poured where `wet`: it creeps (`fray`), bleeds here and there (`lost`), and dries with a dark `rim`."""
        wet = wet & (self.reserved[window] == 0)
        fray_, flow, drift, mixed = (self._patch(f, wet.shape) for f in (self.fray, self.flow, self.flow, self.drift))
        grain = self.tooth[window]
        reach = self.sheet.distance(wet) - self.sheet.distance(~wet) + fray * fray_ + 0.3 * grain
        reach = np.clip(reach, -50, 50)
        soft = 0.8 + lost * step(0.5, 1.7, drift)
        cover = step(-soft, soft, reach)
        edge = rim * np.exp(-(((reach - 1.2) / 1.3) ** 2)) / soft * (1 + 0.5 * flow)
        bloom = drift + 0.35 * fray_
        pool = 0.72 + 0.24 * flow + edge + 0.5 * np.exp(-(((bloom + 0.9) / 0.10) ** 2)) - 0.36 * step(-0.9, -1.5, bloom)
        pool *= 1 + 0.15 * grain + 0.10 * fray_
        keep = 1 - 0.9 * (self.reserved[window] > 0)
        tint = ramp(np.stack(tints), 0.5 + 0.33 * mixed)
        self.density[window] += (load * cover * keep * np.clip(pool, 0.06, 2.2))[..., None] * tint

    def reserve(self, outline: np.ndarray) -> None:
        """Keep later washes out of an outline."""
        cv2.fillPoly(self.reserved, [pixels(self.sheet, outline)], 255, cv2.LINE_8, 4)

    def dry_brush(self, path: np.ndarray, width: float, tint: np.ndarray, load: float) -> None:
        """A nearly dry flat brush: only the heights of the tooth take colour, bristle by bristle."""
        marks = np.zeros(self.sheet.shape, np.uint8)
        for place, line in bristles(self.sheet, path, width, 1.1, 0.35):
            tone = int(self.sheet.rng.uniform(90, 255) * (1 - 0.3 * abs(place)))
            cv2.polylines(marks, [line], False, tone, max(1, round(1.1 * self.sheet.k)), cv2.LINE_AA, 4)
        marks = marks.astype(np.float32) / 255
        keep = self.reserved == 0
        self.density += (load * marks * keep * step(-0.1, 0.9, self.tooth + 1.6 * marks - 0.9))[..., None] * tint

    def _patch(self, field: np.ndarray, shape: tuple) -> np.ndarray:
        """A piece of a noise field from a random place, so that no two washes look alike."""
        y, x = (self.sheet.rng.integers(0, whole - part + 1) for whole, part in zip(field.shape, shape))
        return field[y : y + shape[0], x : x + shape[1]]
