"""How far features are from those of a content picture.

Its two parts are functions of their own, because the engine computes the factor once for a scale, and the errors at each
evaluation and, for a large picture, tile by tile.
"""

from __future__ import annotations

import torch
from torch import Tensor

from portrait_nst.transfer.functional.batches import at_least_float32, require_guided, require_match

CHANNELS = 16  # channels that are converted at once; a converted copy of all would dominate the use of memory


def squared_errors(features: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """The sum of w (F - P)^2 over channels and cells, (B,).

    features: F (B, C, H, W); target: P (B or 1, C, H, W); weight: w (B or 1, H, W; >= 0). In at least float32.
    Raises ValueError for other shapes.

    >>> squared_errors(torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2), torch.ones(1, 2, 2))
    tensor([12.])
    """
    require_guided(features, weight, "weight")
    require_match("target", target, tuple(features.shape), "features")
    if features.dtype not in (torch.float32, torch.float64):
        features, target = features.float(), at_least_float32(target)
    return ((features - target).square() * weight[:, None]).sum((1, 2, 3))


def content_factor(target: Tensor, area: Tensor) -> Tensor:
    """1 over the sum of squares by which `target` (B, C, H, W) varies around its mean inside `area` (B or 1, H, W), (B,).

    With it, `squared_errors` are relative: 1 for a picture whose features are the target's mean everywhere. `area` is in
    [0, 1]. Raises ValueError for other shapes.

    >>> content_factor(torch.tensor([0.0, 2.0]).view(1, 1, 1, 2), torch.ones(1, 1, 2))
    tensor([0.5000])
    """
    require_guided(target, area, "area")
    area = at_least_float32(area)
    total = area.sum((1, 2)).clamp_min(1e-6)
    share = (area / total[:, None, None])[:, None]
    spread = area.new_zeros(len(target))
    for channels in torch.split(target, CHANNELS, 1):
        found = at_least_float32(channels)
        mean = (found * share).sum((2, 3), keepdim=True)
        spread = spread + ((found - mean).square() * share).sum((1, 2, 3))
    return 1 / (spread.clamp_min(1e-6) * total)


def content_distance(features: Tensor, target: Tensor, area: Tensor, weight: Tensor | None = None) -> Tensor:
    """||F - P||^2 / ||P - mean P||^2 inside a region, (B,): 0 for the target, 1 if only its mean is left.

    features: F (B, C, H, W); target: P (B or 1, C, H, W); area: (B or 1, H, W; [0, 1]), the region.
    weight:   (B or 1, H, W; >= 0), the weight of the errors; None for `area`. The divisor is always that of the area, so that
              a greater weight at one place leaves the others unchanged.

    Opposed to this, Gatys et al. 2015 use half the plain sum of squares. Raises ValueError for other shapes.

    >>> target = torch.tensor([0.0, 2.0]).view(1, 1, 1, 2)
    >>> content_distance(torch.ones(1, 1, 1, 2), target, torch.ones(1, 1, 2))
    tensor([1.])
    """
    errors = squared_errors(features, target, area if weight is None else weight)
    return content_factor(target.expand_as(features), area) * errors
