"""Charcoal and white chalk on warm grey paper: smudged masses, hatching, erased lights. A dancer on a stage."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import bristles, fill, normals, ribbon, trace
from .canvas import Sheet, colours, over, relief, step
from .curve import spline, turned
from .paper import tooth

SIZE = (576, 768)
PAPER, COAL, CHALK, SANGUINE = colours("b7a48b", "191516", "faf4e6", "7d3f2a")
LIMBS = (  # points along the middle, full widths there; the furthest first
    ([(318, 404), (394, 384), (452, 346), (506, 304), (538, 272), (556, 244)], [54, 44, 33, 20, 14, 4]),
    ([(292, 264), (350, 246), (412, 262), (452, 262), (470, 266)], [22, 18, 13, 9, 4]),
    ([(302, 404), (298, 480), (303, 524), (294, 570), (298, 644), (294, 676), (288, 718)], [50, 38, 29, 32, 17, 18, 6]),
    ([(305, 412), (298, 356), (284, 316), (272, 276), (267, 252)], [64, 45, 58, 64, 24]),
    ([(270, 272), (266, 244), (258, 218)], [30, 19, 21]),
    ([(254, 272), (206, 226), (192, 156), (220, 104), (258, 84)], [25, 20, 16, 11, 4]),
)
PROFILE = (
    (-0.10, -0.52), (-0.32, -0.36), (-0.36, -0.13), (-0.36, -0.06), (-0.48, 0.11), (-0.38, 0.15), (-0.41, 0.22),
    (-0.36, 0.25), (-0.39, 0.30), (-0.34, 0.35), (-0.36, 0.46), (-0.22, 0.51), (0.04, 0.36), (0.22, 0.26), (0.36, 0.0),
    (0.34, -0.25), (0.15, -0.49),
)  # fmt: skip
HAIR = (
    (-0.28, -0.42), (-0.10, -0.57), (0.17, -0.55), (0.38, -0.52), (0.62, -0.44), (0.64, -0.20), (0.42, -0.10),
    (0.38, 0.06), (0.20, 0.22), (0.06, 0.10), (0.02, -0.14), (-0.12, -0.24),
)  # fmt: skip
SKIRT = (
    (282, 358), (236, 366), (176, 396), (134, 444), (168, 470), (214, 474), (262, 506), (318, 498), (372, 512),
    (420, 480), (470, 470), (496, 418), (462, 380), (404, 352), (350, 346), (316, 352),
)  # fmt: skip
BACKDROP, BODY, CLOTH, GAUZE, FLOOR = range(5)
PASSES = (  # spacing, width, length, slant, the tone that gets none
    (22, 26, 150, 1.0, 0.46), (15, 7, 120, 0.8, 0.46), (13, 3.4, 100, 1.05, 0.36), (14, 2.6, 72, 2.3, 0.56),
    (8, 1.3, 60, 0.75, 0.20),
)  # fmt: skip


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the drawing."""
    grain = tooth(sheet, 1.7)
    region, tone, angle = _model(sheet)
    coal = _smudged(sheet, tone, grain)
    for spacing, width, length, slant, floor in PASSES:
        way = np.where(region == GAUZE, angle, angle + slant).astype(np.float32)
        marks = _strokes(sheet, region, way, tone - floor, spacing, (width, length))
        coal = 1 - (1 - coal) * (1 - _deposit(marks, grain))
    rubber = _strokes(sheet, region, angle + 0.9, 0.30 - tone, 15, (12, 100))
    coal *= 1 - 0.72 * sheet.blur(rubber, 1.2)
    chalk = np.zeros(sheet.shape, np.float32)
    for spacing, width, length in ((13, 9, 80), (8, 3.5, 70), (6, 1.6, 46)):
        way = np.where(region == GAUZE, angle, angle + 0.95).astype(np.float32)
        marks = _strokes(sheet, region, way, 0.26 - tone, spacing, (width, length))
        chalk = np.maximum(chalk, _deposit(1.6 * marks, grain))
    line, light = _contours(sheet, grain)
    chalk, coal = np.maximum(chalk, light), 1 - (1 - coal * (1 - 0.7 * light)) * (1 - line)
    warm = step(0.2, 0.6, tone) * (region == BODY) * _deposit(np.full(sheet.shape, 0.3, np.float32), grain)
    paper = PAPER * (1 + 0.03 * sheet.noise(150, 3) + 0.022 * grain + 0.015 * sheet.streaks(1.5, 70, 2))[..., None]
    picture = over(over(paper, SANGUINE, 0.4 * warm), CHALK, np.clip(0.97 * chalk * (1 - 0.5 * coal), 0, 1))
    return np.clip(over(picture, COAL, np.clip(coal, 0, 0.96)), 0, 1)


