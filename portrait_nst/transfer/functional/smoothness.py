"""Losses of the picture itself, without features: that it is smooth, and that its values lie in [0, 1]."""

from __future__ import annotations

import torch
from torch import Tensor

from portrait_nst.transfer.functional.batches import at_least_float32, require, require_guided


def total_variation(image: Tensor, weight: Tensor | None = None, exponent: float = 2.0) -> Tensor:
    """Mean over the pixels of the sum over channels of v(dx^2 + dy^2), (B,).

    image:    (B, C, H, W), at least 2 by 2 pixels, unless there is a weight.
    weight:   (B or 1, H, W; >= 0) of the pixels; None for equal weights.
    exponent: 2 is the squared form, v(s) = s. Any other e gives v(s) = s^e, as in Mahendran & Vedaldi 2015; Chollet's script
              has 1.25.

    The last row and column have no neighbours and do not count, nor do their weights: a weighted strip of one row, such as the
    last of a picture that is taken strip by strip, adds 0. Where all is flat, the gradient is 0 for any exponent.
    Computed in at least float32. Raises ValueError for other shapes.

    >>> total_variation(torch.tensor([[0.0, 1.0], [2.0, 9.0]]).view(1, 1, 2, 2))  # 1^2 to the right and 2^2 down
    tensor([5.])
    """
    require("image", image, "B, C, H, W")
    if weight is None and min(image.shape[2:]) < 2:
        raise ValueError(f"image must have at least 2 by 2 pixels to have differences, not {tuple(image.shape)}")
    image = at_least_float32(image)
    right = image[..., :-1, 1:] - image[..., :-1, :-1]
    down = image[..., 1:, :-1] - image[..., :-1, :-1]
    squared = right.square() + down.square()
    if exponent < 1:  # the gradient of a power below 1 is infinite at 0, and the sum of such ones undefined
        powers = torch.where(squared > 0, torch.where(squared > 0, squared, 1.0) ** exponent, 0.0)
    else:
        powers = squared if exponent == 2.0 else squared**exponent
    value = powers.sum(1)
    if weight is None:
        return value.mean((1, 2))
    require_guided(image, weight, "weight")
    weight = at_least_float32(weight[:, :-1, :-1])
    return (value * weight).sum((1, 2)) / weight.sum((1, 2)).clamp_min(1e-6)


def range_penalty(image: Tensor) -> Tensor:
    """Mean squared excursion of `image` (B, C, H, W) outside [0, 1], (B,): the part that clipping would remove.

    Computed in at least float32. Raises ValueError for another shape.

    >>> range_penalty(torch.tensor([-1.0, 0.5, 1.0, 3.0]).view(1, 1, 2, 2))  # (1 + 0 + 0 + 4) / 4
    tensor([1.2500])
    """
    require("image", image, "B, C, H, W")
    image = at_least_float32(image)
    return (image - image.clamp(0, 1)).square().mean((1, 2, 3))
