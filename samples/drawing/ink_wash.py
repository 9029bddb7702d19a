"""Ink and wash on warm paper: pools that dry with dark rims, dry-brush strokes, spatter, one vermilion sun."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import bristles, fill, normals, ribbon
from .canvas import Sheet, colours, relief, step

SIZE = (576, 768)
PAPER = colours("f3e6c8")[0]
INK = -np.log(colours("191a24"))[0]  # what a full layer of ink takes from each channel
BLUE = -np.log(colours("5a6f86"))[0]
RED = -np.log(colours("d63a22"))[0]


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the drawing. Layers add up as optical density, as glazes do."""
    tooth = sheet.noise(2.6, 2)
    density = _ground(sheet) + _sun(sheet, tooth)
    for ridge in _ridges(sheet):
        density += _mountain(sheet, ridge, tooth)
    marks = np.zeros(sheet.shape, np.uint8)
    red = np.zeros(sheet.shape, np.uint8)
    _rocks(sheet, marks)
    _reeds(sheet, marks)
    _branches(sheet, marks, red)
    _spatter(sheet, marks, red)
    density += _absorbed(sheet, marks, tooth)[..., None] * INK
    density += 1.0 * _absorbed(sheet, red, tooth)[..., None] * RED
    fibres = 0.5 * sheet.streaks(0.3, 26, 1.2) + 0.5 * sheet.streaks(1.9, 30, 1.2)
    paper = PAPER * (1 + 0.025 * fibres + 0.02 * tooth + 0.03 * sheet.noise(200, 3) + 0.05 * relief(tooth))[..., None]
    return np.clip(paper * np.exp(-np.clip(density, 0, 3.2)), 0, 1)


def _wash(sheet: Sheet, reach: np.ndarray, load: np.ndarray | float, tooth: np.ndarray, wet: float = 7.0) -> np.ndarray:
    """HW float32 density of a pool of ink where reach > 0 (units): thin inside, a dark rim, blooms and grains."""
    reach = reach + wet * 0.55 * sheet.noise(26, 4) + 0.8 * tooth
    inside = step(-0.6, 0.9, reach)
    rim = np.exp(-(((reach - 1.6) / 1.7) ** 2))
    pool = 0.62 + 0.20 * sheet.noise(70, 3) + 0.55 * rim + 0.08 * tooth
    bloom = sheet.noise(48, 3)
    pool += 0.30 * np.exp(-(((bloom - 0.7) / 0.09) ** 2)) - 0.22 * step(0.7, 1.1, bloom)
    return inside * np.clip(pool, 0.05, 2) * load


def _ground(sheet: Sheet) -> np.ndarray:
    """The first broad washes, with the brush's streaks, so that no paper stays bare."""
    tooth = sheet.noise(2.6, 2)
    total = np.zeros((*sheet.shape, 3), np.float32)
    for tint, angle, load, level in (
        (BLUE, 0.12, 0.34, 0.0),
        (INK, -0.25, 0.15, 0.4),
        (BLUE, 0.5, 0.3, 0.7),
        (RED, 0.1, 0.10, 0.8),
    ):
        reach = 24 * (sheet.noise(190, 3) - level)
        stroke = np.clip(1 + 0.42 * sheet.streaks(angle, 160, 5) + 0.2 * sheet.streaks(angle, 60, 2), 0.1, 2)
        total += (_wash(sheet, reach, load, tooth) * stroke)[..., None] * tint
    return total


def _sun(sheet: Sheet, tooth: np.ndarray) -> np.ndarray:
    r = np.hypot(sheet.x - 398, sheet.y - 178)
    turn = np.arctan2(sheet.y - 178, sheet.x - 398)
    hairs = np.interp(r.ravel(), np.linspace(0, 110, 160), sheet.rng.standard_normal(160)).reshape(r.shape)
    disc = _wash(sheet, 84 - r, 0.95, tooth, 3.0) * (1 + 0.20 * hairs * (0.6 + 0.4 * np.cos(turn - 1)))
    return np.clip(disc, 0, 2)[..., None] * RED


