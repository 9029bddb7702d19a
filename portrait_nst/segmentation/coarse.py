"""Where people are, from several looks of the selfie model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.segmentation.crops import Window
from portrait_nst.segmentation.tasks import INPUT, LANDSCAPE, SQUARE, confidence
from portrait_nst.types import Face, FloatArray, UInt8Array

NEAR = 2.4  # side of the window around a head, in faces
BUST = 4.8  # side of the window around head and shoulders, in faces


def look(rgb: UInt8Array, window: Window, model: str = SQUARE, *, mirrored: bool = False) -> FloatArray:
    """One look of a model through a window, brought back to the photo's pixels: (H, W) float32, 0 outside."""
    seen = window.cut(rgb, INPUT[model])
    mask = confidence(model, seen[:, ::-1])[:, ::-1] if mirrored else confidence(model, seen)
    plane = np.zeros(rgb.shape[:2], np.float32)
    part, where = window.paste(np.ascontiguousarray(mask), (rgb.shape[0], rgb.shape[1]))
    plane[where] = part
    return plane


def sharpen(rgb: UInt8Array, probability: FloatArray, windows: Sequence[Window]) -> FloatArray:
    """Look again through each window, where the model's 256 cells are smaller; replace `probability` there.

    The mean of the look and its mirror image counts, fading out towards the window's sides. A look that
    contradicts what is known (a tile of sleeve seen without its person) is left out.
    """
    result = probability.copy()
    for window in windows:
        near = 0.5 * (look(rgb, window) + look(rgb, window, mirrored=True))
        trust = _trust(window, result.shape)
        if _agreement(near * trust, result * trust) > 0.75:
            result += trust * (near - result)
    return result


def gather(rgb: UInt8Array, probability: FloatArray, faces: Sequence[Face]) -> FloatArray:
    """`probability` with people added that one look at the whole photo misses, or sees half: the square model
    looks at each figure on its own, and is believed where it and its mirror image agree."""
    result = probability.copy()
    for face in faces:
        window = clip(_figure(face, 6.0), result.shape)
        looks = _pairs(rgb, [window], SQUARE)
        if agreement(looks) > 0.8:
            result += _trust(window, result.shape) * np.maximum(mean(looks) - result, 0)
    return result


def head_windows(faces: Sequence[Face], shape: tuple[int, int]) -> list[Window]:
    """Windows around each head, wide ones before near ones, cut off at the photo's border."""
    windows = []
    for side in (BUST, NEAR):
        for face in faces:
            left, top, width, height = face.box
            size = side * max(width, height)
            windows.append(clip(Window.around(left + width / 2, top + 0.4 * height, size, size), shape))
    return [window for window in windows if window.width * window.height < 0.7 * shape[0] * shape[1]]


def clip(window: Window, shape: tuple[int, int]) -> Window:
    """The part of the window inside of a photo of `shape` (H, W): a repeated border would fade a cut face out."""
    x0, x1 = max(window.left, 0), min(window.left + window.width, shape[1])
    y0, y1 = max(window.top, 0), min(window.top + window.height, shape[0])
    return Window(x0, y0, max(1, x1 - x0), max(1, y1 - y0))


def first_looks(rgb: UInt8Array) -> list[FloatArray]:
    """The whole photo as the square model sees it: as it is, with some border repeated, and both mirrored.

    The padded look knows the background at the frame better, the plain one a face that the frame cuts.
    """
    return _pairs(rgb, [_whole(rgb, 1.0), _whole(rgb, 1.16)], SQUARE)


def wide_looks(rgb: UInt8Array) -> list[FloatArray]:
    """The whole photo with more border, as the landscape model sees it. It knows painted people better."""
    return _pairs(rgb, [_whole(rgb, 1.15), _whole(rgb, 1.25)], LANDSCAPE)


def figure_looks(rgb: UInt8Array, face: Face) -> list[FloatArray]:
    """The landscape model's looks at the figure below one face: finds people who are small in their picture."""
    return _pairs(rgb, [_figure(face, 6.0), _figure(face, 6.6)], LANDSCAPE)


def cut_off(probability: FloatArray, face: Face) -> bool:
    """Whether a figure seen by `figure_looks` reaches far beyond their window, and so is not the whole person."""
    w = clip(_figure(face, 6.0), probability.shape)
    part = probability[w.top : w.top + w.height, w.left : w.left + w.width] > 0.5
    sides = [
        (w.left > 0, part[:, 0]),
        (w.top > 0, part[0]),
        (w.left + w.width < probability.shape[1], part[:, -1]),
        (w.top + w.height < probability.shape[0], part[-1]),
    ]
    open_sides = [side.mean() for inner, side in sides if inner]
    return max(open_sides, default=0.0) > 0.4


def mean(looks: Sequence[FloatArray]) -> FloatArray:
    """The mean of several looks, (H, W) float32."""
    return np.asarray(np.mean(looks, axis=0), np.float32)


def agreement(looks: Sequence[FloatArray]) -> float:
    """How far looks agree: mean over pairs of the soft intersection over union, in [0, 1]."""
    pairs = [(a, b) for i, a in enumerate(looks) for b in looks[i + 1 :]]
    return float(np.mean([_agreement(a, b) for a, b in pairs])) if pairs else 1.0


def _figure(face: Face, side: float) -> Window:
    left, top, width, height = face.box
    return Window.around(left + width / 2, top + 1.6 * height, side * width, side * height)


def _whole(rgb: UInt8Array, scale: float) -> Window:
    height, width = rgb.shape[:2]
    return Window.around(width / 2, height / 2, scale * width, scale * height)


def _pairs(rgb: UInt8Array, windows: Sequence[Window], model: str) -> list[FloatArray]:
    return [look(rgb, window, model, mirrored=mirrored) for window in windows for mirrored in (False, True)]


def _agreement(a: FloatArray, b: FloatArray) -> float:
    return float(np.minimum(a, b).sum(dtype=np.float64) / max(np.maximum(a, b).sum(dtype=np.float64), 1.0))


def _trust(window: Window, shape: tuple[int, int]) -> FloatArray:
    """1 in the window's middle, falling to 0 over an eighth at those sides that are not the photo's border."""

    def ramp(start: int, length: int, total: int) -> FloatArray:
        at = np.arange(total, dtype=np.float32) + 0.5 - start
        fade = max(length / 8, 1.0)
        low = at / fade if start > 0 else np.full(total, np.inf, np.float32)
        high = (length - at) / fade if start + length < total else np.full(total, np.inf, np.float32)
        return np.clip(np.minimum(low, high), 0, 1).astype(np.float32)

    rows, columns = ramp(window.top, window.height, shape[0]), ramp(window.left, window.width, shape[1])
    return rows[:, None] * columns[None, :]
