"""Watercolour: glazes with dark rims, blooms and granulation; the lights are bare paper. Flowers in a blue jug.

Painted from front to back: what is in front is reserved, and later washes flow around it.
"""

from __future__ import annotations

import numpy as np

from .brush import ribbon
from .canvas import Sheet, colours, relief
from .curve import spline, turned
from .wash import (
    CERULEAN,
    COBALT,
    CRIMSON,
    GOLD,
    INDIGO,
    LEMON,
    ORANGE,
    ROSE,
    SAP,
    SCARLET,
    SIENNA,
    UMBER,
    VIOLET,
    VIRIDIAN,
    Paper,
)

SIZE = (576, 768)
PAPER = colours("fdf7ea")[0]
RED, PINK = (SCARLET, CRIMSON, ORANGE, SCARLET), (ROSE, 0.5 * CRIMSON, 0.6 * VIOLET, ROSE)
YELLOW, BLUE = (LEMON, GOLD, ORANGE), (COBALT, VIOLET, CERULEAN, VIOLET)
LEAF, DEEP = (SAP, VIRIDIAN, GOLD, SAP), (INDIGO, VIRIDIAN, UMBER, INDIGO)
POPPIES = (
    (212, 236, 86, RED), (372, 300, 78, PINK), (318, 132, 66, YELLOW), (152, 372, 60, PINK), (464, 190, 58, RED),
    (266, 402, 66, RED), (432, 424, 52, YELLOW), (96, 176, 48, YELLOW), (190, 80, 42, PINK),
)  # fmt: skip
SPIRES = ((430, 40, 0.25), (112, 60, -0.45), (528, 300, 0.9), (54, 300, -0.9), (262, 28, -0.05), (505, 96, 0.5))
JUG = (
    (206, 470), (212, 516), (176, 566), (174, 640), (214, 690), (334, 690), (374, 640), (370, 566), (330, 516), (340, 470),
)  # fmt: skip


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the painting."""
    paper = Paper(sheet)
    _sparkle(paper)
    for flower in POPPIES:
        _poppy(paper, *flower)
    _jug(paper)
    for x, y, lean in SPIRES:
        _spire(paper, x, y, lean)
    _leaves(paper)
    _table(paper)
    _background(paper)
    _spatter(paper)
    fibres = sheet.noise(1.6) * 0.5 + 0.5 * paper.tooth
    light = PAPER * (1 + 0.012 * sheet.noise(160, 3) + 0.045 * relief(fibres, slope=1.2))[..., None]
    return np.clip(light * np.exp(-np.clip(paper.density, 0, 3.4)), 0, 1)


def _sparkle(paper: Paper) -> None:
    """Masking fluid flicked over the sheet before anything else: drops that stay white."""
    rng = paper.sheet.rng
    for x, y in rng.uniform((0, 0), paper.sheet.width * np.array([1, 1.33]), (150, 2)):
        turn = np.linspace(0, 2 * np.pi, 14)
        paper.reserve(turned(np.stack([np.cos(turn), np.sin(turn)], 1), 0, min(0.7 + rng.exponential(0.7), 4), (x, y)))


def _petal(rng: np.random.Generator, frill: float) -> np.ndarray:
    """A petal's outline about the origin, growing to (1, 0): narrow at its foot, broad and frilled at its rim."""
    turn = np.linspace(-0.62, 0.62, 9)
    rim = (1 + frill * rng.normal(0, 1, 9)) * (1 - 0.25 * (turn / 0.62) ** 2)
    tip = np.stack([rim * np.cos(turn), 1.05 * rim * np.sin(turn)], axis=1)
    return spline([(0.08, -0.10), (0.4, -0.36), *tip, (0.4, 0.36), (0.08, 0.10)], 60, closed=True)