def _ridges(sheet: Sheet) -> list[tuple[np.ndarray, float, np.ndarray]]:
    """For each mountain, far to near: depth below its ridge (HW units), ink load, colour taken away."""
    out = []
    for level, peak, centre, wide, load, tint in (
        (330, 150, 150, 130, 0.5, BLUE), (400, 110, 430, 110, 0.75, BLUE), (430, 190, 250, 95, 0.5, INK),
        (540, 120, 60, 120, 0.6, INK), (590, 100, 500, 130, 0.7, INK),
    ):  # fmt: skip
        x = np.arange(sheet.shape[1]) / sheet.k
        crag = np.abs(
            np.interp(x, np.arange(0, sheet.width + 40, 17), sheet.rng.normal(0, 13, int(sheet.width + 40) // 17 + 1))
        )
        ridge = level - peak * np.exp(-(((x - centre) / wide) ** 2)) - 24 * np.sin(x / 53 + centre) - crag
        out.append(((sheet.y - ridge[None]).astype(np.float32), load, tint))
    return out


def _mountain(sheet: Sheet, ridge: tuple[np.ndarray, float, np.ndarray], tooth: np.ndarray) -> np.ndarray:
    """A wash that fades downward into mist, with axe-cut strokes down its sides."""
    depth, load, tint = ridge
    mist = 0.05 + 0.95 * np.exp(-np.clip(depth, 0, None) / 58)
    body = _wash(sheet, depth, load, tooth, 6.0) * mist
    cuts = np.maximum(sheet.streaks(1.15, 52, 5), sheet.streaks(1.95, 46, 6)) + 0.35 * sheet.streaks(1.5, 20, 2)
    dry = step(0.75, 1.25, cuts + 0.35 * tooth) * step(3, 10, depth) * np.exp(-np.clip(depth, 0, None) / 70)
    return (body + 0.9 * load * dry)[..., None] * tint


def _dry_stroke(sheet: Sheet, marks: np.ndarray, path: np.ndarray, width: float, wet: float) -> None:
    """A flat brush running dry: one bristle after another lifts off the paper, the sooner the less `wet` it was."""
    load = wet * np.linspace(1.3, 0.5, len(path))
    for place, line in bristles(sheet, path, width, 0.9, ragged=0.12):
        unsteady = np.convolve(sheet.rng.normal(0, 0.3, len(line) + 8), np.ones(9) / 9, "valid")
        down = load[: len(line)] + unsteady > sheet.rng.random() + 0.15 * abs(place)
        tone = int(sheet.rng.uniform(110, 255))
        for i in np.flatnonzero(down[:-1]):
            cv2.line(marks, line[i].tolist(), line[i + 1].tolist(), tone, max(1, round(1.1 * sheet.k)), cv2.LINE_AA, 4)


def _bent(sheet: Sheet, start: tuple, heading: float, length: float, bend: float, steps: int = 40) -> np.ndarray:
    """A path (steps, 2) from `start` that turns by `bend` (radians) with a little unsteadiness."""
    turn = heading + np.linspace(0, bend, steps) + np.cumsum(sheet.rng.normal(0, 0.035, steps))
    move = np.stack([np.cos(turn), np.sin(turn)], axis=1) * (length / steps)
    return (np.array(start) + np.cumsum(move, axis=0)).astype(np.float32)


def _rocks(sheet: Sheet, marks: np.ndarray) -> None:
    """The foreground: a bank of broad dry strokes laid across each other."""
    for _ in range(15):
        start = (sheet.rng.uniform(-60, sheet.width - 60), sheet.rng.uniform(690, sheet.height + 20))
        path = _bent(sheet, start, sheet.rng.normal(-0.12, 0.2), sheet.rng.uniform(120, 280), sheet.rng.normal(0, 0.4))
        _dry_stroke(sheet, marks, path, sheet.rng.uniform(14, 44), sheet.rng.uniform(0.3, 0.75))


def _reeds(sheet: Sheet, marks: np.ndarray) -> None:
    """Blades in one press and lift of a pointed brush, pale ones behind, black ones before."""
    for tone in np.linspace(60, 255, 64):
        start = (sheet.rng.choice([30, 170, 330, 520]) + sheet.rng.normal(0, 42), sheet.height + 12)
        heading = -np.pi / 2 + sheet.rng.normal(0, 0.42)
        path = _bent(
            sheet, start, heading, sheet.rng.uniform(90, 250), sheet.rng.normal(0, 0.7) + 1.1 * (heading + np.pi / 2)
        )
        t = np.linspace(0, 1, len(path))
        width = sheet.rng.uniform(5, 14) * np.clip(2.2 * t + 0.25, 0, 1) * (1 - t) ** 0.8
        fill(sheet, marks, ribbon(path, width), int(tone))


def _branches(sheet: Sheet, marks: np.ndarray, red: np.ndarray) -> None:
    """Old plum boughs reaching in from the left and the lower right, twigs, buds and vermilion blossom."""
    boughs = [((-10, 560), -0.75, 430, 0.55, 24), ((-10, 300), 0.2, 300, -0.75, 15), ((590, 700), -2.2, 360, -0.5, 19)]
    while boughs:
        start, heading, length, bend, width = boughs.pop()
        path = _bent(sheet, start, heading, length, bend)
        taper = width * np.linspace(1, 0.3, len(path)) * (1 + 0.15 * np.sin(np.arange(len(path)) * 0.9))
        fill(sheet, marks, ribbon(path, 0.55 * taper), 225)
        _dry_stroke(sheet, marks, path, width, 0.7)
        if width > 3:
            for i in sheet.rng.integers(8, len(path) - 1, int(2 + length / 62)):
                lean = heading + sheet.rng.choice([-1, 1]) * sheet.rng.uniform(0.4, 1.0)
                boughs.append(
                    (
                        tuple(path[i]),
                        lean,
                        length * sheet.rng.uniform(0.2, 0.45),
                        sheet.rng.normal(0, 0.5),
                        width * 0.36,
                    )
                )
        else:
            _blossom(sheet, marks, red, path)


def _blossom(sheet: Sheet, marks: np.ndarray, red: np.ndarray, path: np.ndarray) -> None:
    """Petals dabbed beside a twig, each with a few dark stamens."""
    for i in sheet.rng.integers(0, len(path), 2):
        centre = path[i] + normals(path)[i] * sheet.rng.uniform(-6, 6)
        size = sheet.rng.uniform(3.5, 7.5)
        for turn in np.arange(5) * 2 * np.pi / 5 + sheet.rng.uniform(0, 6):
            petal = centre + size * 0.8 * np.array([np.cos(turn), np.sin(turn)])
            edge = np.linspace(0, 2 * np.pi, 12)
            ring = np.stack([np.cos(edge), np.sin(edge)], axis=1) * size * sheet.rng.uniform(0.5, 0.75)
            fill(sheet, red, (petal + ring).astype(np.float32), int(sheet.rng.uniform(120, 255)))
            tip = centre + size * 0.9 * np.array([np.cos(turn + 0.5), np.sin(turn + 0.5)])
            cv2.line(marks, *pixels_of(sheet, centre, tip), 230, max(1, round(0.7 * sheet.k)), cv2.LINE_AA, 4)


def pixels_of(sheet: Sheet, *points: np.ndarray) -> list[list[int]]:
    """Each point (X, Y) in units as fixed-point pixels for OpenCV's shift=4."""
    return [np.round(np.asarray(point) * sheet.k * 16).astype(int).tolist() for point in points]


def _spatter(sheet: Sheet, marks: np.ndarray, red: np.ndarray) -> None:
    """Drops flicked from the brush: many fine ones, few large, in drifts."""
    for target, count, drifts in (
        (marks, 520, ((120, 140), (470, 420), (300, 690))),
        (red, 110, ((420, 200), (140, 420))),
    ):
        for _ in range(count):
            centre = np.array(drifts[sheet.rng.integers(len(drifts))]) + sheet.rng.normal(0, 110, 2)
            radius = min(0.5 + sheet.rng.exponential(0.9), 6.5)
            (spot,) = pixels_of(sheet, centre)
            axes = [max(8, round(radius * sheet.k * 16 * f)) for f in (1, sheet.rng.uniform(0.7, 1))]
            tone = int(sheet.rng.uniform(130, 255))
            cv2.ellipse(target, spot, axes, float(sheet.rng.uniform(0, 180)), 0, 360, tone, -1, cv2.LINE_AA, 4)


def _absorbed(sheet: Sheet, marks: np.ndarray, tooth: np.ndarray) -> np.ndarray:
    """HW float32 density of drawn marks as the paper takes them: broken by its tooth, feathered, bled a little."""
    marks = marks.astype(np.float32) / 255
    bled = sheet.blur(marks, 5.5)
    crisp = sheet.blur(marks, 0.5)
    grainy = step(0.22, 0.62, crisp + 0.12 * tooth) * (0.35 + 0.75 * crisp)
    return np.clip(1.15 * grainy + 0.28 * bled * (1 + 0.5 * sheet.noise(12, 3)), 0, 1.6)
