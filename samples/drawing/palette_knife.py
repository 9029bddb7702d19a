"""Slabs of paint laid on and dragged with a palette knife, lit from the upper left. A street in the rain at night."""

from __future__ import annotations

import cv2
import numpy as np

from .canvas import Sheet, over, relief, shaken, step
from .scene import Scene
from .street import street

SIZE = (576, 768)
COATS = (  # spacing, length, width of the blade, how unlike the slabs' colours are, least detail
    (22, 96, 44, 0.10, 0.0), (19, 66, 29, 0.09, 0.1), (12.5, 36, 17, 0.08, 0.42), (8, 20, 9, 0.06, 0.72),
    (5.4, 13, 5.2, 0.05, 0.95),
)  # fmt: skip


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the painting."""
    scene = Scene(sheet)
    street(scene)
    paint = np.zeros((*sheet.shape, 4), np.float32)  # RGB, height
    paint[..., :3] = (0.09, 0.07, 0.10)
    knife = Knife(sheet)
    for coat in COATS:
        _coat(sheet, paint, scene, knife, *coat)
    return _lit(sheet, paint)


class Knife:
    """A blade, and the textures its slabs take: furrows along the pull, skips where the paint runs out."""

    def __init__(self, sheet: Sheet) -> None:
        self.k, self.rng = sheet.k, sheet.rng
        self.furrows = 0.4 * sheet.streaks(0.0, 120, 2.4) + 0.9 * sheet.streaks(0.0, 110, 9)
        self.skips = 0.7 * sheet.streaks(0.0, 26, 3.0) + 0.6 * sheet.noise(9, 3)

    def _piece(self, field: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """A piece of a texture from a random place."""
        row, col = (int(self.rng.integers(0, max(1, have - want))) for have, want in zip(field.shape, shape))
        return field[row : row + shape[0], col : col + shape[1]]

    def pull(self, paint: np.ndarray, start: np.ndarray, angle: float, size: tuple, load: np.ndarray) -> None:
        """Drag a bladeful of two colours (`load`, 2 x 3) from `start`; it takes along what is wet under the blade."""
        length, width = (max(4, round(side * self.k)) for side in size)
        u = np.linspace(0, 1, length, dtype=np.float32)[None]
        v = np.linspace(-1, 1, width, dtype=np.float32)[:, None]
        furrow, skip = self._piece(self.furrows, (width, length)), self._piece(self.skips, (width, length))
        split = step(-0.7, 0.7, v * self.rng.choice([-1, 1]) + self.rng.normal(0, 0.6) + 0.7 * furrow)
        colour = load[0] + (load[1] - load[0]) * split[..., None]
        to_sheet = self._placed(start, angle, length, width)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        under = cv2.warpAffine(paint, to_sheet, (length, width), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        wet = 0.62 * (1 - u) ** 1.3 * step(-0.4, 1.2, furrow + 0.6 * skip)
        colour = over(colour, np.repeat(under[:, :1, :3], length, axis=1), wet)
        edge = np.exp(-(((np.abs(v) - 0.93) / 0.10) ** 2)) * (0.7 + 0.4 * furrow)
        lip = np.exp(-(((u - 0.95) / (2.2 / length * self.k)) ** 2))
        thick = 0.55 + 0.06 * furrow + 0.60 * edge + 0.6 * lip - 0.2 * u + 0.03 * skip
        ragged = step(0.0, 0.07, 1.0 - np.abs(v) - 0.07 * (skip + 1)) * step(0.0, 0.05, 1.0 - u - 0.09 * (furrow + 1))
        spent = step(-0.25, 0.15, 1.2 - 1.2 * u + 0.5 * skip + 0.25 * (0.5 - under[..., 3]))
        slab = np.dstack([colour * (1 + 0.045 * furrow)[..., None], thick, ragged * spent]).astype(np.float32)
        self._press(paint, slab, to_sheet)

    def _placed(self, start: np.ndarray, angle: float, length: int, width: int) -> np.ndarray:
        """The 2 x 3 matrix that takes a slab's pixels to the sheet's."""
        c, s = np.cos(angle), np.sin(angle)
        middle = np.array([[c, -s], [s, c]]) @ (length / 2, width / 2)
        return np.float32([[c, -s, start[0] * self.k - middle[0]], [s, c, start[1] * self.k - middle[1]]])

    def _press(self, paint: np.ndarray, slab: np.ndarray, to_sheet: np.ndarray) -> None:
        """Lay a slab (RGB, height, cover) on the paint, in place."""
        rows, cols = slab.shape[:2]
        corners = np.float32([(0, 0), (cols, 0), (0, rows), (cols, rows)]) @ to_sheet[:, :2].T + to_sheet[:, 2]
        low = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, None)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, paint.shape[1::-1])
        if (high - low < 2).any():
            return
        shift = to_sheet.copy()
        shift[:, 2] -= low
        size = tuple(int(side) for side in high - low)
        laid = cv2.warpAffine(slab[..., :4], shift, size, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.warpAffine(np.ascontiguousarray(slab[..., 4]), shift, size)
        window = paint[low[1] : high[1], low[0] : high[0]]
        laid[..., 3] += 0.45 * window[..., 3]
        window += (laid - window) * cover[..., None]


def _coat(
    sheet: Sheet, paint: np.ndarray, scene: Scene, knife: Knife, spacing: float, length: float, width: float,
    unlike: float, least: float,
) -> None:  # fmt: skip
    """One coat of slabs, small ones only where there is something small to say."""
    starts = sheet.points(spacing, margin=10)
    keep = scene.at(scene.detail, starts) + sheet.rng.uniform(-0.22, 0.22, len(starts)) >= least
    starts = starts[keep | (least == 0)]
    turns = scene.at(scene.angle, starts)
    soft = scene.sheet.blur(scene.colour, 0.12 * width)
    aside = starts + 0.3 * width * np.stack([-np.sin(turns), np.cos(turns)], axis=1)
    first, second = (shaken(sheet.rng, scene.at(soft, place), 0.3 * unlike, unlike) for place in (starts, aside))
    turns = turns + sheet.rng.normal(0, 0.10, len(starts)) + np.pi * sheet.rng.integers(0, 2, len(starts))
    sizes = np.exp(sheet.rng.normal(0, 0.25, (len(starts), 2))) * (length, width)
    for start, turn, size, load in zip(starts, turns, sizes, np.stack([first, second], axis=1)):
        knife.pull(paint, start, float(turn), tuple(size), load)


def _lit(sheet: Sheet, paint: np.ndarray) -> np.ndarray:
    """Low light over the slabs: shaded steps, bright ridges, a sheen on the flats."""
    height = sheet.blur(np.ascontiguousarray(paint[..., 3]), 0.4)
    lean = relief(height * 255, slope=0.055)
    flat = sheet.blur(lean, 2.5)
    lit = np.clip(paint[..., :3], 0, 1) * (1 + 0.55 * lean + 0.15 * flat)[..., None]
    return np.clip(lit + 0.22 * np.clip(lean, 0, 1)[..., None] ** 2, 0, 1)
