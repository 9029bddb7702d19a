"""Cubist facets: translucent planes, each showing the motif a little moved, shaded to one side. A guitar player."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import fill, pixels
from .canvas import Sheet, colours, over, ramp, step

SIZE = (576, 768)
TINTS = colours("f8ecd0", "efc46e", "d98a3a", "c2452c", "e2603a", "1f7a86", "123f52", "8fc0b4", "1c1a24", "f3dfb8")
GROUND = colours("12232f", "1d5866", "6fa79f", "e2b968", "b5532f", "1f1a22")
ANGLES = np.radians([18, 38, 64, 98, 122, 152])


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the painting."""
    motif = _motif(sheet)
    grain = _patterns(sheet)
    picture = motif.copy()
    for shape in _cells(sheet):
        _facet(sheet, picture, motif, grain, shape, 1.0)
    for spacing, size in ((210, 300), (150, 150)):
        for centre in sheet.points(spacing, margin=40):
            shape = _polygon(sheet, centre, size * sheet.rng.uniform(0.7, 1.1))
            _facet(sheet, picture, motif, grain, shape, 0.55)
    picture = _drawn(sheet, picture)
    return _canvas_weave(sheet, picture)


def _cells(sheet: Sheet) -> list[np.ndarray]:
    """The sheet cut by straight lines, again and again, into convex facets: small at head and hands."""
    w, h = sheet.width, sheet.height
    todo, done = [np.float32([(-9, -9), (w + 9, -9), (w + 9, h + 9), (-9, h + 9)])], []
    while todo:
        shape = todo.pop()
        centre = shape.mean(axis=0)
        focus = min(np.hypot(*(centre - place)) for place in ((290, 200), (290, 560), (420, 470)))
        wanted = (24 + 0.17 * focus) * sheet.rng.uniform(0.8, 1.9)
        if np.sqrt(cv2.contourArea(shape)) < wanted:
            done.append(shape)
        else:
            todo.extend(_cut(sheet, shape, centre))
    return done


def _cut(sheet: Sheet, shape: np.ndarray, centre: np.ndarray) -> list[np.ndarray]:
    """A convex facet cut in two, across its length, along one of the picture's directions."""
    long = np.linalg.svd(shape - centre)[2][0]
    ways = sheet.rng.permutation(ANGLES)[:3] + sheet.rng.normal(0, 0.08, 3)
    normal = max((np.array([-np.sin(way), np.cos(way)]) for way in ways), key=lambda n: abs(n @ long))
    side = (shape - centre) @ normal - sheet.rng.normal(0, 0.08) * np.sqrt(cv2.contourArea(shape))
    halves: tuple[list, list] = ([], [])
    for i, (a, s) in enumerate(zip(shape, side)):
        b, t = shape[(i + 1) % len(shape)], side[(i + 1) % len(shape)]
        halves[int(s > 0)].append(a)
        if (s > 0) != (t > 0):
            crossing = a + (b - a) * (s / (s - t))
            halves[0].append(crossing)
            halves[1].append(crossing)
    return [np.float32(half) for half in halves if len(half) > 2]


def _blob(sheet: Sheet, cx: float, cy: float, rx: float, ry: float, tilt: float = 0.0) -> np.ndarray:
    """HW float32 signed reach of an ellipse: above 0 inside it, 1 at its centre."""
    c, s = np.cos(tilt), np.sin(tilt)
    dx, dy = sheet.x - cx, sheet.y - cy
    return 1 - np.hypot((dx * c + dy * s) / rx, (-dx * s + dy * c) / ry)


def _motif(sheet: Sheet) -> np.ndarray:
    """HWC float32: the figure before it is broken up: ground, shoulders, guitar, neck, head, hat, table."""
    t = 0.5 + 0.25 * sheet.noise(230, 2) + 0.25 * np.sin(sheet.x / 120) * np.cos(sheet.y / 150)
    picture = ramp(GROUND, t)
    coat, skin, wood, hat = colours("1d2233", "e9b98a", "c8762c", "26191c")
    parts = (
        (_blob(sheet, 290, 520, 215, 270), coat),
        (_blob(sheet, 200, 470, 62, 170, 0.5), colours("28506a")[0]),
        (_blob(sheet, 285, 285, 48, 90), skin * 0.8),
        (_blob(sheet, 290, 205, 84, 112), skin),
        (_blob(sheet, 332, 215, 42, 100), skin * 0.62),
        (_blob(sheet, 288, 108, 118, 40, -0.1), hat),
        (_blob(sheet, 285, 92, 72, 56), hat),
        (_blob(sheet, 250, 610, 118, 100, -0.5), wood),
        (_blob(sheet, 330, 535, 84, 74, -0.5), wood * 1.12),
        (_blob(sheet, 298, 566, 34, 34), hat),
        (_blob(sheet, 440, 440, 150, 15, -0.72), colours("5a2c1a")[0]),
        (_blob(sheet, 390, 520, 34, 46, 0.4), skin),
        (_blob(sheet, 480, 660, 44, 105), colours("2f7f6a")[0]),
    )
    for reach, colour in parts:
        shade = 0.62 + 0.55 * np.clip(reach, 0, 1) + 0.25 * np.tanh((sheet.height / 2 - sheet.x) / 260)
        picture = over(picture, np.clip(colour * shade[..., None], 0, 1), step(-0.005, 0.005, reach))
    return picture.astype(np.float32)


