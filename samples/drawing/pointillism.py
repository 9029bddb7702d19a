"""Pointillism: dots of pure pigment that the eye mixes, over a modulated ground. Sails on a river at evening."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Sheet, colours, over, ramp, relief, step

SIZE = (768, 576)
SKY = colours("3f6fc0", "7fa6dc", "c9b8dc", "f4c4b4", "ffdf9a", "fff3c4")
WATER = colours("0c1548", "173a86", "2f7ab8", "8fc8d4", "ffd98a")
LEAF = colours("0e2433", "16493f", "3a7a3a", "93a836", "e8d24a")
GRASS = colours("1d3f3a", "3f7d3f", "8fb83a", "e3d84a", "fff0a0")
PIGMENTS = colours(
    "10163a", "1c2f8c", "2f63c8", "58a8e0", "bfe0ee", "0f4a44", "1f8a5a", "7cc24a", "d8e04a", "fff6c8", "ffd23a",
    "f79a24", "e8502a", "c0243a", "f29ab0", "7a2f8a", "b48ad8", "5a2a1e",
)  # fmt: skip
COATS = ((12, 8.0, 0.20), (8.2, 5.2, 0.17), (6.2, 3.2, 0.14))  # spacing, radius, how far the colours are divided


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the painting."""
    model, angle = _model(sheet)
    ground = model * 0.72 + 0.10 + 0.05 * sheet.noise(12, 3)[..., None]
    paint = np.zeros((*sheet.shape, 4), np.uint8)
    paint[..., :3] = np.clip(ground, 0, 1) * 255
    for coat in COATS:
        _dots(sheet, paint, model, angle, *coat)
    colour = paint[..., :3].astype(np.float32) / 255
    lean = relief(sheet.blur(paint[..., 3].astype(np.float32), 0.7), slope=0.06)
    return np.clip(colour * (1 + 0.28 * lean[..., None]), 0, 1)


