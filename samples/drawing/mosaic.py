"""Stained glass: irregular panes in lead, each with its own glow, streaks and bubbles. A sun over hills."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Sheet, colours, over, ramp, relief, step

SIZE = (576, 768)
SUN = (318.0, 262.0)
RINGS = ((18, 8, 28), (46, 15, 28), (76, 22, 28), (132, 30, 30), (192, 40, 30), (256, 50, 33), (324, 60, 38))
HILL, RIVER, FRAME = 8, 11, 12  # numbers of regions: the sun is 0, its rings 1 to 7, the hills 8 to 10
SKY = colours("fff0b0", "ffc14d", "f2762e", "d63a4a", "8a2a7a", "3b2f9c", "1c4fb8", "1f8fd0", "58c8e0")
HILLS = colours("0f3d3a", "137a5a", "4fae4a", "b6cf3f", "f0d94a")
WATER = colours("0a2a66", "1463a8", "27a6c8", "9fe6e0", "f4fbe0")
ACCENTS = colours("ffe9a0", "8fe0e6", "f6a0b0")
BORDER = colours("a3122a", "16308c", "d99a1e", "0f6a4c", "6a1f7a")


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the window."""
    region, u, v = _regions(sheet)
    pane, offset = _panes(sheet, region, u, v)
    seams, outlines = _edges(pane), _edges(region)
    away = sheet.distance(~seams)
    wobble = sheet.noise(30, 2)
    half = 1.9 + 0.35 * wobble
    half = np.maximum(half, 3.4 + 0.4 * wobble - sheet.distance(~outlines) + away)
    glass = _glass(sheet, region, pane, offset, away)
    return _leaded(sheet, glass, away, half)