def _patterns(sheet: Sheet) -> list[np.ndarray]:
    """HW float32 surfaces, mean about 0: brushed paint in each direction, hatching, dots, wood grain."""
    brushed = [0.85 * sheet.streaks(angle, 44, 4) + 0.25 * sheet.noise(5, 2) for angle in ANGLES]
    x, y = sheet.x + 1.2 * sheet.noise(50), sheet.y + 1.2 * sheet.noise(50)
    hatched = [2.4 * step(0.1, 0.6, np.sin((x * np.cos(a) + y * np.sin(a)) * 0.9)) - 1.0 for a in ANGLES[1::2]]
    dots = 3.0 * step(0.35, 0.6, np.sin(0.62 * (x + y)) * np.sin(0.62 * (x - y))) - 1.0
    wood = 1.5 * np.sin(y * 0.55 + 0.2 * x + 3.4 * sheet.noise((240, 34), 2)) + 0.5 * sheet.streaks(0.35, 50, 2)
    return [*brushed, *brushed, *hatched, dots, wood, wood]


def _polygon(sheet: Sheet, centre: np.ndarray, size: float) -> np.ndarray:
    """A kite, triangle, trapezium or segment of a circle (N, 2) in units, along one of the picture's few directions."""
    way = sheet.rng.choice(ANGLES)
    if sheet.rng.random() < 0.3:
        turns = np.linspace(0, np.pi * sheet.rng.uniform(0.8, 1.1), 24)
        shape = 0.5 * size * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    else:
        corners = int(sheet.rng.choice([3, 4, 4]))
        turns = np.sort(sheet.rng.uniform(-0.28, 0.28, corners) + np.arange(corners)) * (2 * np.pi / corners)
        radii = size / 2 * sheet.rng.uniform(0.75, 1.2, corners)
        shape = np.stack([1.5 * radii * np.cos(turns), 0.7 * radii * np.sin(turns)], axis=1)
    c, s = np.cos(way), np.sin(way)
    return (centre + shape @ np.array([[c, s], [-s, c]])).astype(np.float32)


