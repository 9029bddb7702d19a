"""The near half of `ukiyo_e`: the beach, a woman under an umbrella, a pine bough and the seal."""

from __future__ import annotations

import numpy as np

from .brush import fill, ribbon
from .canvas import Sheet, over, step
from .printing import (
    AZURE,
    FOAM,
    INDIGO,
    INK,
    OCHRE,
    PINE,
    RED,
    SAND,
    SEAL,
    Print,
    curve,
    hemp_pattern,
    shape,
    waves_pattern,
)


def shore(sheet: Sheet, page: Print) -> None:
    """The beach: sand wiped darker towards us, combed by the water, with stones."""
    edge = curve([(-20, 610), (70, 622), (150, 668), (250, 706), (380, 724), (600, 742)], 120)
    sand = shape(sheet, edge, np.float32([(600, 800), (-20, 800)]))
    page.bare(sand)
    page.block(sand, SAND, 0.9)
    page.block(sand, OCHRE, 0.8 * step(640, 768, sheet.y))
    page.block(sand, INK, 0.55 * step(720, 790, sheet.y))
    page.line(edge, 3.4, tip=0.4)
    for i in range(1, 9):
        comb = edge + np.float32([0, 13 * i]) + np.stack([0 * edge[:, 0], 2.5 * np.sin(edge[:, 0] / 19 + i)], axis=1)
        for first in range(0, 110, 22):
            run = slice(first + int(sheet.rng.uniform(0, 8)), first + int(sheet.rng.uniform(14, 24)))
            page.line(comb[run].astype(np.float32), sheet.rng.uniform(1.0, 2.4), sand, 0.05)
    grains = step(1.35, 1.6, sheet.noise(3.4) + 0.5 * sheet.noise(40))
    page.block(sand * grains, SEAL * 0.6 + OCHRE * 0.2, 0.7)
    stones = sheet.points(38)
    for px, py in stones[sheet.sample(sheet.blur(sand, 6), stones[:, 0], stones[:, 1]) > 0.97]:
        turn, r = np.linspace(0, 2 * np.pi, 30), sheet.rng.uniform(3, 8)
        ring = np.stack([px + 1.5 * r * np.cos(turn), py + r * np.sin(turn)], axis=1).astype(np.float32)
        stone = shape(sheet, ring)
        page.bare(stone)
        page.block(stone, AZURE, 0.9 * step(py - r, py + r, sheet.y))
        page.line(ring, 1.9, tip=0.5)


def walker(sheet: Sheet, page: Print) -> None:
    """A woman seen from behind under a paper umbrella, in a robe of hemp leaves and waves."""
    x, y = sheet.x, sheet.y
    robe = [
        curve([(104, 470), (74, 500), (62, 560), (78, 600), (92, 640), (78, 700), (56, 748)], 50),
        curve([(56, 748), (100, 760), (160, 758), (206, 744)], 20),
        curve([(206, 744), (188, 690), (176, 636), (186, 596), (204, 556), (190, 500), (160, 470)], 50),
    ]
    body = shape(sheet, *robe)
    page.bare(body)
    fold = 5 * np.sin(y / 46) + 0.06 * (x - 130) * (y - 600) / 60
    page.block(body, RED, 0.62 + 0.38 * step(690, 500, y))
    leaf = hemp_pattern(x + fold, y, 25)
    page.picture = over(page.picture, FOAM, body * step(0.075, 0.035, leaf) * step(690, 650, y))
    far, number = waves_pattern(x + fold, y, 15)
    hem = body * step(676, 690, y + 8 * np.sin(x / 16))
    page.bare(hem)
    page.block(hem, INDIGO, np.where(number % 3 == 0, 0.95, 0.75) * step(0.35, 0.6, np.cos(far * 15) * 0.5 + 0.5))
    sash = shape(sheet, np.float32([(80, 560), (184, 556), (186, 608), (86, 612)]))
    bow = curve([(106, 536), (164, 530), (170, 596), (160, 634), (118, 636), (104, 598), (106, 536)])
    sash = np.maximum(sash * body, shape(sheet, bow))
    page.bare(sash)
    page.block(sash, OCHRE, 0.95)
    check = np.sin((x + y) / 4.2) * np.sin((x - y) / 4.2)
    page.block(sash * step(0.1, 0.25, check), PINE, 0.9)
    page.block(sash * step(0.75, 0.85, -check), SEAL, 0.9)
    page.line(bow, 3.0, tip=0.6)
    for path in robe:
        page.line(path, 4.4, tip=0.35)
    for points in (
        [(88, 500), (98, 540), (92, 566)], [(178, 498), (170, 530), (176, 560)], [(112, 640), (108, 700), (92, 752)],
        [(150, 640), (156, 700), (150, 756)], [(132, 648), (130, 690), (136, 740)], [(172, 650), (178, 700), (188, 742)],
    ):  # fmt: skip
        page.line(curve(points, 30), 2.8, body, 0.05)
    _umbrella(sheet, page)


