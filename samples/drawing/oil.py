"""Oil laid wet in wet with flat bristle brushes, broad to fine, along the form. Roses in a jug, peaches, a cloth."""

from __future__ import annotations

import cv2
import numpy as np

from .brush import bristles, trace, unbroken
from .canvas import Sheet, colours, ramp, relief, shaken, step
from .scene import Scene
from .still_life import still_life

SIZE = (768, 576)
UMBER = colours("140d0b", "2c1a12", "4b3020", "6d5236", "94805a", "b7a67c")
CREAM = colours("fffaf0")[0]
COATS = (  # spacing, width, length, bristle spacing, how unlike the model a stroke may run, least detail
    (21, 44, 120, 1.5, 0.34, 0.0), (16, 30, 84, 1.3, 0.17, 0.15), (9.5, 17, 56, 1.15, 0.13, 0.5),
    (6.2, 9.5, 34, 1.0, 0.11, 0.7), (4.8, 5.0, 20, 0.85, 0.10, 0.9),
)  # fmt: skip


def draw(sheet: Sheet) -> np.ndarray:
    """HWC float32 RGB in [0, 1]: the painting."""
    scene = Scene(sheet)
    still_life(scene)
    paint = np.zeros((*sheet.shape, 4), np.uint8)
    paint[..., :3] = np.clip(_imprimatura(sheet), 0, 1) * 255
    for coat in COATS:
        _coat(sheet, paint, scene, *coat)
    _touches(sheet, paint)
    return _lit(sheet, paint)


def _imprimatura(sheet: Sheet) -> np.ndarray:
    """The toned ground, scrubbed on thin."""
    return ramp(UMBER, 0.42 + 0.1 * sheet.noise(60, 3) + 0.08 * sheet.streaks(0.7, 70, 6))


def _coat(
    sheet: Sheet, paint: np.ndarray, scene: Scene, spacing: float, width: float, length: float, fine: float,
    unlike: float, least: float,
) -> None:  # fmt: skip
    """One coat: strokes where the painting is still unlike the model, each ending where the form does."""
    starts = sheet.points(spacing, margin=8)
    model = scene.sheet.blur(scene.colour, width / 10)
    aim = scene.at(model, starts)
    there = sheet.sample(paint, starts[:, 0], starts[:, 1])[:, :3] / np.float32(255)
    wanting = np.abs(there - aim).max(axis=1) > 0.8 * unlike
    detail = scene.at(scene.detail, starts) + sheet.rng.uniform(-0.2, 0.2, len(starts))
    keep = (detail > least) | (wanting & (detail > 0.6 * least)) | (not least)
    starts, aim = starts[keep], aim[keep]
    paths = trace(scene.sheet, scene.angle + 0.2 * scene.sheet.noise(60), starts, length)
    fits = np.abs(scene.at(model, paths) - aim[:, None]).max(axis=-1) < unlike
    tint = shaken(sheet.rng, aim, 0.020, 0.06)
    widths = width * np.clip(sheet.rng.lognormal(-0.2, 0.32, len(starts)), 0.4, 1.5)
    for path, fit, colour, light, wide in zip(paths, fits, tint, aim.mean(axis=1), widths):
        part = unbroken(fit)
        if part.stop - part.start >= 4:
            _stroke(sheet, paint, path[part], colour, wide, fine, 70 + 80 * float(light))


def _stroke(
    sheet: Sheet, paint: np.ndarray, path: np.ndarray, colour: np.ndarray, width: float, fine: float, load: float
) -> None:
    """One brushful: bristles take up a little of the wet paint they start in; `load` is how thick it goes on."""
    hairs = list(bristles(sheet, path, width, fine, ragged=0.35))
    place = np.array([place for place, _ in hairs])
    heads = np.clip([line[0] // 16 for _, line in hairs], 0, (sheet.shape[1] - 1, sheet.shape[0] - 1))
    wet = paint[heads[:, 1], heads[:, 0], :3] / 255
    streak = np.convolve(sheet.rng.normal(0, 0.75, len(hairs) + 2), np.ones(3), "valid")
    mixed = colour + (wet - colour) * np.clip(0.16 + 0.10 * streak, 0, 0.5)[:, None]
    mixed *= (1 + 0.045 * streak + sheet.rng.normal(0, 0.06) * place)[:, None]
    height = load + sheet.rng.normal(0, 10) - 25 * place**4 + 13 * streak + 26 * (np.abs(place) > 0.9)
    tones = np.clip(np.column_stack([mixed * 255, height]), 0, 255).tolist()
    thickness = max(1, round(1.5 * fine * sheet.k))
    for (_, line), tone in zip(hairs, tones):
        cv2.polylines(paint, [line], False, tone, thickness, cv2.LINE_AA, 4)


def _touches(sheet: Sheet, paint: np.ndarray) -> None:
    """The last loaded touches: lights on the glaze, the fruit, the petals, the hem."""
    for px, py, lean, length, width in (
        (194, 322, 1.9, 30, 12), (203, 296, 2.0, 14, 6), (212, 224, 1.6, 16, 5), (482, 368, 2.4, 20, 11),
        (568, 410, 2.4, 15, 9), (346, 458, 2.8, 15, 7), (186, 92, 0.4, 24, 10), (172, 112, 1.9, 20, 8),
        (98, 106, 2.3, 20, 9), (274, 44, 2.6, 20, 9), (134, 168, 2.4, 20, 9), (96, 456, 2.5, 20, 9),
        (424, 430, 2.3, 20, 8), (668, 428, 2.4, 8, 4), (700, 424, 2.4, 8, 4), (236, 186, 2.5, 16, 7),
    ):  # fmt: skip
        t = np.linspace(-0.5, 0.5, 10)[:, None]
        path = np.float32([px, py]) + length * t * np.float32([np.cos(lean), np.sin(lean)])
        local = paint[round(py * sheet.k), round(px * sheet.k), :3] / np.float32(255)
        _stroke(sheet, paint, path, 0.35 * local + 0.65 * CREAM, width, 0.85, 170)


def _lit(sheet: Sheet, paint: np.ndarray) -> np.ndarray:
    """Raking light over the bristle marks, and the canvas's weave where the paint is thin."""
    height = sheet.blur(paint[..., 3].astype(np.float32), 0.45)
    weave = np.sin(sheet.x * 2.1) * np.sin(sheet.y * 2.1) * step(130, 70, height)
    lean = relief(height + 5 * weave, slope=0.055)
    colour = cv2.GaussianBlur(paint[..., :3], (0, 0), 0.3 * sheet.k).astype(np.float32) / 255
    lit = colour * (1 + 0.42 * lean[..., None])
    return np.clip(lit + 0.16 * np.clip(lean, 0, 1)[..., None] ** 2, 0, 1)
