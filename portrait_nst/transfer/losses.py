"""The terms of the objective, as pure functions.

Every term is relative: to the size of its own target, not to the number of pixels, channels or layers. A
weight therefore keeps its meaning when the picture's size, the region's area or the encoder changes.
"""

from __future__ import annotations

import torch
from torch import Tensor


def style_distance(gram: Tensor, target: Tensor) -> Tensor:
    """||G - G*||^2 / ||G*||^2 for Gram matrices (C, C).

    Gatys et al. 2015 divide by 4 N^2 M^2 instead; the target's own norm makes layers and encoders commensurable.
    """
    return (gram - target).square().sum() / target.square().sum().clamp_min(1e-12)


def squared_errors(features: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The sum of (F - P)^2 over channels and cells of (C, h, w), weighed by `weight` (h, w); in at least float32."""
    if features.dtype not in (torch.float32, torch.float64):
        features, target = features.float(), target.float()
    return ((features - target).square() * weight).sum()


def content_factor(target: Tensor, area: Tensor) -> Tensor:
    """1 over the sum of squares by which `target` (C, h, w) varies around its mean inside `area` (h, w; [0, 1])."""
    total = area.sum().clamp_min(1e-6)
    share = area / total
    spread = area.new_zeros(())
    for channels in target.split(16):  # a copy of all of them at once would be what takes most memory
        found = channels if channels.dtype in (torch.float32, torch.float64) else channels.float()
        mean = (found * share).sum((1, 2), keepdim=True)
        spread = spread + ((found - mean).square() * share).sum()
    return 1 / (spread.clamp_min(1e-6) * total)


def total_variation(image: Tensor, weight: Tensor | None = None, exponent: float = 2.0) -> Tensor:
    """Mean over the pixels of the sum over channels of v(dx^2 + dy^2), for `image` (3, H, W) under `weight` (H, W).

    Exponent 2 is the squared form, v(s) = s. Any other e gives v(s) = s^e, as in Mahendran & Vedaldi; Chollet's script
    has 1.25. The last row and column have no neighbours and do not count.
    """
    right = image[:, :-1, 1:] - image[:, :-1, :-1]
    down = image[:, 1:, :-1] - image[:, :-1, :-1]
    squared = right.square() + down.square()
    value = (squared if exponent == 2.0 else squared**exponent).sum(0)
    if weight is None:
        return value.mean()
    weight = weight[:-1, :-1]
    return (value * weight).sum() / weight.sum().clamp_min(1e-6)


def range_penalty(image: Tensor) -> Tensor:
    """Mean squared excursion of `image` outside [0, 1]: what clipping would cut off."""
    return (image - image.clamp(0, 1)).square().mean()