def _poppy(paper: Paper, x: float, y: float, size: float, tints: tuple) -> None:
    """An open flower seen a little from the side: petals over each other, veins, a dark heart with stamens."""
    rng = paper.sheet.rng
    face = (1, rng.uniform(0.55, 0.9)), np.arctan2(y - 470, x - 272) + np.pi / 2 + rng.normal(0, 0.3)
    heart, shapes = np.array([x, y]) + rng.normal(0, 0.1 * size, 2), []
    petals = int(rng.integers(5, 8))
    for turn in (np.arange(petals) + rng.normal(0, 0.16, petals)) * (2 * np.pi / petals) + rng.uniform(0, 6):
        petal = turned(_petal(rng, 0.06), turn, size * rng.uniform(0.85, 1.15), (0, 0))
        shapes.append(turned(petal, face[1], face[0], (x, y)))
        paper.wash(shapes[-1], tints, rng.uniform(0.5, 0.9), fray=1.2, lost=3)
        throat = turned(_petal(rng, 0.18), turn, size * rng.uniform(0.5, 0.75), (0, 0))
        paper.wash(turned(throat, face[1], face[0], heart), tints[1:], rng.uniform(0.3, 0.7), fray=2.2, lost=9, rim=0.3)
        for bend in rng.uniform(-0.42, 0.42, 6):
            tip = size * rng.uniform(0.6, 0.9) * np.array([np.cos(turn + bend), np.sin(turn + bend)])
            vein = turned(np.stack([tip * 0.22, tip * 0.6 + rng.normal(0, 1.5, 2), tip]), face[1], face[0], heart)
            paper.wash(ribbon(spline(vein, 16), np.linspace(2.6, 0.7, 16)), tints[1:], 0.5, fray=0.4, lost=1, rim=0)
    for reach, dots in ((0.11, 7), (0.22, 22), (0.33, 16)):
        for turn in rng.uniform(0, 6.3, dots):
            spot = size * reach * rng.uniform(0.7, 1.1) * np.array([[np.cos(turn), np.sin(turn)]])
            spot = turned(spot, face[1], face[0], heart)[0]
            paper.wash(_drop(rng, spot, size * (0.55 - reach) * 0.10), (INDIGO, VIOLET, UMBER), 1.2, fray=0.5, lost=1)
    for shape in shapes:
        paper.reserve(shape)


def _drop(rng: np.random.Generator, centre: np.ndarray, size: float) -> np.ndarray:
    turn = np.arange(7) * (2 * np.pi / 7)
    return spline(centre + size * rng.uniform(0.7, 1.3, (7, 1)) * np.stack([np.cos(turn), np.sin(turn)], 1), 28, True)


def _spire(paper: Paper, x: float, y: float, lean: float) -> None:
    """Larkspur: small blue petals around a bent stem, large below and buds at the tip."""
    rng = paper.sheet.rng
    stem = spline([(x, y), (x - 30 * lean, y + 90), (x - 120 * lean, y + 190)], 30)
    for t in np.repeat(np.linspace(0.02, 0.95, 15), 4):
        centre = stem[int(t * 29)] + rng.normal(0, 3 + 11 * t, 2)
        blade = turned(_petal(rng, 0.08), rng.uniform(0, 6.3), (8 + 15 * t, 6 + 12 * t), centre)
        paper.wash(blade, BLUE, rng.uniform(0.3, 0.8), fray=0.9, lost=4)
        if rng.random() < 0.4:
            paper.wash(_drop(rng, centre, 1 + 2 * t), (INDIGO, VIOLET), 0.9, fray=0.6, lost=2)
        paper.reserve(centre + (blade - centre) * 0.9)


def _leaves(paper: Paper) -> None:
    """Long leaves and stalks from the jug's mouth, a paler and a deeper glaze each, the midrib left light."""
    rng = paper.sheet.rng
    for i, turn in enumerate(np.linspace(-3.4, 0.25, 44) + rng.normal(0, 0.1, 44)):
        foot = np.array([272 + 40 * np.cos(turn), 468 + rng.normal(0, 8)])
        tip = foot + rng.uniform(130, 390) * np.array([0.78 * np.cos(turn), np.sin(turn)])
        bend = (foot + tip) / 2 + rng.normal(0, 26, 2)
        path = spline([foot, bend, tip], 30)
        t = np.linspace(0, 1, 30)
        width = rng.uniform(9, 34) * np.sin(np.pi * t**0.8) ** 0.8 + 1.5
        tints = LEAF if i % 3 else (VIRIDIAN, INDIGO, SAP)
        for side in (-1, 1):
            half = ribbon(path + side * np.stack([np.zeros(30), 0.27 * width], 1), 0.46 * width)
            paper.wash(half.astype(np.float32), tints, rng.uniform(0.45, 1.1), fray=1.0, lost=5)
        if i % 2:
            paper.reserve(ribbon(path, 0.9 * width))


