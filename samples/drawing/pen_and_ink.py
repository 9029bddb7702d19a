"""Pen and ink on cream paper: hatching that follows the forms, stipple, solid blacks, a sepia wash. An old town's bridge."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import fill, normals, pixels, ribbon, trace
from .canvas import Sheet, colours, relief, step
from .paper import tooth
from .plate import Plate
from .town import town

SIZE = (768, 576)
PAPER = colours("f6ecd2")[0]
INK, SEPIA = -np.log(colours("17120f", "a9713a"))
PASSES = (
    (0.0, 0.07, 1.0),
    (0.95, 0.40, 0.85),
    (-0.62, 0.64, 0.8),
    (1.6, 0.80, 0.7),
)  # turn, darkness from which, pen's width
STEPS = 30


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the drawing."""
    plate = town(sheet)
    ink = np.zeros(sheet.shape, np.uint8)
    for turn, level, width in PASSES:
        _hatch(plate, ink, turn, level, width)
    _stipple(plate, ink)
    _outline(plate, ink)
    black = (plate.dark > 0.93).astype(np.float32)
    lines = np.clip(ink.astype(np.float32) / 255 + sheet.blur(black, 0.5), 0, 1)
    grain = tooth(sheet, 2.2)
    flow = np.clip(0.93 + 0.16 * sheet.noise(24, 3) + 0.05 * grain, 0.55, 1.15)
    density = (lines * flow)[..., None] * INK + _wash(plate, grain)[..., None] * SEPIA
    paper = PAPER * (1 + 0.02 * sheet.noise(180, 3) + 0.012 * grain + 0.02 * relief(grain))[..., None]
    return np.clip(paper * np.exp(-density), 0, 1)


def _hatch(plate: Plate, ink: np.ndarray, turn: float, level: float, pen: float) -> None:
    """One direction of lines, kept apart from each other by a gap that closes as the tone darkens."""
    sheet, rng = plate.sheet, plate.sheet.rng
    starts = np.concatenate([sheet.points(3.4, margin=4) for _ in range(2)])
    starts = starts[sheet.sample(plate.dark, starts[:, 0], starts[:, 1]) > level]
    paths = trace(sheet, plate.angle + np.float32(turn), starts, 62, STEPS)
    pixel = sheet.sample(np.arange(plate.part.size).reshape(sheet.shape), paths[..., 0], paths[..., 1])
    dark, parts, middle = plate.dark.ravel()[pixel], plate.part.ravel()[pixel], STEPS // 2
    tone, part = dark[:, middle], parts[:, middle]
    stays = (parts == part[:, None]) & (dark > level - 0.04) & (dark < tone[:, None] + 0.3)
    busy = np.zeros(sheet.shape, np.uint8)
    taken = busy.ravel()
    for i in np.flatnonzero(stays[:, middle]):
        if taken[pixel[i, middle]]:
            continue
        free = stays[i] & (taken[pixel[i]] == 0)
        first = middle - int(np.argmin(np.append(free[middle::-1], False))) + 1
        last = middle + int(np.argmin(np.append(free[middle:], False)))
        line, nib = paths[i, first:last], plate.pens[part[i]] / 1.25
        if len(line) < 3:
            continue
        gap = (4.6 - 3.0 * min(1.0, float(tone[i]) - 0.5 * level)) * (0.6 + 0.4 * nib)
        cv2.polylines(busy, [pixels(sheet, line)], False, 255, max(1, round(1.5 * gap * sheet.k)), cv2.LINE_8, 4)
        swell = 0.55 + 0.5 * np.sin(np.pi * np.linspace(0, 1, len(line)) ** 0.8)
        width = pen * nib * (0.45 + 0.85 * tone[i]) * rng.uniform(0.75, 1.25) * swell
        fill(sheet, ink, ribbon(line + rng.normal(0, 0.12, line.shape), width), 255)


def _stipple(plate: Plate, ink: np.ndarray) -> None:
    """Dots where the tone is light, the closer the darker, and a few everywhere."""
    sheet = plate.sheet
    dots = sheet.points(3.6)
    dark = sheet.sample(plate.dark, dots[:, 0], dots[:, 1])
    chance = np.where(dark < 0.14, 0.24 + 2.2 * dark, 0.015)
    for x, y in dots[sheet.rng.random(len(dots)) < chance]:
        radius = sheet.rng.uniform(0.35, 0.85)
        cv2.circle(ink, pixels(sheet, np.array([x, y])).tolist(), round(radius * sheet.k * 16), 255, -1, cv2.LINE_AA, 4)


def _outline(plate: Plate, ink: np.ndarray) -> None:
    """The outlines, where the part is not hidden: a pen that presses, lifts, wavers and is set down anew."""
    sheet, rng = plate.sheet, plate.sheet.rng
    for outline, part, pen in plate.outlines:
        closed = np.concatenate([outline, outline[:1]])
        length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
        count = max(6, int(length[-1] / 2.5))
        at = np.linspace(0, length[-1], count)
        path = np.stack([np.interp(at, length, closed[:, i]) for i in (0, 1)], axis=1)
        inward = (outline.mean(axis=0) - path) / (np.hypot(*(outline.mean(axis=0) - path).T)[:, None] + 1e-6)
        seen = sheet.sample(plate.part, *(path + 0.9 * inward).T) == part
        seen |= sheet.sample(plate.part, *(path - 0.9 * normals(path)).T) == part
        seen |= sheet.sample(plate.part, *(path + 0.9 * normals(path)).T) == part
        waver = np.convolve(rng.normal(0, 0.7, count + 8), np.ones(9) / 9, "valid")
        width = pen * np.clip(0.85 + 0.5 * np.sin(at / rng.uniform(9, 22) + rng.uniform(0, 6)) + waver, 0.25, 2)
        path = path + normals(path) * waver[:, None]
        ends = np.flatnonzero(np.diff(np.concatenate([[False], seen, [False]]).astype(int)))
        for first, last in zip(ends[::2], ends[1::2]):
            if last - first > 2:
                fill(sheet, ink, ribbon(path[first:last].astype(np.float32), width[first:last]), 255)


def _wash(plate: Plate, grain: np.ndarray) -> np.ndarray:
    """HW float32 density of two thin sepia washes over the darker parts, with dried rims."""
    sheet = plate.sheet
    total = np.zeros(sheet.shape, np.float32)
    for level, load in ((0.50, 0.24), (0.74, 0.34)):
        reach = 9 * (sheet.blur(plate.dark, 2.5) - level) + 0.55 * sheet.noise(46, 4)
        rim = np.exp(-(((reach - 0.12) / 0.14) ** 2))
        total += load * step(-0.12, 0.15, reach) * (0.75 + 0.22 * sheet.noise(70, 3) + 0.35 * rim + 0.06 * grain)
    return np.clip(total, 0, 1.2)