def _regions(sheet: Sheet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which part of the picture each pixel belongs to, and coordinates in which its panes are about square."""
    x, y = sheet.x + 4 * sheet.noise(120, 2), sheet.y + 4 * sheet.noise(120, 2)
    dx, dy = x - SUN[0], y - SUN[1]
    r, turn = np.hypot(dx, dy), np.arctan2(dy, dx) / (2 * np.pi) + 0.5
    region = np.zeros(sheet.shape, np.int32)
    u, v = np.zeros_like(r), np.zeros_like(r)
    for i, (inner, around, deep) in enumerate(RINGS, start=1):
        ring = r >= inner
        region[ring], u[ring], v[ring] = i, turn[ring] * around, (r[ring] - inner) / deep
    for i, (level, rise, wave, phase, cell) in enumerate(
        [(492, 46, 210, 0.3, 34), (560, 38, 260, 2.4, 31), (640, 30, 190, 4.6, 29)], start=HILL
    ):
        ridge = level + rise * np.sin(x / wave * 2 * np.pi + phase)
        hill = y > ridge
        region[hill], u[hill], v[hill] = i, x[hill] / (cell * 1.35), (y - ridge)[hill] / (cell * 0.72)
    course = 330 + 120 * np.sin((y - 470) / 62) * step(470, 620, y)
    river = (np.abs(x - course) < 10 + (y - 470) * 0.16) & (region >= HILL)
    region[river], u[river], v[river] = RIVER, (x - course)[river] / 22, y[river] / 25
    frame = np.minimum.reduce([sheet.x, sheet.y, sheet.width - sheet.x, sheet.height - sheet.y])
    edge = frame < 32
    region[edge], u[edge], v[edge] = FRAME, sheet.x[edge] / 32, sheet.y[edge] / 32
    return region, u.astype(np.float32), v.astype(np.float32)


def _panes(sheet: Sheet, region: np.ndarray, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, tuple]:
    """A number for each pane (nearest of jittered sites in (u, v)), and the offset of each pixel from its site."""
    jitter = sheet.rng.random((64, 64, 2)).astype(np.float32) * 0.8 + 0.1
    spin = np.take([1, *(around for _, around, _ in RINGS), 64, 64, 64, 64, 64], region)
    best = np.full(sheet.shape, np.inf, np.float32)
    pane, du, dv = np.zeros(sheet.shape, np.int32), np.zeros_like(best), np.zeros_like(best)
    cu, cv = np.floor(u).astype(int), np.floor(v).astype(int)
    for i in (-1, 0, 1):
        for j in (-1, 0, 1):
            column, row = (cu + i) % spin, cv + j
            site = jitter[row % 64, column]
            square = region == FRAME
            ou = u - (cu + i) - np.where(square, 0.5, site[..., 0])
            ov = v - (cv + j) - np.where(square, 0.5, site[..., 1])
            far = ou * ou + ov * ov
            nearer = far < best
            best[nearer], du[nearer], dv[nearer] = far[nearer], ou[nearer], ov[nearer]
            pane[nearer] = (region * 4096 + (row % 64) * 64 + column)[nearer]
    return pane, (du, dv)


def _edges(labels: np.ndarray) -> np.ndarray:
    """True where a pixel's right or lower neighbour has another label."""
    edge = np.zeros(labels.shape, bool)
    edge[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    edge[:-1] |= labels[:-1] != labels[1:]
    return edge


def _glass(sheet: Sheet, region: np.ndarray, pane: np.ndarray, offset: tuple, away: np.ndarray) -> np.ndarray:
    """The glass without its lead: hue by place, then each pane's own tone, gradient, streaks, bubbles and glow."""
    luck = sheet.rng.random((pane.max() + 1, 6)).astype(np.float32)[pane]
    r = np.hypot(sheet.x - SUN[0], sheet.y - SUN[1])
    sky = ramp(SKY, r / 470 + 0.17 * (luck[..., 0] - 0.5))
    hill = ramp(HILLS, 0.72 - 0.22 * (region - HILL) + 0.7 * (luck[..., 0] - 0.4))
    water = ramp(WATER, luck[..., 0] * 1.1 - 0.05)
    border = BORDER[(luck[..., 1] * len(BORDER)).astype(int).clip(0, len(BORDER) - 1)]
    hue = np.select(
        [(region < HILL)[..., None], (region < RIVER)[..., None], (region == RIVER)[..., None]],
        [sky, hill, water],
        border,
    )
    accent = (luck[..., 1] < 0.07) & (region > 2) & (region < FRAME)
    hue = np.where(accent[..., None], ramp(ACCENTS, luck[..., 0]), hue)
    lean = (luck[..., 2] - 0.5) * offset[0] + (luck[..., 3] - 0.5) * offset[1]
    streak = np.where(luck[..., 4] < 0.5, sheet.streaks(0.5, 46, 5), sheet.streaks(2.0, 60, 6))
    glow = step(0.5, 10, away)
    tone = 0.50 + 0.66 * glow + 1.0 * lean + 0.10 * streak + 0.07 * sheet.noise(9, 3) + 0.6 * (luck[..., 5] - 0.45)
    tone = np.clip(tone + 0.3 * step(190, 40, r) * (region < HILL), 0.12, 1.7)[..., None]
    glass = np.where(tone < 1, hue * tone, 1 - (1 - hue) ** (tone**1.6))
    light = step(1.0, 1.7, tone[..., 0] + 0.08 * streak)
    glass = over(glass, np.float32([1.0, 0.97, 0.86]), 0.6 * light)
    return np.clip(_bubbles(sheet, glass), 0, 1)


def _bubbles(sheet: Sheet, glass: np.ndarray) -> np.ndarray:
    """Small seeds in the glass: a bright crescent beside a dark one."""
    seeds = np.zeros(sheet.shape, np.uint8)
    for px, py in sheet.points(15):
        if sheet.rng.random() < 0.55:
            centre = (round(px * sheet.k), round(py * sheet.k))
            cv2.circle(seeds, centre, max(1, round(sheet.rng.uniform(0.6, 1.5) * sheet.k)), 255, -1, cv2.LINE_AA)
    height = sheet.blur(seeds.astype(np.float32) / 255, 0.7)
    return glass * (1 + 0.8 * relief(height * 5)[..., None])


def _leaded(sheet: Sheet, glass: np.ndarray, away: np.ndarray, half: np.ndarray) -> np.ndarray:
    """Lead over glass: rounded cames with a glint, and a little of the light spilling over them."""
    spill = sheet.blur(np.clip(glass, 0, 1), 5)
    profile = np.sqrt(np.clip(1 - (away / half) ** 2, 0, 1))
    glint = np.clip(relief(sheet.blur(profile, 0.4) * 5), 0, 1) ** 2
    lead = np.float32([0.055, 0.05, 0.07]) + 0.34 * glint[..., None] + 0.10 * spill
    picture = over(lead, glass, step(-0.35, 0.55, away - half))
    return np.clip(picture + 0.10 * spill**2, 0, 1)