def _facet(sheet: Sheet, picture: np.ndarray, motif: np.ndarray, grain: list, shape: np.ndarray, cover: float) -> None:
    """One plane, painted in place: the moved motif, tinted, shaded across; where cover < 1, fading out on one side."""
    low = np.clip(np.floor(shape.min(axis=0) * sheet.k).astype(int) - 2, 0, None)
    high = np.minimum(np.ceil(shape.max(axis=0) * sheet.k).astype(int) + 2, sheet.shape[::-1])
    if (high - low < 4).any():
        return
    window = np.s_[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(mask, [pixels(sheet, shape - low / sheet.k)], 255, cv2.LINE_AA, 4)
    mask = mask.astype(np.float32) / 255
    centre, size = shape.mean(axis=0), np.ptp(shape, axis=0).max()
    slide = sheet.rng.uniform(0, 2 * np.pi)
    across = (sheet.x[window] - centre[0]) * np.cos(slide) + (sheet.y[window] - centre[1]) * np.sin(slide)
    fade = np.clip(0.5 + across / size, 0, 1)
    streak = grain[sheet.rng.integers(len(grain))][window]
    moved = _moved(sheet, motif, window, size)
    near = ((TINTS - moved.mean(axis=(0, 1))) ** 2).sum(axis=1)
    tint = TINTS[sheet.rng.choice(np.argsort(near)[:4])]
    head = np.exp(-((np.hypot(*(centre - (290, 200))) / 120) ** 2))
    colour = moved + (tint - moved) * sheet.rng.choice([0.2, 0.45, 0.85]) * (1 - 0.6 * head)
    tone = sheet.rng.uniform(0.36, 0.70) + 0.95 * fade + 0.085 * streak
    colour = colour * tone[..., None] + 0.30 * np.clip(tone - 1, 0, 1)[..., None] * TINTS[0]
    alpha = mask * (1 if cover == 1 else np.clip(cover * (1.7 * fade - 0.35) + 0.05 * streak, 0, 0.9))
    picture[window] = np.clip(over(picture[window], colour, alpha), 0, 1)
    _edges(sheet, picture, shape, slide, cover)


def _moved(sheet: Sheet, motif: np.ndarray, window: tuple, size: float) -> np.ndarray:
    """The motif behind the window, shifted, turned and enlarged a little."""
    rows, cols = window
    turn, zoom = sheet.rng.normal(0, 0.12), sheet.rng.uniform(0.85, 1.1)
    shift = sheet.rng.normal(0, 0.09 * size + 3, 2) * sheet.k
    cx, cy = (cols.start + cols.stop) / 2, (rows.start + rows.stop) / 2
    c, s = zoom * np.cos(turn), zoom * np.sin(turn)
    matrix = np.float32(
        [
            [c, -s, cx + shift[0] + c * (cols.start - cx) - s * (rows.start - cy)],
            [s, c, cy + shift[1] + s * (cols.start - cx) + c * (rows.start - cy)],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    out = (cols.stop - cols.start, rows.stop - rows.start)
    return cv2.warpAffine(motif, matrix, out, flags=flags, borderMode=cv2.BORDER_REFLECT)


def _edges(sheet: Sheet, picture: np.ndarray, shape: np.ndarray, slide: float, cover: float) -> None:
    """A dark line along the lit sides, where the plane is solid; on some of the whole planes a light one beside it."""
    ahead = np.roll(shape, -1, axis=0)
    reach = np.ptp(shape, axis=0).max()
    lit = ((shape + ahead) / 2 - shape.mean(axis=0)) @ np.array([np.cos(slide), np.sin(slide)]) > 0.12 * reach
    thick = max(1, round((sheet.rng.choice([0.8, 1.2, 2.2]) if cover == 1 else 0.8) * sheet.k))
    pale = cover == 1 and sheet.rng.random() < 0.25
    inward = shape + 0.035 * (shape.mean(axis=0) - shape)
    for i in np.flatnonzero(lit):
        ends = pixels(sheet, np.stack([shape[i], ahead[i]]))
        cv2.line(picture, ends[0].tolist(), ends[1].tolist(), (0.07, 0.05, 0.07), thick, shift=4)
        if pale:
            ends = pixels(sheet, np.stack([inward[i], inward[(i + 1) % len(shape)]]))
            cv2.line(picture, ends[0].tolist(), ends[1].tolist(), (0.97, 0.92, 0.80), max(1, round(sheet.k)), shift=4)


def _drawn(sheet: Sheet, picture: np.ndarray) -> np.ndarray:
    """The few lines that bring the figure back: profile, eye, hat, the guitar's waist, hole and strings."""
    ink = np.zeros(sheet.shape, np.uint8)
    thick = max(1, round(2.0 * sheet.k))
    profile = [
        (258, 120),
        (252, 168),
        (222, 222),
        (246, 232),
        (240, 250),
        (250, 258),
        (240, 272),
        (258, 302),
        (300, 312),
    ]
    curves = [
        profile,
        [(262, 270), (286, 265), (316, 272)],
        [(268, 277), (290, 281), (310, 274)],
        [(232, 176), (262, 170), (284, 178)],
        [(300, 178), (326, 170), (346, 182)],
    ]
    for curve in curves:
        cv2.polylines(ink, [pixels(sheet, np.float32(curve))], False, 255, thick, cv2.LINE_AA, 4)
    for cx, cy, rx, ry, tilt, first, last in (
        (262, 184, 15, 8, 0, 0, 360), (326, 188, 15, 9, 0, 0, 360), (250, 610, 118, 100, -29, 20, 300),
        (330, 535, 84, 74, -29, 190, 420), (298, 566, 34, 34, 0, 0, 360), (298, 566, 25, 25, 0, 30, 250),
    ):  # fmt: skip
        points = cv2.ellipse2Poly((int(cx), int(cy)), (int(rx), int(ry)), int(tilt), first, last, 3)
        cv2.polylines(ink, [pixels(sheet, points.astype(np.float32))], False, 255, thick, cv2.LINE_AA, 4)
    for i in range(5):
        ends = pixels(sheet, np.float32([(196 + 5 * i, 640 + 6 * i), (540 + 3 * i, 335 + 4 * i)]))
        cv2.line(ink, ends[0].tolist(), ends[1].tolist(), 255, max(1, round(0.9 * sheet.k)), cv2.LINE_AA, 4)
    for cx, cy in ((263, 185), (327, 189)):
        fill(sheet, ink, np.float32([(cx - 5, cy - 5), (cx + 5, cy - 4), (cx + 4, cy + 5), (cx - 4, cy + 5)]), 255)
    wear = np.clip(0.8 + 0.22 * sheet.noise(14, 3), 0, 1)
    return over(picture, np.float32([0.07, 0.05, 0.06]), ink.astype(np.float32) / 255 * wear)


def _canvas_weave(sheet: Sheet, picture: np.ndarray) -> np.ndarray:
    """Short dabs of the brush and the weave under them."""
    dabs = np.where(sheet.noise(60) > 0, sheet.streaks(0.6, 22, 4.5), sheet.streaks(2.2, 22, 4.5))
    weave = np.sin(sheet.x * 2.4) * np.sin(sheet.y * 2.4)
    picture = 0.25 * picture + 0.75 * step(-0.06, 0.94, picture)
    return np.clip(picture * (1 + 0.035 * dabs + 0.02 * weave + 0.03 * sheet.noise(3))[..., None], 0, 1)