def _jug(paper: Paper) -> None:
    """A glazed jug: cobalt and cerulean, deep on the left, the window's light left white on its shoulder."""
    rng = paper.sheet.rng
    body = spline(JUG, 120, closed=True)
    for light in (((308, 548), (328, 556), (338, 588), (326, 596), (313, 576)), ((330, 606), (340, 604), (337, 616))):
        paper.reserve(spline(light, 40, True))
    paper.wash(body, (CERULEAN, COBALT, 0.7 * ROSE, CERULEAN), 0.6, fray=1.2, lost=2)
    for reach, load in ((92, 0.45), (58, 0.55), (30, 0.7)):
        left = spline([(208, 478), (214, 516), (177, 566), (175, 640), (212, 686)], 30)
        right = spline([(250, 686), (192 + reach, 640), (184 + reach, 570), (220 + 0.5 * reach, 520), (214, 478)], 30)
        paper.wash(np.concatenate([left, right]), (COBALT, INDIGO, VIOLET, COBALT), load, fray=4, lost=10, rim=0.4)
    for row, sag, wide, thick in ((492, 5, 61, 3.5), (534, 8, 80, 5), (650, 13, 94, 6), (668, 12, 80, 2.5)):
        band = spline([(272 - wide, row), (272, row + sag), (272 + wide, row)], 30)
        paper.wash(ribbon(band, thick * rng.uniform(0.7, 1.2, 30)), (INDIGO, COBALT), 0.65, fray=0.7, lost=3)
    for place in np.linspace(-0.9, 0.9, 6):
        for turn, reach in ((-1.5, 26), (-2.3, 20), (-0.7, 20), (1.2, 16), (2.1, 16)):
            spot = np.array([272 + 96 * np.sin(1.3 * place), 598 + 8 * (1 - place * place)])
            leaf = turned(_petal(rng, 0.05), turn, (reach, 0.45 * reach), (0, 0)) * (1 - 0.5 * place**2, 1) + spot
            paper.wash(leaf.astype(np.float32), (INDIGO, COBALT), 0.75, fray=0.7, lost=2)
    handle = ribbon(spline([(342, 492), (404, 500), (412, 572), (366, 616)], 40), np.linspace(17, 11, 40))
    paper.wash(handle, (COBALT, INDIGO, CERULEAN), 1.0, fray=1, lost=3)
    for outline in (body, handle):
        paper.reserve(outline)


def _table(paper: Paper) -> None:
    """A warm cloth, the jug's violet shadow across it, fallen petals, folds in dry brush."""
    rng = paper.sheet.rng
    for x, y, tints in ((96, 716, RED), (150, 738, RED), (452, 726, PINK), (512, 700, YELLOW), (60, 668, YELLOW)):
        shape = turned(_petal(rng, 0.06), rng.uniform(0, 6), (34, 24), (x, y))
        paper.wash(shape, tints, 0.8)
        paper.reserve(shape)
    cloth = np.float32([(-20, 622), (200, 606), (420, 612), (600, 590), (600, 790), (-20, 790)])
    shadow = spline([(300, 668), (420, 650), (600, 640), (610, 690), (460, 712), (250, 708), (190, 690)], 70, True)
    paper.wash(cloth, (GOLD, SIENNA, ROSE, SIENNA), 0.55, fray=4, lost=3)
    paper.wash(shadow, (VIOLET, INDIGO, COBALT), 0.8, fray=4, lost=8)
    paper.wash(shadow * (0.9, 1) + (10, 6), (VIOLET, INDIGO), 0.5, fray=4, lost=8)
    for _ in range(16):
        y = rng.uniform(620, 765)
        path = spline(
            [(rng.uniform(-60, 300), y), (rng.uniform(250, 350), y + rng.normal(0, 9)), (rng.uniform(330, 640), y - 9)]
        )
        paper.dry_brush(path, rng.uniform(6, 26), (SIENNA, UMBER, VIOLET)[rng.integers(3)], rng.uniform(0.25, 0.6))


def _background(paper: Paper) -> None:
    """The wall: broad washes wet into wet, deep indigo on the left, warm light from the right, flowing round the flowers."""
    sheet = paper.sheet
    whole = np.s_[0 : sheet.shape[0], 0 : sheet.shape[1]]
    wall = sheet.y < 616 - 0.03 * sheet.x
    lean = (sheet.x - 300) / 150 + (sheet.y - 300) / 420 + 0.8 * sheet.noise(120, 3)
    for wet, tints, load in (
        (lean < 9, (LEMON, CERULEAN, ROSE, GOLD), 0.35),
        (lean < 0.4, (CERULEAN, VIOLET, COBALT, VIRIDIAN), 0.75),
        (lean < -0.7, DEEP, 0.66),
        (lean > 0.9, (GOLD, ROSE, CERULEAN), 0.4),
        (sheet.noise(70, 3) + 0.4 * lean < -0.6, (VIOLET, INDIGO, VIRIDIAN), 0.55),
    ):
        paper.pour(whole, wall & wet, tints, load, fray=5, lost=12)
    for _ in range(12):
        x, y = sheet.rng.uniform(0, 576), sheet.rng.uniform(-20, 560)
        path = spline([(x - 90, y + 20), (x, y + sheet.rng.normal(0, 12)), (x + 110, y - 24)])
        paper.dry_brush(path, sheet.rng.uniform(14, 44), (COBALT, VIOLET, SIENNA)[sheet.rng.integers(3)], 0.35)


def _spatter(paper: Paper) -> None:
    """Drops off the brush, over everything."""
    rng = paper.sheet.rng
    paper.reserved[:] = 0
    for _ in range(130):
        tint = (CRIMSON, COBALT, INDIGO, SAP, ORANGE)[rng.integers(5)]
        spot = rng.uniform((0, 0), (576, 768))
        paper.wash(_drop(rng, spot, min(0.6 + rng.exponential(0.9), 5)), (tint, tint), 0.6, fray=0.4, lost=0)
