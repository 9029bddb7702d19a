"""Thick paint: bristled strokes along a swirling field, lit from the upper left. A moonlit wind over fields."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import bristles, trace
from .canvas import Sheet, colours, over, ramp, relief, shaken, step

SIZE = (768, 576)
SKY = colours("0c1438", "15296b", "1d4ea3", "2f84c4", "6cc0cf", "c9e4bf", "f7e6a1")
MOON = colours("fffbe0", "ffe58a", "ffbf3c", "f28a2e", "b85a4a", "2c5aa8")
FIELD = colours("0b1a24", "173f3c", "3f7a3c", "9aa534", "e6b632", "f6dc7a", "d2622a")
TREE = colours("05080f", "0d1b22", "17352f", "2f5a3a", "6a7a34")
WHIRLS = ((520.0, 150.0, 105.0, 1), (262.0, 205.0, 120.0, -1), (700.0, 300.0, 70.0, -1), (90.0, 90.0, 80.0, 1),
          (395.0, 70.0, 60.0, -1))  # fmt: skip
MOONS = ((520.0, 150.0, 46.0), (92.0, 92.0, 17.0), (395.0, 66.0, 12.0), (690.0, 60.0, 15.0), (255.0, 208.0, 14.0))
LAYERS = ((17, 34, 130, 1.5), (10.5, 19, 88, 1.25), (7, 11, 54, 1.05))  # spacing, width, length, bristle spacing


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the painting."""
    angle = _flow(sheet)
    model = _model(sheet)
    paint = np.zeros((*sheet.shape, 4), np.uint8)
    paint[..., :3] = 30
    for spacing, width, length, fine in LAYERS:
        _layer(sheet, paint, model, angle, (spacing, width, length, fine))
    return _lit(sheet, paint)


def _horizon(x: np.ndarray) -> np.ndarray:
    return 400 + 24 * np.sin(x / 120 + 0.6) + 12 * np.sin(x / 47)


def _flow(sheet: Sheet) -> np.ndarray:
    """HW float32 directions: a wind to the right, wound up by the whirls; furrows below the horizon."""
    fx, fy = np.ones(sheet.shape, np.float32), 0.35 * np.cos(sheet.x / 110 + sheet.y / 90)
    for cx, cy, reach, turn in WHIRLS:
        dx, dy = sheet.x - cx, sheet.y - cy
        r = np.hypot(dx, dy) + 1e-3
        pull = 3.4 * np.exp(-((r / reach) ** 2)) * turn
        fx, fy = fx + pull * (-dy / r - 0.16 * turn * dx / r), fy + pull * (dx / r - 0.16 * turn * dy / r)
    sky = np.arctan2(fy, fx)
    furrow = 0.55 * np.cos(sheet.x / 92 + sheet.y / 60) + 0.25 * np.sin(sheet.y / 22)
    field = np.arctan2(np.sin(furrow), np.cos(furrow))
    tree = -np.pi / 2 + 0.5 * np.sin(sheet.y / 26 + sheet.x / 30)
    out = np.where(sheet.y > _horizon(sheet.x), field, sky)
    return np.where(_trees(sheet) > 0.5, tree, out).astype(np.float32) + 0.07 * sheet.noise(40)


def _trees(sheet: Sheet) -> np.ndarray:
    """HW float32, 1 in the trees: tall flames that stand on the horizon."""
    inside = np.zeros(sheet.shape, np.float32)
    for foot, top, girth in ((648, 215, 26), (694, 292, 20), (610, 320, 15), (60, 318, 18), (100, 352, 14)):
        rise = (sheet.y - top) / (470 - top)
        lean = 9 * np.sin(sheet.y / 34 + foot)
        half = girth * np.clip(rise, 0, 1) ** 0.75 * np.clip(1.15 - 0.35 * rise, 0, 1)
        inside = np.maximum(inside, ((np.abs(sheet.x - foot - lean) < half) & (rise > 0) & (rise < 1)) * 1.0)
    return inside


def _model(sheet: Sheet) -> np.ndarray:
    """HWC float32: the colours that the strokes pick up."""
    bands = np.zeros(sheet.shape, np.float32)
    for cx, cy, reach, _ in WHIRLS:
        dx, dy = sheet.x - cx, sheet.y - cy
        r = np.hypot(dx, dy)
        bands += np.exp(-((r / (1.25 * reach)) ** 2)) * np.cos(r / 8.5 - 1.5 * np.arctan2(dy, dx))
    t = 0.30 + 0.20 * bands + 0.10 * np.sin(sheet.y / 19 + sheet.x / 60) + 0.30 * step(150, 420, sheet.y)
    picture = ramp(SKY, t + 0.07 * sheet.noise(60, 2))
    for cx, cy, radius in MOONS:
        r = np.hypot(sheet.x - cx, sheet.y - cy) / radius
        picture = over(picture, ramp(MOON, r / 2.5 + 0.03 * sheet.noise(16)), step(2.4, 1.6, r))
    depth = (sheet.y - _horizon(sheet.x)) / 170
    rows = 0.5 + 0.5 * np.sin(np.maximum(depth, 0) ** 0.7 * 30 + 2.2 * np.sin(sheet.x / 92))
    land = ramp(FIELD, 0.10 + 0.62 * rows + 0.16 * sheet.noise(90, 2) + 0.12 * np.cos(sheet.x / 70))
    picture = np.where((depth > 0)[..., None], land, picture)
    leaf = ramp(TREE, 0.35 + 0.25 * np.sin(sheet.x / 5 + sheet.y / 21) + 0.2 * sheet.noise(20))
    return np.where((_trees(sheet) > 0.5)[..., None], leaf, picture)


def _layer(sheet: Sheet, paint: np.ndarray, model: np.ndarray, angle: np.ndarray, how: tuple) -> None:
    """One coat of strokes, each of one brushful: the colour where it starts, streaked from bristle to bristle."""
    spacing, width, length, fine = how
    starts = sheet.points(spacing, margin=10)
    soft = sheet.blur(model, width / 6)
    tint = shaken(sheet.rng, sheet.sample(soft, starts[:, 0], starts[:, 1]), 0.035, 0.13)
    widths = width * sheet.rng.uniform(0.6, 1.1, len(starts))
    thickness = max(1, round(fine * sheet.k))
    for path, colour, wide in zip(trace(sheet, angle, starts, length), tint, widths):
        load = sheet.rng.uniform(95, 150)
        for place, line in bristles(sheet, path, wide, fine):
            streak = sheet.rng.normal(0, 1)
            shade = np.clip(colour * (1 + 0.10 * streak) + 0.018 * streak, 0, 1) * 255
            height = load * (1 - 0.45 * place * place) + 24 * streak + 36 * (abs(place) > 0.86)
            cv2.polylines(paint, [line], False, (*shade.tolist(), float(np.clip(height, 0, 255))), thickness, shift=4)


def _lit(sheet: Sheet, paint: np.ndarray) -> np.ndarray:
    """Light across the ridges: shade in the furrows, a wet glint on the crests."""
    height = sheet.blur(paint[..., 3].astype(np.float32), 0.55)
    lean = relief(height, slope=0.085)
    colour = cv2.GaussianBlur(paint[..., :3], (0, 0), 0.35 * sheet.k).astype(np.float32) / 255
    lit = colour * (1 + 0.55 * lean[..., None])
    return np.clip(lit + 0.30 * np.clip(lean, 0, 1)[..., None] ** 2, 0, 1)
