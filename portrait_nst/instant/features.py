"""What the decoder sees of a picture: relu3_1 of the embedded encoder at x1, x1/2 and x1/4."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.instant.decoder import LEVELS

LAYER = "relu3_1"
PAD = 16  # pixels continued by reflection, so that the edges of the picture are painted as its middle is
CELL = 4  # pixels of a cell of relu3_1 at x1, along each side
STEP = 16  # pixels of a cell of relu3_1 at x1/4; padded sides are multiples of it

Shares = Sequence[float | Tensor]  # of each level: a number, or one for each cell, (1, 1, h, w)


def padded(picture: Tensor) -> Tensor:
    """`picture` (N, C, H, W) with `PAD` pixels around it, and more below and to the right until the sides divide by `STEP`."""
    return padded_part(picture, (0, 0, *padded_size(picture)))


def padded_size(picture: Tensor) -> tuple[int, int]:
    """The (height, width) of `padded`."""
    height, width = (side + 2 * PAD + (-side) % STEP for side in picture.shape[-2:])
    return height, width


def padded_part(picture: Tensor, part: tuple[int, int, int, int]) -> Tensor:
    """The rows and columns (top, left, bottom, right) of the `padded` picture, without padding all of it.

    A part that reaches into the border holds more than twice `PAD` pixels of the picture beside it, or all of its pixels.
    """
    height, width = picture.shape[-2:]
    top, left, bottom, right = (edge - PAD for edge in part)
    border = (max(0, -left), max(0, right - width), max(0, -top), max(0, bottom - height))
    inside = picture[..., max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    if not any(border):
        return inside
    small = min(height, width) <= 2 * PAD
    return F.pad(inside, border, mode="replicate" if small else "reflect")


def unpadded(picture: Tensor, size: tuple[int, int] | torch.Size) -> Tensor:
    """The (height, width) of `size` within a `padded` picture."""
    return picture[..., PAD : PAD + size[0], PAD : PAD + size[1]]


def pyramid(encoder: Encoder, picture: Tensor) -> list[Tensor]:
    """Features (N, 128, h, w) of the padded `picture` (N, 3, H, W; RGB in [0, 1]) at x1, x1/2 and x1/4."""
    return levels(encoder, padded(picture))


def levels(encoder: Encoder, canvas: Tensor) -> list[Tensor]:
    """As `pyramid`, of a `canvas` (N, 3, H, W) that is padded already, or of a window of one."""
    here, found = canvas, []
    for level in range(LEVELS):
        if level:
            here = _halved(here)
        found.append(encoder.features(here, (LAYER,))[LAYER])
    return found


def shares_at_levels(share: float | Tensor, device: torch.device) -> Shares:
    """How far features are moved at each level: `share`, a number, or a map (1, 1, H, W) as means over the cells."""
    if not isinstance(share, Tensor):
        return [share] * LEVELS
    found = [_halved(_halved(padded(share)))]  # to cells of `CELL` pixels
    for _ in range(1, LEVELS):
        found.append(_halved(found[-1]))
    return [each.to(device) for each in found]


def _halved(canvas: Tensor) -> Tensor:
    """The mean of each 2x2 pixels of a `canvas` (N, C, H, W; H and W even)."""
    if not (torch.is_inference_mode_enabled() and canvas.dtype == torch.float32 and canvas.device.type == "cpu"):
        return F.avg_pool2d(canvas, 2)
    import cv2  # an eighth of the pooling's time

    count, channels, height, width = canvas.shape
    half = np.empty((count * channels, height // 2, width // 2), np.float32)
    for goal, plane in zip(half, canvas.flatten(0, 1).numpy()):
        cv2.resize(plane, (width // 2, height // 2), goal, interpolation=cv2.INTER_AREA)
    return torch.from_numpy(half).view(count, channels, height // 2, width // 2)


def guides(encoder: Encoder, guide: Tensor) -> list[Tensor]:
    """The `guide` (1, H, W; [0, 1]) at the cells of each level of `pyramid`, (1, h, w), carried down the layers."""
    from portrait_nst.transfer.functional import propagate_guide

    here, found = padded(guide[None])[0], []
    for level in range(LEVELS):
        if level:
            here = F.avg_pool2d(here, 2)
        found.append(propagate_guide(here, encoder.geometry(LAYER)))
    return found
