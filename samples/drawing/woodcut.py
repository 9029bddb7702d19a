"""A woodcut in three colours: gouged lines that follow the form, grain, and blocks printed not quite in register."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import fill, normals, ribbon, trace
from .canvas import Sheet, colours, over, relief, step

SIZE = (768, 576)
PAPER, OCHRE, RED, BLUE, INK = colours("f8edd4", "eeb043", "cf3d2c", "2f7c86", "15141b")
SUN = (470.0, 205.0, 92.0)
OUTLINE = 9


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the print."""
    scene = _scene(sheet)
    key = _key_block(sheet, *scene)
    red, ochre, blue = _colour_blocks(sheet, scene)
    picture = PAPER * (1 + 0.018 * sheet.noise(3, 2) + 0.015 * sheet.noise((60, 2)))[..., None]
    for block, ink, shift, grain in (
        (ochre, OCHRE, (2.2, -1.4), 0.16),
        (blue, BLUE, (1.6, 1.8), 0.18),
        (red, RED, (-1.8, 1.6), 0.2),
        (key, INK, (0, 0), 0.1),
    ):
        picture = _printed(sheet, picture, block, ink, shift, grain)
    return picture


def _scene(sheet: Sheet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Region number, direction of the cuts (radians) and how much is cut away (0 ink, 1 paper), each HW."""
    x, y = sheet.x, sheet.y
    dx, dy = x - SUN[0], y - SUN[1]
    r, turn = np.hypot(dx, dy), np.arctan2(dy, dx)
    region, angle = np.zeros(sheet.shape, np.int32), turn + 0.10 * np.sin(r / 30)
    rays = np.cos(turn * 14)
    tone = 0.52 + 0.36 * rays * step(95, 160, r) - 0.2 * step(200, 470, r)
    disc = r < SUN[2]
    region[disc], angle[disc], tone[disc] = (
        1,
        turn[disc] + np.pi / 2,
        (0.55 + 0.4 * np.cos(r / 11) - 0.3 * step(-40, 90, dx * 0.5 + dy * 0.8))[disc],
    )
    hills = ((330, 34, 150, 0.2), (372, 40, 118, 2.0), (418, 30, 95, 4.0), (470, 34, 160, 5.2))
    for i, (level, rise, wave, phase) in enumerate(hills, start=2):
        ridge = level + rise * np.sin(x / wave + phase) + 0.3 * rise * np.sin(x / wave * 2.7 + phase)
        slope = np.gradient(ridge, axis=1) * sheet.k
        below = y - ridge
        hill = below > 0
        fall = (
            np.arctan2(1.0, 0.9 * np.sin(x / wave + phase + 1.2))
            if i % 2
            else np.arctan(slope) + 0.35 * np.sin(below / 26)
        )
        lit = 0.78 - 0.011 * below + 0.28 * np.sin(x / wave * 2 + phase) + 0.16 * np.sin(below / 9)
        region[hill], angle[hill], tone[hill] = i, np.broadcast_to(fall, x.shape)[hill], lit[hill]
        region[(below > -2.6) & (below <= 1.2)] = OUTLINE
    _pine(sheet, region, angle, tone)
    return region, angle.astype(np.float32), np.clip(tone, 0.15, 0.96).astype(np.float32)


def _pine(sheet: Sheet, region: np.ndarray, angle: np.ndarray, tone: np.ndarray) -> None:
    """A pine bent by the wind, set into the scene in place."""
    x, y = sheet.x, sheet.y
    wood = np.zeros(sheet.shape, np.uint8)
    limbs = (
        ([(70, 580), (96, 470), (84, 380), (120, 290), (168, 215), (190, 130)], 40),
        ([(100, 330), (60, 270), (40, 215)], 15), ([(140, 262), (215, 235), (272, 232)], 14),
        ([(172, 200), (130, 160), (104, 108)], 12), ([(184, 150), (236, 120), (268, 116)], 10),
    )  # fmt: skip
    for points, girth in limbs:
        spine = np.stack([np.interp(np.linspace(0, 1, 40), np.linspace(0, 1, len(points)), c) for c in zip(*points)], 1)
        spine = cv2.blur(spine.astype(np.float32), (1, 7), borderType=cv2.BORDER_REPLICATE)
        fill(sheet, wood, ribbon(spine, girth * np.linspace(1, 0.35, 40)), 255)
    trunk = wood > 127
    region[cv2.dilate(wood, np.ones((3, 3), np.uint8), iterations=max(1, round(1.6 * sheet.k))) > 127] = OUTLINE
    region[trunk], angle[trunk] = 7, (np.pi / 2 + 0.5 * np.sin(y / 28 + x / 40))[trunk]
    tone[trunk] = (0.32 + 0.3 * np.sin(x / 7 + y / 50))[trunk]
    for cx, cy, wide in ((36, 200, 62), (106, 92, 70), (196, 104, 76), (276, 108, 54), (280, 222, 58), (176, 178, 46)):
        dx, dy = x - cx, (y - cy) * 1.75
        r = np.hypot(dx, dy) + 5 * np.sin(np.arctan2(dy, dx) * 11 + cx)
        region[(r < wide + 3) & (r >= wide)] = OUTLINE
        clump = r < wide
        region[clump], angle[clump] = 6, np.arctan2(y - cy - 34, dx)[clump]
        tone[clump] = (0.46 + 0.55 * (dx - dy) / wide * 0.6 + 0.25 * np.cos(r / 5))[clump]


def _key_block(sheet: Sheet, region: np.ndarray, angle: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """HW float32, 1 where the black block prints: everything that the gouges and the outlines left standing."""
    block = np.full(sheet.shape, 255, np.uint8)
    for spacing, length, widest in ((7.0, 96, 7.0), (4.4, 46, 4.4), (3.6, 22, 3.0)):
        _carve(sheet, block, (region, angle, tone), spacing, length, widest)
    return block.astype(np.float32) / 255


def _carve(sheet: Sheet, block: np.ndarray, scene: tuple, spacing: float, length: float, widest: float) -> None:
    """Many cuts, each where the wood still stands; the darker the tone, the thinner the cut and the wider the ridge."""
    region, angle, tone = scene
    starts = sheet.points(spacing, margin=8)
    light = sheet.sample(tone, starts[:, 0], starts[:, 1])
    home = sheet.sample(region, starts[:, 0], starts[:, 1])
    for path, bright, here in zip(trace(sheet, angle, starts, length, 24), light, home):
        width = widest * (0.25 + 0.8 * bright)
        ridge = 0.55 + 4.2 * (1 - bright) ** 2
        free = sheet.sample(region, path[:, 0], path[:, 1]) == here
        side = normals(path) * (width / 2 + ridge)
        for probe in (path, path + side, path - side):
            free &= sheet.sample(block, probe[:, 0], probe[:, 1]) > 0
        if here != OUTLINE and bright > 0.1:
            _gouge(sheet, block, path, width, free)


def _gouge(sheet: Sheet, block: np.ndarray, path: np.ndarray, width: float, free: np.ndarray) -> None:
    """One cut along the free run of steps around the path's middle: a sharp entry, a blunt exit."""
    middle = len(path) // 2
    if not free[middle]:
        return
    first = middle - int(np.argmin(np.append(free[middle::-1], False))) + 1
    last = middle + int(np.argmin(np.append(free[middle:], False)))
    if last - first < 5:
        return
    t = np.linspace(0, 1, last - first)
    profile = np.minimum(1, 2.4 * t) ** 0.8 * np.minimum(1, 5 * (1 - t) + 0.12)
    fill(sheet, block, ribbon(path[first:last], width * profile * sheet.rng.uniform(0.85, 1.1)), 0)


def _colour_blocks(sheet: Sheet, scene: tuple) -> list[np.ndarray]:
    """HW float32 masks of the red, ochre and blue blocks, each with its own cuts where the light falls."""
    region, angle, tone = scene
    blocks = []
    for regions, low, high, length in (
        ((1, 3, 5), 0.35, 1.0, 70),
        ((0, 3, 5), 0.45, 0.85, 120),
        ((2, 4, 6), 0.5, 1.0, 90),
    ):
        block = (np.isin(region, regions) * 255).astype(np.uint8)
        _carve(sheet, block, (region, angle, step(low, high, tone)), 9, length, 7)
        blocks.append(block.astype(np.float32) / 255)
    return blocks


def _printed(
    sheet: Sheet, below: np.ndarray, block: np.ndarray, ink: np.ndarray, shift: tuple, grain: float
) -> np.ndarray:
    """One block printed: moved out of register, worn along the wood's grain, mottled, thicker at its edges."""
    move = np.float32([[1, 0, shift[0] * sheet.k], [0, 1, shift[1] * sheet.k]])
    block = cv2.warpAffine(block, move, block.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    rings = np.sin(sheet.y / 3.2 + 5 * sheet.noise((420, 60), 2) + 0.8 * sheet.noise((60, 4)))
    worn = 0.55 * rings + 0.6 * sheet.noise((40, 1.6)) + 0.5 * sheet.noise(2.2)
    edge = relief(sheet.blur(block, 0.8), slope=2.0)
    cover = block * np.clip(1 - grain * np.clip(worn - 0.2, 0, 2) - 0.06 * np.abs(edge), 0, 1)
    return np.clip(over(below, below * 0.25 * ink + 0.75 * ink, cover), 0, 1)
