"""Thick paint: bristled strokes along a swirling field, lit from the upper left. Sunset over a heavy sea."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import bristles, trace
from .canvas import Sheet, colours, over, ramp, relief, shaken, step

SIZE = (768, 576)
SKY = colours("1c1140", "4a1f6a", "a02f6c", "e2574a", "f8923a", "ffc95c", "fff2c4")
SEA = colours("050b20", "0b2150", "0e4a7c", "138a9a", "5cc8b4", "c8f0d8", "fffdf0")
SUN = (236.0, 262.0, 58.0)
WHIRLS = (  # centre, reach, turn
    (236.0, 262.0, 150.0, 1), (470.0, 92.0, 92.0, -1), (110.0, 84.0, 80.0, -1), (690.0, 110.0, 70.0, 1),
    (606.0, 300.0, 118.0, 1), (60.0, 452.0, 72.0, 1), (330.0, 500.0, 84.0, 1), (738.0, 520.0, 70.0, 1),
)  # fmt: skip
LAYERS = ((17, 36, 130, 1.5), (11, 20, 88, 1.3), (7.6, 11, 52, 1.1))  # spacing, width, length, bristle spacing


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the painting."""
    angle = _flow(sheet)
    model = _model(sheet)
    paint = np.zeros((*sheet.shape, 4), np.uint8)
    paint[..., :3] = 30
    for spacing, width, length, fine in LAYERS:
        _layer(sheet, paint, model, angle, (spacing, width, length, fine))
    return _lit(sheet, paint)


def _surface(sheet: Sheet) -> np.ndarray:
    """HW float32 depth below the sea's surface in units: a swell, and on the right a wave about to break."""
    x = sheet.x
    wave = 205 * np.exp(-(((x - 640) / np.where(x < 640, 92, 190)) ** 2))
    swell = 17 * np.sin(x / 44 + 0.5) * step(560, 430, x) + 7 * np.sin(x / 17)
    return sheet.y - (362 - wave - swell)


def _spirals(sheet: Sheet, band: float) -> np.ndarray:
    """HW float32 in about [-1, 1]: arms wound around the whirls, `band` units wide."""
    total = np.zeros(sheet.shape, np.float32)
    for cx, cy, reach, turn in WHIRLS:
        dx, dy = sheet.x - cx, sheet.y - cy
        r = np.hypot(dx, dy)
        total += np.exp(-((r / (1.2 * reach)) ** 2)) * np.cos(r / band - 2 * turn * np.arctan2(dy, dx))
    return total


def _flow(sheet: Sheet) -> np.ndarray:
    """HW float32 directions: a wind to the right, wound up by the whirls; below, the run of the waves."""
    depth = _surface(sheet)
    sea = step(-6, 6, depth)
    fx = np.ones(sheet.shape, np.float32)
    fy = (1 - sea) * 0.35 * np.cos(sheet.x / 110 + sheet.y / 90) + sea * 0.55 * np.cos(sheet.x / 62 - depth / 46)
    for cx, cy, reach, turn in WHIRLS:
        dx, dy = sheet.x - cx, sheet.y - cy
        r = np.hypot(dx, dy) + 1e-3
        pull = 3.4 * np.exp(-((r / reach) ** 2)) * turn
        fx, fy = fx + pull * (-dy / r - 0.16 * turn * dx / r), fy + pull * (dx / r - 0.16 * turn * dy / r)
    return np.arctan2(fy, fx).astype(np.float32) + 0.07 * sheet.noise(40)


def _model(sheet: Sheet) -> np.ndarray:
    """HWC float32: the colours that the strokes pick up."""
    depth, bands = _surface(sheet), _spirals(sheet, 9.0)
    r = np.hypot(sheet.x - SUN[0], sheet.y - SUN[1])
    glow = 0.95 * np.exp(-r / 190) + 0.10 * np.cos(r / 9) * np.exp(-r / 160)
    t = 0.02 + glow + 0.20 * bands * (1 - 0.5 * glow) + 0.16 * sheet.noise((120, 40), 3)
    sky = over(ramp(SKY, t), colours("fff0ae")[0], step(SUN[2], SUN[2] - 8, r))
    crest = np.exp(-np.abs(depth) / 9) + 0.5 * step(0.55, 0.9, np.sin(sheet.x / 23 + depth / 9 + 1.5 * sheet.noise(60)))
    t = 0.40 + 0.30 * bands + 0.16 * np.cos(sheet.x / 62 - depth / 13) + 0.32 * crest - 0.0012 * depth
    sea = ramp(SEA, t + 0.10 * sheet.noise((70, 24), 2))
    lane = np.exp(-(((sheet.x - SUN[0]) / (30 + 0.3 * depth)) ** 2)) * step(
        -0.2, 0.7, np.sin(depth / 6.5 + sheet.noise(40))
    )
    sea = over(sea, ramp(SKY, 0.55 + 0.4 * np.cos(depth / 13)), 0.9 * lane * step(0, 20, depth))
    return over(sky, sea, step(-1, 1, depth))


def _layer(sheet: Sheet, paint: np.ndarray, model: np.ndarray, angle: np.ndarray, how: tuple) -> None:
    """One coat of strokes, each of one brushful: the colour where it starts, streaked from bristle to bristle."""
    spacing, width, length, fine = how
    starts = sheet.points(spacing, margin=10)
    soft = sheet.blur(model, width / 6)
    tint = shaken(sheet.rng, sheet.sample(soft, starts[:, 0], starts[:, 1]), 0.035, 0.13)
    widths = width * sheet.rng.uniform(0.6, 1.1, len(starts))
    thickness = max(1, round(1.35 * fine * sheet.k))
    for path, colour, wide in zip(trace(sheet, angle, starts, length), tint, widths):
        load = sheet.rng.uniform(95, 150)
        for place, line in bristles(sheet, path, wide, fine):
            streak = sheet.rng.normal(0, 1)
            shade = np.clip(colour * (1 + 0.10 * streak) + 0.018 * streak, 0, 1) * 255
            height = load * (1 - 0.45 * place * place) + 24 * streak + 36 * (abs(place) > 0.86)
            cv2.polylines(
                paint, [line], False, (*shade.tolist(), float(np.clip(height, 0, 255))), thickness, cv2.LINE_AA, 4
            )


def _lit(sheet: Sheet, paint: np.ndarray) -> np.ndarray:
    """Light across the ridges: shade in the furrows, a wet glint on the crests."""
    height = sheet.blur(paint[..., 3].astype(np.float32), 0.55)
    lean = relief(height, slope=0.085)
    colour = cv2.GaussianBlur(paint[..., :3], (0, 0), 0.35 * sheet.k).astype(np.float32) / 255
    lit = colour * (1 + 0.55 * lean[..., None])
    return np.clip(lit + 0.30 * np.clip(lean, 0, 1)[..., None] ** 2, 0, 1)