def _deposit(pressure: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """HW float32 cover of a dry stick: light pressure touches only the hills of the tooth, heavy pressure fills it."""
    return (
        step(-1.4, 1.4, grain + 4.0 * (pressure - 0.5)) * np.clip(0.15 + 0.9 * pressure, 0, 1) * step(0, 0.1, pressure)
    )


def _model(sheet: Sheet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Region number, how dark it should be (0 to 1), and the strokes' direction (radians, before their slant)."""
    x, y = sheet.x, sheet.y
    region = np.full(sheet.shape, BACKDROP, np.uint8)
    glow = np.exp(-(((x - 400) / 150) ** 2) - ((y - 250) / 210) ** 2)
    folds = np.sin(x / 13 + 1.3 * sheet.noise((90, 420), 2)) * (step(170, 90, x) + step(470, 540, x))
    tone = 0.56 - 0.44 * glow + 0.20 * folds + 0.10 * sheet.noise(110, 3)
    angle = 0.25 * sheet.noise(150, 2) + 0.55 * (step(170, 90, x) + step(470, 540, x))
    floor = y > 596 + 0.05 * (x - 288) + 2 * sheet.noise(60)
    pool = np.exp(-(((x - 250) / 190) ** 2) - ((y - 690) / 60) ** 2)
    shade = step(30, 8, np.abs(y - 716 + 0.16 * (x - 290)) + 8 * sheet.noise(40)) * step(270, 310, x)
    region[floor] = FLOOR
    tone = np.where(floor, 0.62 - 0.58 * pool + 0.55 * shade + 0.08 * sheet.noise((120, 14), 2), tone)
    angle = np.where(floor, -1.0 + 0.1 * sheet.noise(90), angle)
    region, tone = _figure(sheet, region, tone)
    r, turn = np.hypot(x - 306, y - 338), np.arctan2(y - 338, x - 306)
    pleat = np.interp(turn.ravel(), np.linspace(-np.pi, np.pi, 190), sheet.rng.standard_normal(190)).reshape(turn.shape)
    gauze = 0.20 + 0.20 * pleat + 0.30 * step(90, 190, r) * step(0.2, 1.2, turn + 0.2 * pleat) + 0.3 * step(36, 12, r)
    veil = np.zeros(sheet.shape, np.uint8)
    fill(sheet, veil, _hem(sheet, 1.0), 255)
    tone = np.where(veil > 127, gauze + 0.25 * (region == BODY) * (y > 395), tone)
    region[veil > 127] = GAUZE
    angle = np.where(region == GAUZE, turn, angle)
    return region, np.clip(tone, 0, 1).astype(np.float32), angle.astype(np.float32)


def _hem(sheet: Sheet, size: float) -> np.ndarray:
    """The skirt's outline, its hem frilled."""
    outline = spline(SKIRT, 160, closed=True)
    frill = np.convolve(sheet.rng.normal(0, 1, 166), np.hanning(9)[1:-1] / 4, "valid") * 0.03
    return ((outline - (306, 350)) * (size * (1 + frill))[:, None] + (306, 350)).astype(np.float32)


def _limb(points: list, widths: list) -> np.ndarray:
    t = np.linspace(0, 1, 60)
    girth = spline(np.stack([np.arange(len(widths)), widths], 1), 60)[:, 1]
    return ribbon(spline(points, 60), girth * np.clip(0.8 + 9 * np.minimum(t, 1 - t), 0, 1))


def _figure(sheet: Sheet, region: np.ndarray, tone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The dancer: each limb rounded by its own shade, lit from the upper left, over those behind it."""
    head, hair = (turned(shape, 0.10, 74, (254, 192)) for shape in (spline(PROFILE, 90, True), spline(HAIR, 70, True)))
    for i, outline in enumerate([*(_limb(*limb) for limb in LIMBS), head]):
        mask = np.zeros(sheet.shape, np.uint8)
        fill(sheet, mask, outline, 255)
        inside = mask > 127
        depth = np.sqrt(np.minimum(sheet.distance(inside), 16) * 16)
        lean = relief(sheet.blur(depth, 2.6) * sheet.k, -2.6, 1.1)
        shade = 0.20 - 0.12 * (outline is head) - 0.62 * lean
        bodice = (i == 3) & (sheet.y > 292)
        tone = np.where(inside, shade + 0.5 * bodice, tone)
        region = np.where(inside, np.where(bodice, CLOTH, BODY), region)
    mask = np.zeros(sheet.shape, np.uint8)
    fill(sheet, mask, hair, 255)
    sheen = step(0.5, 1.4, sheet.streaks(0.5, 60, 4))
    return np.where(mask > 127, CLOTH, region), np.where(mask > 127, 0.95 - 0.5 * sheen, tone)


def _smudged(sheet: Sheet, tone: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """The first charcoal, rubbed into the paper with the hand: soft, streaked by fingers."""
    hand = 0.6 * sheet.streaks(2.2, 110, 9) + 0.5 * sheet.streaks(0.9, 60, 4) + 0.5 * sheet.noise(40, 3)
    base = 0.6 * sheet.blur(tone, 3) + 0.4 * sheet.blur(tone, 14)
    return np.clip((0.80 * base - 0.10) * (1 + 0.16 * hand) + 0.035 * grain, 0, 0.8)


def _strokes(
    sheet: Sheet, region: np.ndarray, angle: np.ndarray, need: np.ndarray, spacing: float, size: tuple[float, float]
) -> np.ndarray:
    """HW float32 pressure of one pass of strokes (width, length), the harder the more tone they still `need`."""
    marks, (width, length) = np.zeros(sheet.shape, np.uint8), size
    starts = sheet.points(spacing, margin=8)
    want = sheet.sample(need, starts[:, 0], starts[:, 1])
    chosen = np.flatnonzero(want > 0.5 * sheet.rng.random(len(starts)) ** 1.5)
    chosen = chosen[np.argsort(want[chosen])]  # the heaviest last, on top
    starts, want = starts[chosen], want[chosen]
    for path, push in zip(trace(sheet, angle, starts, length, 22), want):
        home = sheet.sample(region, *path[11])
        stays = sheet.sample(region, path[:, 0], path[:, 1]) == home
        first = 11 - int(np.argmin(np.append(stays[11::-1], False))) + 1
        last = 11 + int(np.argmin(np.append(stays[11:], False)))
        path = path[max(first, sheet.rng.integers(0, 7)) : min(last, 22 - sheet.rng.integers(0, 7))]
        if len(path) > 3:
            girth = width * sheet.rng.uniform(0.6, 1.2) * (0.4 if home == BODY else 1)
            _stroke(sheet, marks, path, girth, float(np.clip(0.28 + 0.16 * (width < 5) + 0.75 * push, 0, 0.92)))
    return marks.astype(np.float32) / 255


def _stroke(sheet: Sheet, marks: np.ndarray, path: np.ndarray, width: float, push: float) -> None:
    """The stick's side, streak by streak, or its edge: a line that swells and lifts."""
    if width > 5:
        for place, line in bristles(sheet, path, width, 1.6, 0.2):
            tone = 255 * push * sheet.rng.uniform(0.55, 1.0) * (1 - 0.35 * abs(place))
            cv2.polylines(marks, [line], False, tone, max(1, round(1.7 * sheet.k)), cv2.LINE_AA, 4)
    else:
        t = np.linspace(0, 1, len(path))
        fill(sheet, marks, ribbon(path, width * (0.35 + np.sin(np.pi * t**0.7))), 255 * push)


def _contours(sheet: Sheet, grain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cover of the drawn outlines: coal, sought more than once and heavy in the shade, and chalk on the lit side."""
    marks, light = np.zeros(sheet.shape, np.uint8), np.zeros(sheet.shape, np.uint8)
    head, hair = (turned(spline(*shape), 0.10, 74, (254, 192)) for shape in ((PROFILE[:13], 90), (HAIR, 70, True)))
    for brow in (((-0.34, -0.16), (-0.28, -0.19), (-0.18, -0.15)), ((-0.32, -0.06), (-0.27, -0.08), (-0.20, -0.04))):
        fill(sheet, marks, ribbon(turned(spline(brow, 12), 0.10, 74, (254, 192)), np.linspace(1.2, 2.4, 12)), 220)
    veil = np.zeros(sheet.shape, np.uint8)
    fill(sheet, veil, spline(SKIRT, 160, True), 255)
    for outline in [*(_limb(*limb) for limb in LIMBS), head, hair]:
        ahead = np.roll(outline, -1, axis=0)
        inward = np.sign(np.sum(outline[:, 0] * ahead[:, 1] - ahead[:, 0] * outline[:, 1]))
        side = -inward * normals(outline)
        shade = side @ np.array([0.75, 0.66])
        for push, wide in ((235, 2.6), (120, 1.2), (90, 0.9)):
            n = len(outline)
            sway = np.convolve(sheet.rng.normal(0, 1.6, n + 14), np.ones(15) / 15, "valid") * (4 if push < 200 else 1)
            width = (
                np.where(sheet.sample(veil, *outline.T) > 0, 0.3, 1)
                * wide
                * np.clip(0.35 + 0.9 * shade + 0.3 * np.sin(np.arange(n) / 9), 0.12, 2)
            )
            fill(sheet, marks, ribbon(outline + side * sway[:, None], width), push)
        lit = np.clip(-0.2 - shade, 0, 1) * np.where(sheet.sample(veil, *outline.T) > 0, 0.8, 5.0)
        fill(sheet, light, ribbon(outline - side * (0.8 * lit)[:, None], lit), 235)
    for _ in range(90):
        hem = _hem(sheet, sheet.rng.uniform(0.62, 1.04))
        start = sheet.rng.integers(0, 150)
        part = hem[start : start + sheet.rng.integers(6, 22)]
        fill(sheet, light if sheet.rng.random() < 0.75 else marks, ribbon(part, np.full(len(part), 1.3)), 190)
    return _deposit(marks.astype(np.float32) / 255, grain), _deposit(light.astype(np.float32) / 255, grain)
