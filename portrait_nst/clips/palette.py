"""Few colours for many frames: one palette for all, and an ordered pattern, which unlike error diffusion does not crawl."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst.types import UInt8Array

COLOURS = 255  # of a palette's 256; the last one is left for transparency
SAMPLES = 12  # frames that a palette is made from
_PIXELS = 20_000  # of all these frames together; k-means takes a second for them
_DITHER = 10.0  # sRGB levels from trough to crest


def sample_numbers(frames: int) -> list[int]:
    """Numbers of the frames, of `frames`, that a palette is made from: at most `SAMPLES`, the first and the last among them."""
    return [int(n) for n in np.unique(np.linspace(0, frames - 1, min(SAMPLES, frames)).astype(int))]


def shared_palette(frames: Sequence[UInt8Array]) -> UInt8Array:
    """(n, 3) uint8 sRGB: at most `COLOURS` for `frames`, all (h, w, 3) uint8 sRGB of one size, each counting alike."""
    from PIL import Image

    every = max(1, round((len(frames) * frames[0].shape[0] * frames[0].shape[1] / _PIXELS) ** 0.5))
    mosaic = Image.fromarray(np.ascontiguousarray(np.concatenate([frame[::every, ::every] for frame in frames])))
    # k-means after the median cut, whose averages alone would dull the strong colours
    reduced = mosaic.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=1)
    return np.asarray(reduced.getpalette(), np.uint8).reshape(-1, 3)


class Reduction:
    """Takes frames of one size to the colours of `palette` (n, 3)."""

    def __init__(self, size: tuple[int, int], palette: UInt8Array) -> None:
        from PIL import Image

        self._pattern = _bayer(*size)
        self._holder = Image.new("P", (1, 1))
        self._holder.putpalette(palette.tobytes())

    def __call__(self, frame: UInt8Array) -> UInt8Array:
        """(h, w) uint8: for each pixel of `frame` (h, w, 3) the number of its colour."""
        from PIL import Image

        raised = np.clip(frame + self._pattern, 0, 255).astype(np.uint8)
        return np.asarray(Image.fromarray(raised).quantize(palette=self._holder, dither=Image.Dither.NONE))


def _bayer(height: int, width: int) -> NDArray[np.float32]:
    """(height, width, 1) float32: the ordered pattern of 8 x 8, from -_DITHER / 2 to _DITHER / 2."""
    pattern = np.zeros((1, 1))
    for _ in range(3):
        pattern = np.block([[4 * pattern, 4 * pattern + 2], [4 * pattern + 3, 4 * pattern + 1]])
    tiled = np.tile((pattern + 0.5) / 64 - 0.5, (-(-height // 8), -(-width // 8)))
    return (tiled[:height, :width, None] * _DITHER).astype(np.float32)