def _umbrella(sheet: Sheet, page: Print) -> None:
    """Oiled paper on many ribs: rings of colour, seen from above and behind."""
    dx, dy = sheet.x - 132, (sheet.y - 448) * 1.28
    far, turn = np.hypot(dx, dy), np.arctan2(dy, dx)
    rim = 106 - 3.2 * np.abs(np.sin(turn * 12))
    disc = step(1, -1, far - rim)
    page.bare(disc)
    page.block(disc * step(36, 37, far) * step(84, 83, far), OCHRE, 0.85)
    page.block(disc * step(48, 49, far) * step(73, 72, far), SEAL, 0.75 + 0.25 * np.sin(turn - 2))
    page.block(disc * step(95, 96, far), INDIGO, 0.9)
    page.block(disc * step(15, 14, far), INK, 0.9)
    page.block(disc * step(-30, 90, dx + dy), INDIGO, 0.35)
    ring = np.linspace(0, 2 * np.pi, 160)
    edge = 106 - 3.2 * np.abs(np.sin(ring * 12))
    outline = np.stack([132 + edge * np.cos(ring), 448 + edge * np.sin(ring) / 1.28], axis=1)
    page.line(outline.astype(np.float32), 3.2, tip=0.8)
    for spoke in np.arange(24) * np.pi / 12:
        reach = np.linspace(14, 103, 20)
        rib = np.stack([132 + reach * np.cos(spoke), 448 + reach * np.sin(spoke) / 1.28], axis=1)
        page.line(rib.astype(np.float32), 1.9, tip=0.5)


def pine(sheet: Sheet, page: Print) -> None:
    """A pine bough hanging in from the upper right, needles in fans; and the seal."""
    for points, wide in (
        ([(600, 96), (540, 110), (490, 92), (440, 116), (396, 112)], 15), ([(520, 104), (492, 140), (456, 152)], 8),
        ([(566, 104), (552, 160), (520, 190)], 9),
    ):  # fmt: skip
        path = curve(points, 50)
        taper = wide * np.linspace(1, 0.3, 50)
        bark = shape(sheet, ribbon(path, taper))
        page.block(bark, SEAL * 0.5 + OCHRE * 0.2, 0.95)
        for side in np.split(ribbon(path, taper), 2):
            page.line(side, 2.4)
    for cx, cy, r in (
        (392, 100, 34), (436, 98, 38), (484, 74, 40), (540, 86, 42), (452, 146, 34), (516, 184, 38), (566, 150, 40),
        (580, 70, 38),
    ):  # fmt: skip
        fan, needles = np.zeros(sheet.shape, np.uint8), []
        for lean in np.linspace(-np.pi * 1.05, 0.05, 30) + sheet.rng.normal(0, 0.05, 30):
            t = np.linspace(0, 1, 12)[:, None]
            tip = np.float32([np.cos(lean), 0.8 * np.sin(lean)]) * r * sheet.rng.uniform(0.8, 1.1)
            needle = (np.float32([cx, cy]) + tip * t + np.float32([0, 3.5]) * t * t).astype(np.float32)
            fill(sheet, fan, ribbon(needle, 5.5 * (1 - 0.6 * t[:, 0])), 255)
            needles.append(needle)
        page.bare(fan.astype(np.float32) / 255)
        page.block(fan.astype(np.float32) / 255, PINE, 0.95)
        for needle in needles[::2]:
            page.line(needle, 1.9, tip=0.1)
    seal = shape(sheet, np.float32([(520, 690), (548, 690), (548, 730), (520, 730)]))
    page.picture = over(page.picture, SEAL, seal * np.clip(0.9 + 0.08 * page.grain, 0, 1))
    far, _ = waves_pattern(sheet.x - 520, sheet.y - 690, 7)
    page.picture = over(page.picture, FOAM, seal * step(0.5, 0.8, np.cos(far * 14)))
