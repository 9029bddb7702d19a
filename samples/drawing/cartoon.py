"""The cartoon of a leaded window: a heron among lilies under a low moon, cut into panes, each with its glass."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from .brush import pixels, ribbon
from .canvas import Sheet, colours
from .curve import spline, turned

DUSK = colours("120a36", "2a1a6c", "3e44ae", "7a90d8", "d0daf0")
SKY = colours("b8502e", "ee923a", "f8c45a", "fde8aa", "fffbe8")
HAZE = colours("3a2470", "8a4a9c", "d8809a", "f8c4a0", "fff2d8")
WATER = colours("04162c", "0a3e58", "14808c", "6cc8b8", "e4f6dc")
LEAF = colours("05261a", "0c5632", "3a9040", "a4cc50", "f0f2ac")
REED = colours("1c2408", "56600f", "a89a28", "e2cc5c", "fbf2c0")
LILY = colours("7a1e62", "d4608f", "f6b4c2", "fdeee2", "fffdf6")
GOLD = colours("7a2408", "c85a10", "f4a420", "fbd868", "fff6cc")
HERON = colours("2c3870", "7488b8", "b8c6d8", "efe9da", "fffdf4")
PEARL = colours("c88a3c", "f0c46c", "fae6b0", "fff6da", "fffef8")
WING = colours("0a1030", "20347c", "4a78bc", "a8c8de", "f4f4ec")
NIGHT = colours("050510", "10102a", "26265a", "44448a", "8080bc")
BARK = colours("140a0c", "3c1c16", "6e3a1e", "a8703a", "e0b880")
MOON, HORIZON = (372.0, 206.0, 92.0), 462.0
PADS = (
    (96, 640, 92, 30),
    (470, 668, 104, 34),
    (236, 722, 96, 30),
    (520, 584, 66, 19),
    (30, 736, 70, 26),
    (408, 752, 80, 22),
)
LILIES = ((122, 606, 62), (486, 632, 70), (250, 690, 52), (30, 560, 40))


class Window:
    """The cartoon: each pixel's pane and figure, and each pane's glass, streak direction (radians) and light."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.pane, self.figure = np.zeros(sheet.shape, np.int32), np.zeros(sheet.shape, np.int32)
        self.cut: list[tuple[np.ndarray, float, float]] = []
        self.figures = 0

    def add(self, outline: np.ndarray, glass: np.ndarray, angle: float, light: float) -> None:
        """Set a pane, cut along an outline (N, 2) in units, into whatever is there."""
        mask = np.zeros(self.sheet.shape, np.uint8)
        cv2.fillPoly(mask, [pixels(self.sheet, np.asarray(outline, np.float32))], 1, cv2.LINE_8, 4)
        self.pane[mask > 0], self.figure[mask > 0] = len(self.cut), self.figures
        self.cut.append((glass, angle, light + float(self.sheet.rng.normal(0, 0.08))))

    def blade(self, points: list, width: float, glass: np.ndarray, light: float, full: float = 0.5) -> None:
        """A leaf, feather or petal along a curve, in two panes where it is broad."""
        path = spline(points, 40)
        t = np.linspace(0, 1, 40) ** (np.log(0.5) / np.log(full))
        girth = width * np.sin(np.pi * t) ** 0.75 + 0.6
        angle = float(np.arctan2(*(path[-1] - path[0])[::-1]))
        self.add(ribbon(path, girth), glass, angle, light)
        if width > 17:
            outline = ribbon(path, girth)
            self.add(np.concatenate([path, outline[40:]]), glass, angle + 0.3, light - 0.16)


def cartoon(sheet: Sheet) -> Window:
    """The whole window, drawn and cut."""
    window = Window(sheet)
    for figure in (_ground, _branch, _reeds, _heron, _lilies):
        figure(window)
    return window


