"""Statistics of features inside a region.

f_p is the column of features at cell p, T(p) in [0, 1] the region's guidance there:

    guided mean  m = sum_p T f / sum_p T
    guided Gram  G = sum_p T f f^T / sum_p T

Gatys et al. 2017 multiply the features by T and normalise T to unit energy. Opposed to them the weight is T
itself (features times sqrt T), so that a soft edge counts once over all regions, and the divisor is the region's
own area, so that neither its size nor the picture's changes what a loss on G means.
"""

from __future__ import annotations

import torch
from torch import Tensor

_NOTHING = 1e-6


def guided_gram(features: Tensor, guide: Tensor) -> Tensor:
    """Gram matrix (C, C) of `features` (C, h, w) under `guide` (h, w; [0, 1]); zeros for an empty guide.

    Sums are taken in at least float32, whatever the features' type.
    """
    flat = _columns(features)
    weights = guide.flatten().to(flat.dtype)
    return (flat * (weights / weights.sum().clamp_min(_NOTHING))) @ flat.T


def guided_mean(features: Tensor, guide: Tensor) -> Tensor:
    """Mean (C,) of `features` (C, h, w) under `guide` (h, w; [0, 1]); zeros for an empty guide."""
    flat = _columns(features)
    weights = guide.flatten().to(flat.dtype)
    return flat @ (weights / weights.sum().clamp_min(_NOTHING))


def guided_statistics(features: Tensor, guide: Tensor) -> tuple[Tensor, Tensor]:
    """Guided mean (C,) and covariance (C, C)."""
    mean = guided_mean(features, guide)
    return mean, guided_gram(features, guide) - torch.outer(mean, mean)


def _columns(features: Tensor) -> Tensor:
    flat = features.flatten(1)
    return flat if flat.dtype in (torch.float32, torch.float64) else flat.float()
