"""Statistics of features inside a region.

f_p is the column of features at cell p, T(p) in [0, 1] the region's guidance there:

    guided mean  m = sum_p T f / sum_p T
    guided Gram  G = sum_p T f f^T / sum_p T

Gatys et al. 2017 multiply the features by T and normalise T to unit energy. Opposed to them the weight is T
itself (features times sqrt T), so that a soft edge counts once over all regions, and the divisor is the region's
own area, so that neither its size nor the picture's changes what a loss on G means.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_NOTHING = 1e-6
BLOCKS = 8
REGISTER = 32  # bfloat16 numbers in a vector register of 512 bits


def guided_gram(features: Tensor, guide: Tensor) -> Tensor:
    """Gram matrix (C, C) of `features` (C, h, w) under `guide` (h, w; [0, 1]); zeros for an empty guide.

    float32 or float64, whatever the features' type. bfloat16 features are multiplied as they are, in blocks of cells whose
    products are added in float32.
    """
    return _GuidedGram.apply(_cells(features), guide.flatten())  # type: ignore[no-any-return, no-untyped-call]


class _GuidedGram(torch.autograd.Function):
    """The Gram matrix of cells (N, C), with a gradient that knows its symmetry: one product instead of two."""

    @staticmethod
    def forward(ctx: Any, cells: Tensor, weights: Tensor) -> Tensor:
        ctx.save_for_backward(cells, weights)
        full = torch.float64 if cells.dtype == torch.float64 else torch.float32
        weighted = cells * _spread(weights, cells)
        gram = weighted.T @ cells if cells.dtype == full else _added(weighted, cells, full)
        return gram / weights.to(full).sum().clamp_min(_NOTHING)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        cells, weights = ctx.saved_tensors
        both = (gradient + gradient.T) / weights.to(gradient.dtype).sum().clamp_min(_NOTHING)
        scale = both.abs().max().clamp_min(1e-30)  # bfloat16 has float32's range, float16 has not
        product = cells @ (both / scale).to(cells.dtype)
        return product.mul_(_spread(weights * scale, cells)), None


def _spread(weights: Tensor, cells: Tensor) -> Tensor:
    """`weights` (N,) as a factor of `cells` (N, C).

    To multiply rows that are no multiple of a vector register long takes up to five times as long as to copy the weights to all
    channels first.
    """
    factor = weights.to(cells.dtype)[:, None]
    return factor if cells.is_cuda or cells.shape[1] % REGISTER == 0 else factor.expand_as(cells).contiguous()


def _added(weighted: Tensor, cells: Tensor, full: torch.dtype) -> Tensor:
    """The sum over cells of the products of `weighted` and `cells` (N, C), in blocks of cells that are added in `full`."""
    count = len(cells) // BLOCKS * BLOCKS
    blocks = [each[:count].view(BLOCKS, -1, each.shape[1]) for each in (weighted, cells)]
    gram = torch.bmm(blocks[0].transpose(1, 2), blocks[1]).to(full).sum(0)
    return gram if count == len(cells) else gram + (weighted[count:].T @ cells[count:]).to(full)


def guided_mean(features: Tensor, guide: Tensor) -> Tensor:
    """Mean (C,) of `features` (C, h, w) under `guide` (h, w; [0, 1]); zeros for an empty guide."""
    cells = _cells(features)
    cells = cells if cells.dtype in (torch.float32, torch.float64) else cells.float()
    weights = guide.flatten().to(cells.dtype)
    return (weights / weights.sum().clamp_min(_NOTHING)) @ cells


def guided_statistics(features: Tensor, guide: Tensor) -> tuple[Tensor, Tensor]:
    """Guided mean (C,) and covariance (C, C)."""
    mean = guided_mean(features, guide)
    return mean, guided_gram(features, guide) - torch.outer(mean, mean)


def _cells(features: Tensor) -> Tensor:
    """`features` (C, h, w) as (h w, C): a view of a channels-last map."""
    return features.permute(1, 2, 0).reshape(-1, len(features))
