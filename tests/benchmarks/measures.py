"""Measures of finished pictures, the same whatever made them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from portrait_nst.encoders import Encoder
from portrait_nst.imaging import LUMA
from portrait_nst.transfer import colour
from portrait_nst.transfer.config import StylePart
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.terms import Guidance, Weights
from portrait_nst.transfer.rect import rect_around
from portrait_nst.transfer.target_store import style_size

FloatArray = NDArray[np.float32]
TILE = 128
AROUND = 6


def lattice(rgb: FloatArray, matte: FloatArray | None = None) -> dict[int, float]:
    """Power at periods of 2 and 4 pixels over the median power around, {period: ratio}; 1 is no lattice.

    `rgb` (H, W, 3) in [0, 1]. The spectrum is the mean over Hann-windowed, high-passed tiles of 128 pixels that lie
    inside the matte (all of them where none does); the power at a peak is the mean of 3x3 bins, the median that of 13x13.
    """
    import cv2

    luma = rgb.astype(np.float32) @ np.array(LUMA, np.float32)
    luma = luma - cv2.GaussianBlur(luma, (0, 0), 2)
    window = np.hanning(TILE)[:, None] * np.hanning(TILE)[None]
    inside, everywhere = [], []
    for top in range(0, luma.shape[0] - TILE + 1, TILE // 4):
        for left in range(0, luma.shape[1] - TILE + 1, TILE // 4):
            tile = (slice(top, top + TILE), slice(left, left + TILE))
            power = np.abs(np.fft.fft2(luma[tile] * window)) ** 2
            everywhere.append(power)
            if matte is None or matte[tile].mean() > 0.95:
                inside.append(power)
    spectrum = np.mean(inside or everywhere, axis=0)
    found = {}
    for period in (2, 4):
        k = TILE // period
        ratios = []
        for row, column in ((k, 0), (0, k), (k, k)):
            near = spectrum[np.ix_(_around(row), _around(column))]
            c = AROUND
            ratios.append(near[c - 1 : c + 2, c - 1 : c + 2].mean() / np.median(near))
        found[period] = float(np.mean(ratios))
    return found


def _around(centre: int) -> list[int]:
    return [(centre + d) % TILE for d in range(-AROUND, AROUND + 1)]


class Judge:
    """Style and content distance by one encoder (the teacher), guided by the same mask for every picture."""

    def __init__(
        self, encoder: Encoder, photo: FloatArray, style: FloatArray, matte: FloatArray, *, levels: int = 3
    ) -> None:
        """`photo` and `matte` at the size that is judged; `style` is scaled to the photo's area."""
        height, width = photo.shape[:2]
        small = style_size(StylePart(style), (height, width), 1.0)
        targets = gram_targets(encoder, _tensor(colour.resize(style, small)), None, encoder.style_layers, levels)
        self.box = rect_around(matte)
        mask = torch.from_numpy(self.box.cut(matte, outside="zero"))
        weights = Weights(
            1.0,
            1.0,
            0.0,
            tuple((layer, 1.0) for layer in encoder.style_layers),
            tuple((layer, 1.0) for layer in encoder.content_layers),
        )
        content = _tensor(self.box.cut(photo))
        self.objective = canvas_objective(
            encoder, content, mask, None, [Region(mask, targets)], weights, levels=levels, guidance=Guidance()
        )

    def __call__(self, picture: FloatArray) -> dict[str, float]:
        """{"style": ..., "content": ...} of `picture` (H, W, 3) in [0, 1], in float32."""
        losses, _ = self.objective(_tensor(self.box.cut(picture)))
        return losses


def _tensor(array: FloatArray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array.transpose(2, 0, 1)))[None]
