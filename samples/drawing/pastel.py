"""Soft pastel on toned paper: smudged grounds, hatching in broken colour, chalk that skips on the tooth. Dancers."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import bristles, pixels, trace, unbroken
from .canvas import Sheet, colours, over, relief, step
from .dancers import Dancers

SIZE = (576, 768)
PAPER = colours("8a7462")[0]
CHARCOAL = np.float32([0.10, 0.07, 0.13])
TURNS = np.float32(
    [(0.07, 0.01, -0.07), (-0.06, 0.0, 0.08), (0.06, 0.06, 0.03), (0.06, -0.04, 0.05), (-0.03, 0.05, 0.03)]
)
COATS = (  # spacing, width, length, pressure, how far it is smudged, least detail, turned from the form by
    (14, 17, 100, 0.90, 2.6, 0.0, 0.0), (10, 11, 66, 0.66, 0.8, 0.0, 0.42), (8.2, 7.0, 46, 0.62, 0.0, 0.1, -0.12),
    (6.2, 4.0, 32, 0.66, 0.0, 0.4, 0.16), (4.6, 2.4, 22, 0.80, 0.0, 0.7, 0.0), (13, 3.4, 58, 0.52, 0.0, 0.0, 0.10),
)  # fmt: skip


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the pastel."""
    scene = Dancers(sheet)
    ribs = np.sin(sheet.y * 1.6 + 0.25 * sheet.x + 0.9 * sheet.noise(40))
    tooth = sheet.noise(1.9) + 0.5 * sheet.noise(4.5) + 0.25 * ribs
    fibres = 0.6 * sheet.streaks(0.4, 18, 1.4) + 0.5 * sheet.noise(7, 3)
    picture = PAPER * (1 + 0.05 * fibres + 0.10 * relief(tooth))[..., None]
    for i, coat in enumerate(COATS):
        worn = 0.75 * tooth + 0.8 * sheet.noise(2.0) + 0.45 * sheet.noise(34, 2)  # each coat changes the surface
        worn = 0.5 + 0.5 * np.tanh(0.55 * worn)
        picture = _coat(sheet, picture, worn, scene, *coat)
        if i == 3:
            picture = _outlined(sheet, picture, worn, scene)
    return np.clip(picture * (1 + 0.045 * relief(tooth))[..., None], 0, 1)


def _coat(
    sheet: Sheet, picture: np.ndarray, tooth: np.ndarray, scene: Dancers, spacing: float,
    width: float, length: float, pressure: float, smudge: float, least: float, turned: float,
) -> np.ndarray:  # fmt: skip
    """One coat: hatched strokes, each of one stick near the colour wanted there, rubbed in or left as they are."""
    starts = sheet.points(spacing, margin=8)
    detail = scene.at(scene.detail, starts) + sheet.rng.uniform(-0.25, 0.25, len(starts))
    starts = starts[(detail > least) | (least == 0)]
    model = scene.sheet.blur(scene.colour, width / 7)
    aim = scene.at(model, starts)
    paths = trace(scene.sheet, scene.angle + turned + 0.06 * scene.sheet.noise(50), starts, length, 12)
    fits = np.abs(scene.at(model, paths) - aim[:, None]).max(axis=-1) < 0.17
    sticks = aim + TURNS[sheet.rng.integers(0, len(TURNS), len(aim))] * sheet.rng.uniform(0.2, 1.5, (len(aim), 1))
    sticks = np.clip(sticks * (1 + sheet.rng.normal(0, 0.07, (len(aim), 1))), 0.03, 1)
    chalk = np.zeros((*sheet.shape, 4), np.uint8)
    chalk[..., :3] = np.clip(picture, 0, 1) * 255
    for path, fit, stick in zip(paths, fits, sticks):
        part = unbroken(fit)
        if part.stop - part.start >= 3:
            _stroke(sheet, chalk, path[part], stick, width * sheet.rng.uniform(0.55, 1.25), pressure)
    return _rubbed(sheet, picture, chalk, tooth, smudge)


def _stroke(
    sheet: Sheet, chalk: np.ndarray, path: np.ndarray, stick: np.ndarray, width: float, pressure: float
) -> None:
    """One stroke of a stick: grains along its edge press harder or softer and leave streaks."""
    for place, line in bristles(sheet, path, width, 1.1, ragged=0.22):
        press = pressure + sheet.rng.normal(0, 0.16) - 0.10 * place * place
        tone = (*(stick * 255).tolist(), float(np.clip(press * 255, 0, 255)))
        cv2.polylines(chalk, [line], False, tone, max(1, round(1.3 * sheet.k)), cv2.LINE_AA, 4)


def _rubbed(sheet: Sheet, picture: np.ndarray, chalk: np.ndarray, tooth: np.ndarray, smudge: float) -> np.ndarray:
    """Chalk laid on the paper: it holds where the tooth stands up; a finger's smudge takes it into the hollows."""
    chalk = chalk.astype(np.float32) / 255
    if smudge:
        chalk = sheet.blur(chalk, smudge)
    soft = 0.20 + 0.17 * smudge
    hold = step(-soft, soft, chalk[..., 3] - tooth)
    return over(picture, chalk[..., :3], hold * step(0.05, 0.3, chalk[..., 3]) * 0.94)


def _outlined(sheet: Sheet, picture: np.ndarray, tooth: np.ndarray, scene: Dancers) -> np.ndarray:
    """The drawing: each contour searched for with two or three unsteady lines that press here and lift there."""
    chalk = np.zeros((*sheet.shape, 4), np.uint8)
    chalk[..., :3] = np.clip(picture, 0, 1) * 255
    for number, contour in enumerate(scene.contours):
        for _ in range(2):
            drawn = np.roll(contour, int(sheet.rng.integers(len(contour))), axis=0) + sheet.rng.normal(0, 1.0, 2)
            steps = np.linspace(0, len(drawn) - 1, 6 * len(drawn))
            drawn = np.stack([np.interp(steps, np.arange(len(drawn)), axis) for axis in drawn.T], axis=1)
            press = np.convolve(sheet.rng.normal(0, 1, len(drawn) + 28), np.ones(29) / 29, "valid") * 0.9 + 0.46
            line = pixels(sheet, drawn)
            seen = scene.at(scene.front, drawn) <= number
            for i in np.flatnonzero((press[:-1] > 0.35) & seen[:-1]):
                tone = (*(CHARCOAL * 255).tolist(), float(min(255, 255 * press[i])))
                thick = max(1, round((0.6 + 2.6 * press[i]) * sheet.k))
                cv2.line(chalk, line[i].tolist(), line[i + 1].tolist(), tone, thick, cv2.LINE_AA, 4)
    return _rubbed(sheet, picture, chalk, tooth, 0.45)
