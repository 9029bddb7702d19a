"""An old town for the pen: houses that climb to a castle, a church, a bridge of three arches, boats."""

from __future__ import annotations

import numpy as np

from .brush import ribbon
from .canvas import Sheet
from .curve import spline
from .landscape import BANK, crown, river, sky, stones, tree
from .plate import Plate


def town(sheet: Sheet) -> Plate:
    """The whole view: a bridge between an old tree and houses that climb to a castle."""
    plate = Plate(sheet)
    for scene in (sky, _hill, _houses, _bridge, river, _boats, stones, tree):
        scene(plate)
    plate.dark = np.clip(plate.dark + 0.07 * sheet.noise(34, 3), 0, 1)
    return plate


def _hill(plate: Plate) -> None:
    """The castle's hill on the right and low far hills on the left, hatched down their slopes."""
    sheet = plate.sheet
    fields = [(0.9 + 0.4 * sheet.noise(90, 2)), (2.2 + 0.3 * sheet.noise(60, 2))]
    tones = [
        np.clip(0.36 + 0.2 * sheet.noise((60, 30), 2), 0.1, 0.7),
        np.clip(0.44 + 0.22 * sheet.noise(44, 2), 0.1, 0.8),
    ]
    far = spline(
        [(-20, 330), (60, 286), (150, 300), (240, 268), (340, 300), (420, 280), (520, 320), (520, 470), (-20, 470)],
        90,
        True,
    )
    near = spline(
        [(300, 380), (400, 300), (470, 226), (540, 178), (640, 172), (720, 196), (800, 220), (800, 480), (300, 470)],
        90,
        True,
    )
    plate.add(far, tones[0], fields[0], 0.9)
    plate.add(near, tones[1], fields[1], 1.1)
    for cx, base, wide, high in ((560, 186, 42, 92), (700, 206, 34, 70), (624, 186, 26, 118)):
        _tower(plate, cx, base, wide, high)
    plate.add([(540, 190), (540, 142), (720, 152), (720, 214)], 0.34, 1.4)
    for x in range(542, 716, 14):
        plate.add([(x, 143), (x, 134), (x + 8, 134), (x + 8, 144)], 0.5, 1.4, 0.8)


def _tower(plate: Plate, cx: float, base: float, wide: float, high: float, roof: float = 46) -> None:
    """A round tower with a pointed roof, hatched around, dark on its right."""
    half = wide / 2
    left, right = cx - wide / 2, cx + wide / 2
    plate.add(
        [(left, base), (left, base - high), (right, base - high), (right, base)],
        lambda x, _: 0.38 + 0.5 * (x - cx) / half,
        lambda x, _: 0.45 * (x - cx) / half,
    )
    plate.add(
        [
            (left - 3, base - high + 5),
            (left - 3, base - high - 5),
            (right + 3, base - high - 5),
            (right + 3, base - high + 5),
        ],
        0.7,
        1.5,
    )
    plate.add(
        [(left - 6, base - high - 4), (cx, base - high - roof), (right + 6, base - high - 4)],
        lambda x, _: 0.58 + 0.5 * (x - cx) / half,
        lambda x, _: 1.57 - 0.4 * (x - cx) / half,
    )
    for y in np.arange(base - high + 16, base - 8, 24):
        plate.add([(cx - 5, y), (cx - 5, y - 7), (cx - 2, y - 10), (cx + 1, y - 7), (cx + 1, y)], 1.0, 0, 0.8)


def _house(plate: Plate, x: float, base: float, wide: float, high: float) -> None:
    """A gabled house seen from its left: front, shaded side, roof, chimney, windows with shutters."""
    rng = plate.sheet.rng
    deep, peak = wide * rng.uniform(0.35, 0.6), wide * rng.uniform(0.4, 0.65)
    lift, top = 0.22 * deep, base - high
    light, lean = rng.uniform(0.05, 0.34), float(rng.choice([0.0, 1.45, 0.75]) + rng.normal(0, 0.08))
    ridge = (x + wide / 2, top - peak)
    plate.add(
        [
            (x + 0.7 * wide, ridge[1] + 3),
            (x + 0.7 * wide, ridge[1] - 11),
            (x + 0.7 * wide + 7, ridge[1] - 12),
            (x + 0.7 * wide + 7, ridge[1] + 12),
        ],
        0.7,
        0.1,
        1,
    )
    plate.add([(x, base), (x, top), ridge, (x + wide, top), (x + wide, base)], light, lean)
    plate.add(
        [(x + wide, base), (x + wide, top), (x + wide + deep, top - lift), (x + wide + deep, base - lift)],
        rng.uniform(0.6, 0.82),
        1.5,
    )
    slope = float(np.arctan2(peak, wide / 2))
    roof = [(x + wide + 3, top + 3), ridge, (ridge[0] + deep, ridge[1] - lift), (x + wide + deep + 3, top - lift + 3)]
    plate.add(roof, rng.uniform(0.45, 0.72), slope)
    plate.add(
        [(x - 4, top + 4), (x - 4, top), ridge, (x + wide + 4, top), (x + wide + 4, top + 4), (ridge[0], ridge[1] + 6)],
        0.85,
        slope,
        0.9,
    )
    rows, cols = max(1, int(high / 21)), max(2, int(wide / 15))
    for row in range(rows):
        for col in range(cols):
            wx, wy = x + wide * (col + 0.5) / cols - 2.6, top + 8 + 21 * row
            plate.add(
                [(wx, wy), (wx, wy + 10), (wx + 5.2, wy + 10), (wx + 5.2, wy)], rng.choice([1.0, 1.0, 0.7]), 0.8, 0.8
            )
            if rng.random() < 0.5:
                for side in (-3, 5.6):
                    plate.add(
                        [(wx + side, wy), (wx + side, wy + 10), (wx + side + 2.4, wy + 10), (wx + side + 2.4, wy)],
                        0.55,
                        0.0,
                        0.6,
                    )
    plate.add(
        [(wx - 8, base), (wx - 8, base - 13), (wx - 5, base - 16), (wx - 1, base - 13), (wx - 1, base)], 1.0, 0, 0.9
    )


