"""Leaded glass: panes of streaked, rippled and mottled opal glass that follow drawn figures. A heron among lilies."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Sheet, over, ramp, relief, step
from .cartoon import Window, cartoon

SIZE = (576, 768)


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the window with daylight behind it."""
    window = cartoon(sheet)
    return _leaded(window, *_glass(window))


def _cloud(tile: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """A noise tile's values at (u, v) in its cells; the tile's last cells repeat its first, so that it has no end."""
    around = len(tile) - 4
    return cv2.remap(tile, (u % around + 1).astype(np.float32), (v % around + 1).astype(np.float32), cv2.INTER_CUBIC)


def _glass(window: Window) -> tuple[np.ndarray, np.ndarray]:
    """The glass without its lead, HWC, and the height of its surface: every pane cut from its own sheet."""
    sheet, rng = window.sheet, window.sheet.rng
    tile = np.pad(rng.standard_normal((128, 128)).astype(np.float32), (0, 4), mode="wrap")
    bend, swirl = sheet.noise(60, 3), sheet.noise(34, 3)
    glass, height = np.zeros((*sheet.shape, 3), np.float32), np.zeros(sheet.shape, np.float32)
    for i, (stops, angle, light) in enumerate(window.cut):
        rows, cols = np.nonzero(window.pane == i)
        if len(rows) == 0:
            continue
        box = np.s_[rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]
        x, y, inside = sheet.x[box], sheet.y[box], window.pane[box] == i
        along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle) + 5 * bend[box]
        fade = rng.uniform(-0.5, 0.5) * (across - across.mean()) / (np.ptp(across) + 1)
        fade += rng.uniform(-0.4, 0.6) * (along - along.mean()) / (np.ptp(along) + 1)
        along, across = along + rng.uniform(0, 4000), across + rng.uniform(0, 4000)
        streak = 0.65 * _cloud(tile, along / 80 + 0.3 * swirl[box], across / 8) + 0.35 * _cloud(
            tile, along / 34, across / 3
        )
        wisp = step(0.3, 1.8, _cloud(tile, along / 60 + 0.5 * swirl[box], across / 13 + 0.5 * bend[box]))
        mottle = step(0.1, 0.9, _cloud(tile, along / 9 + 0.3 * swirl[box], across / 7)) * (rng.random() < 0.35)
        ripple = _cloud(tile, along / 26 + 0.4 * swirl[box], across / rng.choice([3.5, 5, 8]))
        hair = _cloud(tile, along / 46 + 0.2 * swirl[box], across / 1.6)
        t = light + 0.25 * streak + 0.06 * hair + 0.34 * wisp + 0.20 * mottle + fade - 0.12
        glass[box][inside] = ramp(stops, 0.48 + 0.5 * np.tanh(1.5 * (t - 0.48)))[inside]
        height[box][inside] = (ripple + 0.3 * streak + 0.15 * hair)[inside]
    return glass, height


def _seams(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True where two labels meet, and where three or more do."""
    a, b, c, d = labels[:-1, :-1], labels[:-1, 1:], labels[1:, :-1], labels[1:, 1:]
    seam, joint = np.zeros(labels.shape, bool), np.zeros(labels.shape, bool)
    seam[:-1, :-1] = (a != b) | (a != c) | (a != d)
    kinds = (b != a).astype(int) + ((c != a) & (c != b)) + ((d != a) & (d != b) & (d != c))
    joint[:-1, :-1] = kinds >= 2
    return seam, joint


def _leaded(window: Window, glass: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Light through the glass; rounded cames, broad around figures and fine within, with solder at the joints."""
    sheet = window.sheet
    (seam, joint), (outline, _) = _seams(window.pane), _seams(window.figure)
    away, far = sheet.distance(~seam), sheet.distance(~joint)
    wobble = sheet.noise(26, 2)
    half = np.maximum(1.05 + 0.25 * wobble, 2.1 + 0.5 * wobble + away - sheet.distance(~outline))
    rim = np.minimum.reduce([sheet.x, sheet.y, sheet.width - sheet.x, sheet.height - sheet.y])
    away, half = np.where(rim < 7, 0, away), np.where(rim < 7, 5, half)
    blob = 0.55 * half * step(2.6 * half, 0.4, far) * (rim > 7)
    half = half + blob
    lean = relief(sheet.blur(height, 0.5) * sheet.k, slope=2.6)
    glow = 1.0 - 0.24 * step(200, 480, np.hypot(sheet.x - 320, sheet.y - 330)) + 0.05 * sheet.noise(120, 2)
    lit = glass * (glow * (1 + 0.30 * lean) * (0.72 + 0.28 * step(0, 6, away - half)))[..., None]
    lit = lit + 0.20 * np.clip(lean, 0, 1)[..., None] ** 2 * (0.3 + glass)
    profile = np.sqrt(np.clip(1 - (away / half) ** 2, 0, 1)) * (half + 0.6 * blob)
    shine = relief(sheet.blur(profile + 0.12 * sheet.noise(3, 2), 0.4) * sheet.k, slope=1.1)
    metal = 0.07 + 0.05 * blob + 0.30 * np.clip(shine, 0, 1) ** 2 + 0.16 * blob * np.clip(shine, 0, 1)
    spill = sheet.blur(np.clip(lit, 0, 1), 5)
    lead = metal[..., None] * np.float32([0.92, 0.95, 1.06]) + 0.09 * spill
    picture = over(lead, lit, step(-0.35, 0.55, away - half))
    return np.clip(picture + 0.05 * spill**2, 0, 1)
