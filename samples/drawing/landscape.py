"""What grows and flows around the pen's town: clouds, the river with its reflections, stones, an old tree."""

from __future__ import annotations

import numpy as np

from .brush import ribbon
from .canvas import step
from .curve import spline
from .plate import Plate

BANK = 446.0


def sky(plate: Plate) -> None:
    """Long strokes that sweep around rounded clouds."""
    sheet = plate.sheet
    x, y = sheet.x, sheet.y
    cloud, bend, under = np.full(sheet.shape, -9.0, np.float32), np.zeros_like(x), np.zeros_like(x)
    for cx, cy, wide in (
        (250, 120, 74), (322, 92, 60), (380, 130, 66), (190, 150, 52), (300, 158, 80), (600, 60, 58), (668, 80, 66),
        (540, 88, 44), (730, 106, 50), (452, 158, 40),
    ):  # fmt: skip
        dx, dy = x - cx, (y - cy) * 1.5
        reach = 1 - np.hypot(dx, dy) / wide + 0.06 * np.sin(np.arctan2(dy, dx) * 9 + cx)
        nearer = reach > cloud
        bend = np.where(nearer, np.arctan2(dy, dx) + np.pi / 2 + 0.3 * (1 - reach), bend)
        under = np.where(nearer, (0.45 * dx + dy) / wide, under)
        cloud = np.maximum(cloud, reach)
    plate.dark = 0.50 - 0.0011 * y + 0.17 * np.sin(y / 21 + 1.5 * sheet.noise(130, 2))
    plate.angle = 0.16 * np.sin(x / 90 + y / 60) - 0.1 + 0.1 * sheet.noise(140)
    shade = np.clip(0.9 * (under - 0.18), -0.12, 0.5)
    plate.dark = np.where(cloud > 0, shade, plate.dark + 0.2 * step(-0.35, 0.0, cloud)).astype(np.float32)
    plate.angle = np.where(cloud > 0, bend, plate.angle).astype(np.float32)
    plate.part[cloud > 0] = 1
    plate.pens.append(1.1)


def river(plate: Plate) -> None:
    """Water: the town upside down, broken by ripples, all in level strokes."""
    sheet = plate.sheet
    x, y = sheet.x, sheet.y
    shore = BANK + 6 + 3 * np.sin(x / 40)
    shake = 5 * np.sin(y / 3.1 + 2 * sheet.noise((90, 12))) * step(0, 60, y - shore)
    mirror = sheet.sample(sheet.blur(plate.dark, 3), x + shake, 2 * shore - y - 0.25 * (y - shore))
    ripple = 0.26 * np.sin(np.clip(y - shore, 0, None) ** 0.86 / 2.3 + 1.6 * sheet.noise((120, 20), 2))
    water = y > shore
    plate.part[water] = len(plate.pens)
    plate.pens.append(1.3)
    plate.dark[water] = np.clip(0.08 + 0.8 * mirror + ripple - 0.12, 0.03, 0.95)[water]
    plate.angle[water] = (0.10 * np.cos(x / 34 + y / 16) + 0.05 * sheet.noise(60))[water]


def stones(plate: Plate) -> None:
    """A bank of rough stones at the lower right, the nearest the largest."""
    rng = plate.sheet.rng
    for y in np.sort(rng.uniform(474, 590, 46)):
        _stone(plate, 790 - rng.exponential(50) * (y - 430) / 70, y, (y - 420) * rng.uniform(0.10, 0.26))


def _stone(plate: Plate, x: float, y: float, size: float) -> None:
    turn = np.arange(7) * 2 * np.pi / 7
    outline = np.stack([x + size * np.cos(turn), y + 0.6 * size * np.sin(turn)], 1) + plate.sheet.rng.normal(
        0, 1.5, (7, 2)
    )
    plate.add(
        spline(outline, 40, True),
        lambda px, py: np.clip(0.36 + 0.5 * ((px - x) * 0.5 + py - y) / size, 0.05, 0.95),
        lambda px, _: 0.7 + 0.5 * (px - x) / size,
        1.7,
    )


def crown(plate: Plate, x: float, y: float, size: float, dark: float) -> None:
    """A clump of leaves: a scalloped ball, its strokes sprayed upwards, patches of light in it, dark below on the right."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    edge = size * (1 + 0.10 * np.abs(np.sin(turn * 5.5 + x)) + 0.04 * plate.sheet.rng.normal(0, 1, 60))
    outline = np.stack([x + edge * np.cos(turn), y + 0.85 * edge * np.sin(turn)], axis=1)

    def shade(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        dx, dy = px - x, py - y
        patches = 0.30 * np.sin(dx / 2.1 + x) * np.sin(dy / 2.4 + y)
        return np.clip(dark + 0.42 * (0.5 * dx + 0.85 * dy) / size + patches, 0.03, 0.97)

    def lean(px: np.ndarray, py: np.ndarray) -> np.ndarray:
        dx, dy = px - x, py - y
        return np.arctan2(dy + 0.7 * size, dx) + 0.7 * np.sin(dx / 5 + dy / 7 + x)

    plate.add(outline, shade, lean, 1.3)


def tree(plate: Plate) -> None:
    """An old tree on the near bank, at the left: it frames the view."""
    sheet, rng = plate.sheet, plate.sheet.rng
    bank = spline([(-20, 470), (60, 476), (150, 500), (210, 540), (250, 600), (-20, 600)], 70, True)
    plate.add(bank, np.clip(0.5 + 0.25 * sheet.noise((40, 14), 2), 0.15, 0.9), 0.5 + 0.3 * sheet.noise(50), 2.0)
    for points, girth in (
        ([(62, 560), (50, 470), (64, 380), (44, 290), (58, 200), (40, 90)], 46),
        ([(58, 300), (96, 236), (120, 180), (150, 130)], 18),
        ([(50, 250), (16, 190), (-10, 140)], 18), ([(54, 190), (84, 130), (92, 70)], 14),
    ):  # fmt: skip
        path = spline(points, 60)
        width = (
            girth
            * np.linspace(1, 0.4, 60)
            * (1 + 0.12 * np.sin(np.arange(60) / 2.3) + 0.5 * np.linspace(1, 0, 60) ** 12)
        )
        side = (sheet.x - np.interp(sheet.y, path[::-1, 1], path[::-1, 0])) / girth
        plate.add(
            ribbon(path, width),
            np.clip(0.52 + 0.8 * side, 0.06, 0.97),
            0.5 + 1.1 * side + 0.35 * np.sin(sheet.y / 17 + 4 * side),
            2.2,
        )
    for x, y in [
        (20, 40),
        (84, 20),
        (150, 40),
        (190, 16),
        (0, 100),
        (60, 90),
        (120, 84),
        (168, 92),
        (30, 150),
        (106, 140),
        (150, 128),
        (-6, 180),
    ]:
        for _ in range(6):
            crown(plate, x + rng.normal(0, 20), y + rng.normal(0, 16), rng.uniform(9, 24), rng.uniform(0.35, 0.7))
    for _ in range(70):
        x = rng.uniform(-10, 240)
        foot = np.array([x, 486 + 0.35 * x + rng.uniform(0, 60)])
        tip = foot + rng.normal((0, -29), (12, 8))
        plate.add(
            ribbon(spline([foot, (foot + tip) / 2 + (rng.normal(0, 3), 0), tip], 12), 4.5 * np.linspace(1, 0.1, 12)),
            rng.choice([0.97, 0.1, 0.1]),
            1.5,
            0.9,
        )