def _houses(plate: Plate) -> None:
    """Rows of houses down both banks, a church, and between them the crowns of trees."""
    rng = plate.sheet.rng
    for base, first, last in ((300, 440, 770), (346, 400, 780), (398, 470, 790), (BANK, 560, 800)):
        x = first + rng.uniform(-10, 10)
        while x < last:
            wide = rng.uniform(34, 54)
            _house(plate, x, base + rng.uniform(-5, 5), wide, rng.uniform(36, 66))
            if rng.random() < 0.6:
                crown(plate, x + wide * 1.4, base - 6, rng.uniform(10, 18), 0.55)
            x += wide * rng.uniform(1.25, 1.6)
    for x, base, wide, high in ((252, 362, 40, 40), (196, 384, 46, 52), (92, 392, 46, 50)):
        _house(plate, x, base, wide, high)
    plate.add([(150, 420), (150, 206), (196, 206), (196, 420)], 0.24, 0.0)
    plate.add([(196, 420), (196, 206), (214, 200), (214, 414)], 0.78, 1.5)
    plate.add([(144, 210), (176, 92), (200, 208)], 0.36, 1.2)
    plate.add([(176, 92), (200, 208), (220, 200)], 0.86, 1.4)
    for y, high in ((262, 30), (318, 24), (370, 24)):
        for x in (160, 178):
            plate.add([(x, y), (x, y - high), (x + 5, y - high - 6), (x + 10, y - high), (x + 10, y)], 1.0, 0, 1)
    for y in (216, 274, 330):
        plate.add([(148, y), (148, y - 4), (198, y - 4), (216, y - 10), (216, y - 6), (198, y)], 0.1, 0, 1.1)
    for x, base, wide, high in ((20, BANK, 52, 62), (100, BANK, 48, 54)):
        _house(plate, x, base, wide, high)


def _bridge(plate: Plate) -> None:
    """Three arches of dressed stone; the vaults are seen in their shade."""
    sheet, rng = plate.sheet, plate.sheet.rng
    deck = spline([(60, 408), (200, 374), (330, 362), (460, 376), (600, 412)], 60)
    plate.add([*deck, (600, 470), (60, 470)], np.clip(0.2 + 0.12 * sheet.noise(30, 2), 0.08, 0.5), 0.05)
    for row in range(8):
        line = deck + np.array([0, 13 + 11 * row])
        for i in range(row % 2, 58, 2):
            if rng.random() < 0.62:
                stone = [line[i], line[i] + (0, 10), line[i + 1] + (6, 10), line[i + 1] + (6, 0)]
                plate.add(stone, rng.uniform(0.08, 0.55), float(rng.choice([0.05, 0.8, 1.5])), 0.7)
    plate.add(ribbon(deck - np.float32([0, 5]), np.full(60, 10.0)), 0.12, 1.5, 1.4)
    plate.add(ribbon(deck + np.float32([0, 5]), np.full(60, 4.0)), 0.8, 0.0, 0.8)
    for cx, wide, high in ((170, 84, 44), (318, 112, 66), (466, 84, 44)):
        turn = np.linspace(np.pi, 2 * np.pi, 40)
        arch = np.stack([cx + wide / 2 * np.cos(turn), BANK + 8 + high * np.sin(turn)], axis=1)
        ring = np.stack([cx + (wide / 2 + 9) * np.cos(turn), BANK + 8 + (high + 9) * np.sin(turn)], axis=1)
        for i in range(0, 39, 3):
            j = min(i + 3, 39)
            plate.add([arch[i], ring[i], ring[j], arch[j]], rng.uniform(0.05, 0.35), float(turn[i]), 0.9)
        across = (sheet.x - cx) / wide
        plate.add(arch, np.clip(0.92 - 0.5 * across, 0.4, 0.97), np.arctan2(sheet.y - BANK, sheet.x - cx) + 1.57)
        plate.add(arch * (0.78, 0.86) + (0.22 * cx + 8, 0.14 * BANK + 2), 0.16, 0.05, 1.0)
    for cx in (244, 392):
        plate.add([(cx - 13, 470), (cx - 13, 420), (cx, 408), (cx + 2, 470)], 0.16, 1.5)
        plate.add([(cx + 2, 470), (cx, 408), (cx + 13, 420), (cx + 13, 470)], 0.75, 1.5)


def _boats(plate: Plate) -> None:
    """Two skiffs with black hulls."""
    for x, y, size in ((440, 506, 1.0), (330, 478, 0.6)):
        hull = [(-46, -10), (-30, 10), (28, 11), (52, -16), (30, -7), (-20, -5)]
        plate.add(np.array(hull) * size + (x, y), 0.97, 0.1, 1.6)
        plate.add(
            np.array([(-44, -11), (-18, -6), (30, -8), (51, -17), (30, -13), (-16, -12)]) * size + (x, y), 0.3, 0.1, 1.2
        )
        plate.add(
            ribbon(spline([(x - 4 * size, y - 8), (x + 3 * size, y - 62 * size)], 12), np.full(12, 2.2)), 0.9, 1.5, 1
        )
        plate.add(np.array([(3, -60), (34, -16), (0, -20)]) * size + (x, y), 0.22, 1.1, 1.2)