def _model(sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """The colours to be mixed (HWC) and the direction of the dots (HW, radians)."""
    x, y = sheet.x, sheet.y
    glow = np.exp(-(((x - 250) / 230) ** 2) - ((y - 235) / 130) ** 2)
    picture = ramp(SKY, 0.05 + 0.0023 * y + 0.45 * glow + 0.06 * sheet.noise((190, 40), 3))
    angle = 0.4 * np.sin(x / 90) + 0.3 * np.cos(y / 40)
    sun = np.hypot(x - 250, y - 205)
    picture = over(picture, colours("fffbe6")[0], step(46, 36, sun))
    angle = np.where(sun < 120, np.arctan2(y - 205, x - 250) + np.pi / 2, angle)
    hills = y > 248 - 26 * np.sin(x / 130 + 0.8) - 10 * np.sin(x / 41)
    picture = np.where(
        hills[..., None], ramp(colours("241c5c", "5a4aa8", "d88ab0"), 0.4 + 0.3 * sheet.noise(50, 2)), picture
    )
    water = y > 282
    bars = 0.5 * np.sin(y / 5.5 + 1.2 * np.sin(x / 60)) + 0.35 * sheet.noise((90, 10), 2)
    path = np.exp(-(((x - 250) / (24 + 0.35 * (y - 282))) ** 2)) * (0.7 + 0.5 * np.sin(y / 4.2))
    picture = np.where(water[..., None], ramp(WATER, 0.36 + 0.13 * bars + 0.8 * path), picture)
    angle = np.where(water, 0.12 * np.sin(x / 50), angle)
    for cx, foot, tall, hue in ((404, 304, 150, 0), (506, 293, 88, 1), (118, 290, 58, 2), (180, 287, 30, 2)):
        picture = _sail(sheet, picture, cx, foot, tall, hue)
    return _bank(sheet, picture, angle)


def _sail(sheet: Sheet, picture: np.ndarray, cx: float, foot: float, tall: float, hue: int) -> np.ndarray:
    """A boat: two leaning triangles, a dark hull, and their broken reflection."""
    sail = colours("d8402a", "f6a03a", "fff4d8")[hue]
    for flip, fade in ((1, 1.0), (-1, 0.55)):
        rise = (foot - sheet.y) * flip / tall
        x = sheet.x - cx + (3 * np.sin(sheet.y / 3.1) if flip < 0 else 0)
        main = (x > 0) & (x < tall * 0.5 * np.clip(1 - rise, 0, 1) ** 0.8) & (rise > 0.08) & (rise < 1)
        jib = (x < -2) & (x > -tall * 0.3 * (0.85 - rise)) & (rise > 0.08) & (rise < 0.85)
        hull = (np.abs(x) < tall * (0.42 + 0.8 * rise)) & (rise > -0.05) & (rise <= 0.08)
        shade = (0.78 + 0.3 * np.clip(x / tall + rise * 0.3, -0.5, 0.7))[..., None]
        picture = over(picture, np.clip(sail * shade, 0, 1), main * fade)
        picture = over(picture, np.clip(sail * (shade - 0.18) + colours("28408c")[0] * 0.12, 0, 1), jib * fade)
        picture = over(picture, colours("3a1826")[0], hull * fade)
    return picture


def _bank(sheet: Sheet, picture: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The near bank with its flowers, and the tree that holds the right side."""
    x, y = sheet.x, sheet.y
    edge = 470 - 95 * step(380, 768, x) - 40 * step(230, 0, x) + 7 * np.sin(x / 23)
    bank = y > edge
    light = (
        0.62 - 0.0042 * (y - edge) + 0.16 * sheet.noise((70, 24), 3) - 0.4 * step(520, 768, x) * step(30, 70, y - edge)
    )
    grass = ramp(GRASS, light)
    bloom = sheet.noise(15, 2)
    grass = np.where((bloom > 1.15)[..., None], colours("e8402f")[0], grass)
    grass = np.where((bloom < -1.35)[..., None], colours("f6b8cc")[0], grass)
    picture, angle = np.where(bank[..., None], grass, picture), np.where(bank, -1.2 + 0.5 * np.sin(x / 35), angle)
    trunk = np.abs(x - 664 - 14 * np.sin(y / 70)) < 13 + 10 * step(330, 420, y)
    trunk &= (y > 150) & (y < 425)
    picture = np.where(trunk[..., None], ramp(colours("150f26", "4a2340", "c06a3a"), (668 - x) / 26 + 0.4), picture)
    crown = np.maximum.reduce([
        1 - np.hypot((x - cx) / rx, (y - cy) / ry)
        for cx, cy, rx, ry in ((664, 84, 130, 92), (740, 150, 100, 80), (590, 150, 74, 52), (700, 20, 120, 70))
    ])  # fmt: skip
    crown = crown + 0.10 * sheet.noise(34, 3)
    lit = 0.40 + 0.5 * np.clip((640 - x) / 130, -0.7, 0.7) - 0.25 * (y - 90) / 110 + 0.16 * sheet.noise(24, 2)
    picture = np.where((crown > 0)[..., None], ramp(LEAF, lit), picture)
    return picture, np.where(crown > 0, x / 40 + y / 30, angle).astype(np.float32)


def _divided(sheet: Sheet, wanted: np.ndarray, spread: float) -> np.ndarray:
    """For each wanted colour (N, 3) one pigment, drawn so that many neighbours together come near the colour."""
    aim = wanted + sheet.rng.normal(0, spread, wanted.shape)
    aim += sheet.rng.normal(0, 0.7 * spread, (len(wanted), 1))
    far = ((aim[:, None] - PIGMENTS[None]) ** 2 * np.float32([0.3, 0.5, 0.2])).sum(axis=-1)
    picked = PIGMENTS[far.argmin(axis=1)]
    return np.clip(0.74 * picked + 0.26 * wanted, 0, 1)


def _dots(
    sheet: Sheet, paint: np.ndarray, model: np.ndarray, angle: np.ndarray, spacing: float, radius: float, spread: float
) -> None:
    """One coat of dots, each a small dab along the form with a raised middle."""
    spots = sheet.points(spacing, margin=4)
    wanted = sheet.sample(model, spots[:, 0], spots[:, 1])
    turns = np.degrees(sheet.sample(angle, spots[:, 0], spots[:, 1])) + sheet.rng.normal(0, 14, len(spots))
    colour = _divided(sheet, wanted, spread) * 255
    sizes = radius * sheet.rng.uniform(0.72, 1.1, (len(spots), 2)) * np.array([1.12, 0.86])
    for spot, hue, turn, size in zip(spots, colour, turns, sizes):
        centre = np.round(spot * sheet.k * 16).astype(int).tolist()
        for scale, height in ((1.0, 90), (0.62, 170)):
            axes = np.maximum(np.round(size * scale * sheet.k * 16), 8).astype(int).tolist()
            shade = hue * (1.0 if scale == 1 else 1.05)
            tone = (*np.clip(shade, 0, 255).tolist(), height)
            cv2.ellipse(paint, centre, axes, float(turn), 0, 360, tone, -1, cv2.LINE_AA, 4)
