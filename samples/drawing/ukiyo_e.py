"""A colour print from wooden blocks: flats with gradations wiped by hand, contours that swell. A walk by the sea."""

from __future__ import annotations

import numpy as np

from .brush import fill, ribbon
from .canvas import Sheet, step
from .printing import AZURE, FOAM, INDIGO, OCHRE, PINE, PRUSSIAN, RED, ROSE, SEAL, Print, curve, shape, waves_pattern
from .walker import pine, shore, walker

SIZE = (576, 768)


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the print."""
    page = Print(sheet)
    for part in (_sky, _mountain, _sea, _wave, shore, walker, pine):
        part(sheet, page)
    return page.ink()


def _sky(sheet: Sheet, page: Print) -> None:
    """Evening wiped from blue to rose, the wind drawn in it like ink afloat on water, the sun, mist, plovers."""
    y = sheet.y
    whole = np.ones(sheet.shape, np.float32)
    page.block(whole, OCHRE, 0.30 * step(120, 330, y) + 0.10)
    page.block(whole, ROSE, 0.75 * step(250, 430, y))
    page.block(whole, INDIGO, 0.95 * step(170, 0, y + 9 * sheet.noise((190, 30))))
    drift = sheet.noise((230, 60), 3) * 5.5 + y / 26
    wind = step(0.80, 0.98, np.sin(drift * 2.4) + 0.10 * sheet.noise((50, 14)))
    page.block(wind * step(190, 90, y), FOAM, 0.72)
    page.block(wind * step(90, 190, y) * step(330, 270, y), OCHRE, 0.75)
    page.block(wind * step(270, 330, y), SEAL, 0.42)
    r = np.hypot(sheet.x - 402, y - 214)
    disc = step(70.5, 69.5, r)
    page.bare(disc)
    page.block(disc, RED, 0.52 + 0.48 * step(290, 160, y))
    page.block(disc * wind, OCHRE, 0.6)
    for cx, cy, long, rows in ((150, 92, 260, 3), (470, 300, 300, 4), (430, 52, 220, 3), (60, 266, 200, 3)):
        _cloud(sheet, page, (cx, cy), long, rows)
    for px, py, r in (
        (268, 196, 9), (292, 172, 8), (306, 214, 7), (252, 160, 6), (322, 154, 6), (106, 196, 8), (82, 178, 6),
    ):  # fmt: skip
        for flip in (-1, 1):
            wing = [(px, py), (px + flip * 0.6 * r, py - 0.7 * r), (px + flip * 1.6 * r, py - 0.2 * r)]
            page.line(curve(wing, 14), 0.34 * r, tip=0.1)


def _cloud(sheet: Sheet, page: Print, centre: tuple[float, float], long: float, rows: int) -> None:
    """A bank of mist as old screens have it: rounded bars that overlap, each sprinkled and lined along its edge."""
    for i in range(rows):
        cx = centre[0] + sheet.rng.normal(0, 0.16 * long)
        half, cy, r = long * sheet.rng.uniform(0.28, 0.52), centre[1] + 17 * i, 9.5
        turn = np.linspace(-np.pi / 2, np.pi / 2, 16)
        right = np.stack([cx + half + r * np.cos(turn), cy + r * np.sin(turn)], axis=1)
        left = np.stack([cx - half - r * np.cos(turn), cy - r * np.sin(turn)], axis=1)
        ring = np.concatenate([right, left, right[:1]]).astype(np.float32)
        bar = shape(sheet, ring)
        page.bare(bar)
        page.block(bar, OCHRE, 0.75 * step(cx - 0.2 * half, cx + half, sheet.x) + 0.10)
        page.block(bar * step(0.9, 1.3, sheet.noise(4.2)), SEAL if i % 2 else OCHRE, 0.8)
        page.line(curve([tuple(p) for p in ring[2:-3:3]], 90), 2.3)
        inner = np.stack([np.linspace(cx - 0.8 * half, cx + 0.7 * half, 40), np.full(40, cy + 4.5)], axis=1)
        page.line(inner.astype(np.float32), 1.1)


def _mountain(sheet: Sheet, page: Print) -> None:
    """A peak with concave sides and a ragged cap of snow; gullies run down from it; wooded hills at its foot."""
    x, y = sheet.x, sheet.y
    left = curve([(-30, 452), (60, 408), (128, 330), (176, 236), (196, 186)])
    crater = curve([(196, 186), (206, 193), (216, 185), (229, 194), (238, 188)], 20)
    right = curve([(238, 188), (262, 246), (318, 336), (398, 404), (520, 446)])
    peak = shape(sheet, left, crater, right)
    page.bare(peak)
    turn = np.arctan2(x - 217, y - 96)
    cap = 276 + 26 * np.sin(turn * 23) * np.sin(turn * 9 + 1) + 14 * np.sin(turn * 51) - 40 * np.abs(turn)
    page.block(peak * step(-1, 1, y - cap), INDIGO, 0.35 + 0.65 * step(420, 270, y))
    page.block(peak * step(-1, 1, y - cap), ROSE, 0.55 * step(330, 440, y))
    page.block(peak * step(0.1, 0.5, x - 226 - 0.3 * (y - 200)) * step(1, -1, y - cap), AZURE, 0.55)
    for path, wide in ((left, 3.4), (right, 3.8), (crater, 2.2)):
        page.line(path, wide, tip=0.4)
    for lean in np.linspace(-0.74, 0.80, 30) + sheet.rng.normal(0, 0.012, 30):
        t = np.linspace(0, 1, 30)
        top, run = sheet.rng.uniform(214, 300), sheet.rng.uniform(40, 150)
        down = top + run * t
        across = 217 + np.tan(lean) * (down - 96) * (0.62 + 0.40 * ((down - 186) / 250) ** 2) + 1.6 * np.sin(down / 7)
        page.line(np.stack([across, down], axis=1).astype(np.float32), sheet.rng.uniform(1.0, 2.6), peak, 0.05)
    for level, rise, colour in ((434, 20, AZURE), (452, 14, PINE)):
        ridge = curve([(-20 + 70 * i, level - rise * sheet.rng.uniform(0, 1.6)) for i in range(10)], 120)
        hill = shape(sheet, ridge, np.float32([(620, 500), (-20, 500)]))
        page.bare(hill)
        page.block(hill, colour, 0.55 + 0.45 * step(level + 26, level - 12, y))
        page.line(ridge, 2.4, tip=0.5)
        for px, py in sheet.points(9):
            if sheet.sample(hill, px, py) > 0.5 and py < level + 22:
                tuft = curve([(px - 3.4, py + 2), (px, py - 3.4), (px + 3.4, py + 2)], 10)
                page.line(tuft, 1.6, hill)


def _sea(sheet: Sheet, page: Print) -> None:
    """Open water: rows of short swells, closer together towards the horizon."""
    y = sheet.y
    sea = step(468, 470, y)
    page.bare(sea)
    page.block(sea, AZURE, 0.45 + 0.55 * step(470, 560, y))
    page.block(sea, PRUSSIAN, 0.85 * step(500, 474, y) + 0.6 * step(560, 700, y))
    light = np.zeros(sheet.shape, np.uint8)
    row, level = 0, 474.0
    while level < 770:
        gap = 4.6 + 0.055 * (level - 468)
        for px in np.arange(-40 + 31 * (row % 3), 620, 10 * gap**0.8):
            long = gap * sheet.rng.uniform(3.0, 5.5)
            px = px + sheet.rng.normal(0, 2 * gap)
            x, dip = px + long * np.array([0, 0.3, 0.65, 1]), level + 0.35 * gap * np.array([0, -1, 1, 0])
            swell = curve(list(zip(x, dip)), 24)
            page.line(swell, min(1.0 + 0.13 * gap, 3.2), tip=0.05)
            below = swell[4:] + np.float32([0.1 * gap, 0.42 * gap])
            fill(sheet, light, ribbon(below, 0.3 * gap * np.sin(np.linspace(0.1, 3, 20))), 255)
        level, row = level + 0.8 * gap, row + 1
    page.block(light.astype(np.float32) / 255, FOAM, 0.75)


def _wave(sheet: Sheet, page: Print) -> None:
    """A wave that rears from the right and curls over to the left, its foam in scrolls."""
    outer = curve([(650, 700), (622, 560), (566, 448), (496, 386), (412, 362), (338, 384), (292, 436), (290, 474)], 140)
    inner = curve([(196, 704), (300, 668), (372, 610), (404, 540), (392, 480), (352, 450), (312, 456), (290, 474)], 140)
    body = shape(sheet, outer, inner[::-1], np.float32([(196, 800), (650, 800)]))
    page.bare(body)
    page.block(body, AZURE, 0.9)
    page.block(body, INDIGO, 0.9 * step(0.55, 0.95, sheet.blur(body, 24)))
    t = np.linspace(0, 1, 140)
    for i, mix in enumerate(np.linspace(0.045, 0.955, 19)):
        path = outer * mix + inner * (1 - mix) + (2.5 * np.sin(t * 8 + i))[:, None].astype(np.float32)
        first, last = int(sheet.rng.uniform(0, 12)), int(sheet.rng.uniform(116, 138))
        run = path[first:last].astype(np.float32)
        taper = np.linspace(1.25, 0.45, len(run)) * np.sin(np.pi * np.linspace(0.03, 0.97, len(run))) ** 0.5
        stripe = shape(sheet, ribbon(run, (10, 5.5, 7.5)[i % 3] * taper)) * body
        if i % 3:
            page.block(stripe, PRUSSIAN, 0.95)
        else:
            page.bare(stripe)
        page.line(run, 1.7, body)
    far, _ = waves_pattern(sheet.x + 3 * np.sin(sheet.y / 30), sheet.y, 17)
    page.block(body * step(0.2, 0.7, np.cos(far * 14)) * step(640, 720, sheet.y), FOAM, 0.8)
    page.line(inner, 4.2)
    page.line(outer, 3.6)
    _foam(sheet, page, outer[52:], (0.65, 1.25))
    _foam(sheet, page, inner[-34:][::-1], (1.0, 0.6))
    _foam(sheet, page, inner[:34], (0.9, 0.4))
    spray = np.zeros(sheet.shape, np.uint8)
    turn = np.linspace(0, 2 * np.pi, 12)
    for _ in range(170):
        spot = (sheet.rng.normal(300, 58), sheet.rng.normal(430, 60))
        radius = min(0.9 + sheet.rng.exponential(1.1), 4.2)
        fill(sheet, spray, np.float32(spot) + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1), 255)
    page.bare(spray.astype(np.float32) / 255)


def _foam(sheet: Sheet, page: Print, crest: np.ndarray, sizes: tuple[float, float]) -> None:
    """Scrolls of foam along a crest, growing or shrinking: a scalloped puff, and a spiral in it."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(crest, axis=0).T))])
    for place in np.arange(4, along[-1], 11):
        i = int(np.searchsorted(along, place))
        size = np.interp(place / along[-1], [0, 1], sizes)
        r = size * sheet.rng.uniform(8, 18)
        centre = crest[i] + sheet.rng.normal(0, 3 * size, 2)
        turn = np.linspace(0, 2 * np.pi, 49)
        rim = r * (1 + 0.12 * np.abs(np.sin(turn * 3.5 + sheet.rng.uniform(0, 3))))
        ring = (centre + rim[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)).astype(np.float32)
        puff = shape(sheet, ring)
        page.bare(puff)
        page.block(puff * step(-0.2 * r, r, sheet.y - centre[1]), AZURE, 0.7)
        start = sheet.rng.uniform(0, 6)
        page.line(np.roll(ring[:-1], int(start * 8), axis=0)[:42], 2.2 * size + 0.5)
        coil = np.linspace(0, 1, 34)
        spin = start + 8.5 * coil
        scroll = centre + (0.72 * r * (1 - coil))[:, None] * np.stack([np.cos(spin), np.sin(spin)], axis=1)
        page.line(scroll.astype(np.float32), 1.7 * size + 0.3)