def _ground(window: Window) -> None:
    """Sky in rings and rays around the moon, two far ridges, water in long waves."""
    sheet, rng = window.sheet, window.sheet.rng
    x, y = sheet.x + 9 * sheet.noise(150, 2), sheet.y + 9 * sheet.noise(150, 2)
    dx, dy = x - MOON[0], y - MOON[1]
    r, turn = np.hypot(dx, dy), np.arctan2(dy, dx) + np.pi
    ring = np.searchsorted([0, MOON[2], 150, 222, 308, 410], r.ravel()).reshape(r.shape)
    rays = np.array([1, 2, 9, 11, 13, 12, 12])[ring]
    sector = ((turn / (2 * np.pi) + 0.31 * ring + 0.0008 * r) * rays).astype(int) % rays
    cells = ring * 100 + sector
    for i, (level, rise, wave, cell) in enumerate(((418, 26, 66, 150), (440, 14, 40, 120))):
        hill = y > level - rise * np.sin(x / wave + 2.2 * i) - rise * np.sin(x / wave / 2.3 + i)
        cells[hill] = (3000 + 100 * i + (x + 0.5 * y) // cell)[hill]
    wave = (y - HORIZON + 7 * np.sin(x / 54 + y / 40)) / (13 + 0.10 * np.clip(y - HORIZON, 0, None))
    water = wave > 0
    cells[water] = (4000 + 100 * wave.astype(int) + ((x + 83 * wave.astype(int) + 0.7 * y) // 128))[water]
    names, pane = np.unique(cells, return_inverse=True)
    window.pane = pane.reshape(sheet.shape).astype(np.int32)
    window.figure[water] = -1
    for name in names:
        luck = rng.normal(0, 0.12)
        if name >= 4000:
            band = (name - 4000) // 100
            glass, angle, light = (
                (SKY, HAZE, WATER, WATER)[rng.integers(4)] if band < 4 else WATER,
                0.0,
                0.55 - 0.03 * band,
            )
        elif name >= 3000:
            glass, angle, light = ((DUSK, WATER)[(name - 3000) // 100], 0.3, 0.36)
        else:
            far, place = name // 100, (name % 100 + 0.5) / rays.max()
            glass = (PEARL, PEARL, SKY, (SKY, HAZE)[rng.integers(2)], HAZE, DUSK, DUSK, DUSK)[far]
            angle, light = 2 * np.pi * place + np.pi / 2, (0.78, 0.78, 0.62, 0.58, 0.5, 0.5, 0.36, 0.3)[far]
        window.cut.append((glass, float(angle), float(light + luck)))


def _branch(window: Window) -> None:
    """A magnolia bough from the upper left: bark in short lengths, leaves, blossoms of overlapping petals."""
    rng = window.sheet.rng
    for points, girth in (
        ([(-20, 76), (70, 96), (150, 76), (238, 96), (300, 66)], 19),
        ([(52, 94), (76, 130), (60, 168), (70, 204)], 12), ([(150, 78), (200, 40), (236, -14)], 11),
    ):  # fmt: skip
        window.figures += 1
        path = spline(points, 60)
        width = girth * np.linspace(1, 0.4, 60) * (1 + 0.1 * np.sin(np.arange(60)))
        for first in range(0, 60, 15):
            part = slice(first, first + 16)
            window.add(ribbon(path[part], width[part]), BARK, float(np.arctan2(*(path[-1] - path[0])[::-1])), 0.42)
        for i in range(6, 60, 7):
            lean = rng.uniform(0.5, 1.3) * rng.choice([-1, 1]) + np.arctan2(*(path[-1] - path[0])[::-1])
            ahead = np.array([np.cos(lean), np.sin(lean)]) * rng.uniform(34, 58)
            bend = np.array([-ahead[1], ahead[0]]) * rng.normal(0, 0.2)
            window.blade([path[i], path[i] + 0.5 * ahead + bend, path[i] + ahead], 21, LEAF, rng.uniform(0.35, 0.75))
    for x, y, size, way in ((96, 62, 60, -0.9), (292, 70, 52, -0.3), (70, 200, 52, 1.6), (226, 20, 40, -1.2)):
        window.figures += 1
        for lean in (-1.25, 1.25, -0.75, 0.75, -0.3, 0.35, 0.0):
            tip = np.array([np.cos(way + lean), np.sin(way + lean)]) * size * (1.05 - 0.2 * abs(lean))
            side = np.array([-tip[1], tip[0]]) * 0.25 * np.sign(lean)
            window.blade(
                [(x, y), np.array([x, y]) + 0.55 * tip + side, np.array([x, y]) + tip], 0.42 * size, LILY, 0.66, 0.6
            )


def _reeds(window: Window) -> None:
    """Flags and cattails on both sides, each one blade of glass from the water up."""
    rng = window.sheet.rng
    for x, height, lean in (
        (548, 330, -26), (566, 250, 14), (528, 400, 24), (508, 250, -44), (24, 300, 30), (52, 360, -14), (8, 220, 26),
        (78, 250, 40), (556, 440, -8),
    ):  # fmt: skip
        window.figures += 1
        foot = 640 + rng.uniform(-20, 30)
        tip = (x + lean, foot - height)
        window.blade(
            [(x, foot), (x + 0.1 * lean, foot - 0.55 * height), tip],
            rng.uniform(13, 24),
            (LEAF, REED)[rng.integers(2)],
            0.5,
            0.35,
        )
        if height > 340:
            window.add(
                ribbon(spline([tip, (tip[0] + 3, tip[1] + 66)], 20), 15 * np.sin(np.linspace(0.35, 2.8, 20))),
                BARK,
                1.5,
                0.36,
            )


def _heron(window: Window) -> None:
    """The bird: legs, tail, long feathers over one another, breast, a neck in five lengths, cap, crest, bill."""
    window.figures += 1
    for path, width in (([(336, 540), (326, 610), (338, 712)], 9), ([(368, 536), (388, 604), (376, 690)], 9)):
        window.add(ribbon(spline(path, 30), width * np.linspace(1.2, 0.8, 30)), REED, 1.5, 0.4)
    for tip, bend, wide, glass, light in (
        ((498, 604), (420, 556), 30, NIGHT, 0.5), ((482, 572), (420, 536), 30, WING, 0.3),
        ((516, 560), (430, 528), 28, NIGHT, 0.6), ((504, 530), (430, 512), 30, WING, 0.42),
    ):  # fmt: skip
        window.blade([(330, 486), bend, tip], wide, glass, light, 0.6)
    neck = spline([(300, 452), (270, 410), (296, 350), (288, 300), (252, 262), (252, 236)], 75)
    girth = np.interp(np.linspace(0, 1, 75), [0, 0.25, 0.6, 0.9, 1], [50, 34, 25, 23, 25])
    for first in range(0, 75, 15):
        part = slice(first, first + 16)
        window.add(ribbon(neck[part], girth[part]), HERON, 1.3, 0.62 + 0.06 * (first % 2))
    breast = [(292, 420), (258, 462), (266, 510), (310, 548), (364, 556), (402, 534), (380, 480), (334, 436)]
    window.add(spline(breast, 80, True), HERON, 0.9, 0.62)
    window.add(
        spline([(268, 506), (310, 547), (364, 556), (402, 534), (350, 520), (306, 494)], 60, True), HERON, 0.5, 0.36
    )
    for tip, bend, wide, glass, light in (
        ((466, 548), (410, 532), 32, WING, 0.5), ((474, 516), (410, 500), 30, WING, 0.64),
        ((452, 492), (390, 474), 30, WING, 0.45), ((420, 470), (366, 448), 30, HERON, 0.42),
        ((392, 506), (344, 486), 30, HERON, 0.55), ((366, 466), (326, 446), 26, WING, 0.7),
    ):  # fmt: skip
        window.blade([(298, 430), bend, tip], wide, glass, light, 0.62)
    window.blade([(250, 222), (300, 232), (352, 262)], 9, NIGHT, 0.45)
    window.blade([(250, 222), (302, 218), (346, 236)], 8, NIGHT, 0.35)
    window.add(
        spline([(268, 216), (240, 212), (216, 228), (222, 244), (252, 252), (274, 240)], 50, True), HERON, 0.2, 0.75
    )
    window.add(spline([(276, 220), (246, 207), (218, 224), (246, 226), (272, 232)], 50, True), NIGHT, 0.2, 0.4)
    window.add([(219, 226), (219, 243), (126, 258)], GOLD, 2.9, 0.55)
    window.add([(219, 235), (219, 245), (126, 258)], GOLD, 2.9, 0.36)
    turn = np.linspace(0, 2 * np.pi, 20)
    window.add(turned(np.stack([np.cos(turn), np.sin(turn)], 1), 0, 4.6, (236, 232)), GOLD, 0, 0.7)


def _lilies(window: Window) -> None:
    """Pads cut along their veins, flowers of pointed petals around a golden heart."""
    rng = window.sheet.rng
    for x, y, rx, ry in PADS:
        window.figures += 1
        turns = np.linspace(0.3, 6.0, 8) + rng.normal(0, 0.1, 8)
        for first, last in pairwise(turns):
            rim = np.linspace(first, last, 14)
            rim = np.stack([x + rx * np.cos(rim), y + ry * np.sin(rim)], axis=1) + rng.normal(0, 0.7, (14, 2))
            window.add([(x - 0.1 * rx, y), *rim], LEAF, float((first + last) / 2), rng.uniform(0.25, 0.7))
    for x, y, size in LILIES:
        window.figures += 1
        for reach, count, rise in ((1.0, 9, 0.42), (0.82, 7, 0.62), (0.55, 5, 0.9)):
            for way in np.linspace(-0.12, np.pi + 0.12, count)[rng.permutation(count)]:
                tip = (x + size * reach * np.cos(way), y - size * reach * rise * (0.25 + np.sin(way)))
                middle = (x + 0.55 * size * reach * np.cos(way), y - 0.4 * size * rise * np.sin(way) + 3)
                window.blade([(x, y + 6), middle, tip], 0.3 * size, LILY, 0.42 + 0.26 * reach, 0.55)
        window.blade([(x - 0.16 * size, y + 3), (x, y - 0.2 * size), (x + 0.16 * size, y + 3)], 0.22 * size, GOLD, 0.6)
