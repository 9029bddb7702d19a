"""Statistics of features inside a region, and the distance between two of them.

f_p is the column of features at cell p, T(p) in [0, 1] the region's guidance there:

    guided mean  m = sum_p T f / sum_p T
    guided Gram  G = sum_p T f f^T / sum_p T

Gatys et al. 2017 multiply the features by T and normalise T to unit energy. Opposed to them, the weight is T
itself (features times sqrt T), so that a soft edge counts once over all regions, and the divisor is the region's
own area, so that neither its size nor the picture's changes what a loss on G means.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from portrait_nst.transfer.functional.batches import (
    at_least_float32,
    joined,
    promoted,
    require_guided,
    require_match,
    require_square,
    samples,
)

STATISTICS = ("gram", "wasserstein")
BLOCKS = 8
REGISTER = 32  # bfloat16 numbers in a vector register of 512 bits
_NOTHING = 1e-6


def guided_gram(features: Tensor, guide: Tensor) -> Tensor:
    """Gram matrices (B, C, C) of `features` (B, C, H, W) under `guide` (B or 1, H, W; [0, 1]); zeros for an empty guide.

    The result is float32, or float64 for such features. bfloat16 features are multiplied as they are, in blocks of cells whose
    products are added in float32. Differentiable once, in both arguments. Raises ValueError for other shapes.

    >>> features = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 2, 1, 2)  # two channels, two cells
    >>> guided_gram(features, torch.tensor([[[1.0, 1.0]]]))
    tensor([[[ 2.5000,  5.5000],
             [ 5.5000, 12.5000]]])
    >>> guided_gram(features, torch.tensor([[[1.0, 0.0]]]))  # the first cell alone
    tensor([[[1., 3.],
             [3., 9.]]])
    """
    require_guided(features, guide)
    guides = samples(guide, len(features))
    return joined([_gram(_cells(each), own) for each, own in zip(samples(features, len(features)), guides)])


def guided_mean(features: Tensor, guide: Tensor) -> Tensor:
    """Means (B, C) of `features` (B, C, H, W) under `guide` (B or 1, H, W; [0, 1]); zeros for an empty guide.

    In at least float32. Raises ValueError for other shapes.

    >>> guided_mean(torch.tensor([1.0, 5.0]).view(1, 1, 1, 2), torch.tensor([[[3.0, 1.0]]]) / 3)
    tensor([[2.]])
    """
    require_guided(features, guide)
    guides = samples(guide, len(features))
    return joined([_mean(_cells(each), own) for each, own in zip(samples(features, len(features)), guides)])


def feature_statistics(features: Tensor, guide: Tensor, kind: str = "gram", basis: Tensor | None = None) -> Tensor:
    """The statistics that a style loss compares: of `features` (B, C, H, W) under `guide` (B or 1, H, W; [0, 1]).

    kind:  "gram": the guided Gram matrix G, (B, C, C). "wasserstein": the matrix [[G, m], [m^T, 1]] with the mean m,
           (B, C+1, C+1), from which `wasserstein` computes mean and covariance.
    basis: R (C, C), the basis of another space, in which G becomes R G R^T and m becomes R m; None for the features' own.

    Both kinds are means over the region, so that the mean of several styles' statistics is that of their mixture.
    Raises ValueError for other shapes and for an unknown `kind`.

    >>> features = torch.tensor([[1.0, 2.0], [3.0, 4.0]]).view(1, 2, 1, 2)
    >>> feature_statistics(features, torch.ones(1, 1, 2), "wasserstein")
    tensor([[[ 2.5000,  5.5000,  1.5000],
             [ 5.5000, 12.5000,  3.5000],
             [ 1.5000,  3.5000,  1.0000]]])
    """
    require_guided(features, guide)
    if kind not in STATISTICS:
        raise ValueError(f"the kind of statistics must be one of {', '.join(STATISTICS)}, not {kind!r}")
    require_basis(basis, features.shape[1], "features")
    found = []
    for each, own in zip(samples(features, len(features)), samples(guide, len(features))):
        cells = _cells(each)
        gram = apply_basis(_gram(cells, own), basis)
        found.append(gram if kind == "gram" else _with_mean(gram, _mean(cells, own), basis))
    return joined(found)


def apply_basis(gram: Tensor, basis: Tensor | None) -> Tensor:
    """`gram` (C, C) in another space: R G R^T for its `basis` R (C, C); unchanged without a basis.

    >>> apply_basis(torch.eye(2), torch.tensor([[2.0, 0.0], [0.0, 3.0]]))
    tensor([[4., 0.],
            [0., 9.]])
    """
    if basis is None:
        return gram
    gram, basis = promoted(gram, basis)
    return basis @ gram @ basis.T


def require_basis(basis: Tensor | None, channels: int, beside: str) -> None:
    """Raise ValueError unless a `basis`, where there is one, is (C, C) for these `channels`, which the argument `beside` has."""
    if basis is None:
        return
    require_square("basis", basis, "C, C")
    if len(basis) != channels:
        wanted = (channels, channels)
        raise ValueError(f"basis must have the shape {wanted} to go with {beside}, not {tuple(basis.shape)}")


def gram_distance(gram: Tensor, target: Tensor) -> Tensor:
    """||G - G*||^2 / ||G*||^2, (B,), of Gram matrices (B, C, C) from a `target` (B or 1, C, C).

    It is 0 for the target itself, and 1 for features that are all 0. Gatys et al. 2015 divide by 4 N^2 M^2 instead; the target's
    own norm makes layers and encoders commensurable. Raises ValueError for other shapes.

    >>> gram_distance(torch.zeros(1, 2, 2), torch.eye(2)[None])
    tensor([1.])
    """
    gram, target = comparable(gram, target)
    return (gram - target).square().sum((1, 2)) / target.square().sum((1, 2)).clamp_min(1e-12)


def comparable(gram: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Gram matrices (B, C, C) and their `target` (B or 1, C, C) in one type; raises ValueError for other shapes."""
    require_square("gram", gram, "B, C, C")
    require_match("target", target, tuple(gram.shape), "gram")
    return promoted(gram, target)


def _cells(features: Tensor) -> Tensor:
    """`features` (C, H, W) as (H W, C): a view of a channels-last map."""
    return features.permute(1, 2, 0).reshape(-1, len(features))


def _gram(cells: Tensor, guide: Tensor) -> Tensor:
    return _GuidedGram.apply(cells, guide.flatten())  # type: ignore[no-any-return]


def _mean(cells: Tensor, guide: Tensor) -> Tensor:
    cells = at_least_float32(cells)
    weights = guide.flatten().to(cells.dtype)
    return (weights / weights.sum().clamp_min(_NOTHING)) @ cells


def _with_mean(gram: Tensor, mean: Tensor, basis: Tensor | None) -> Tensor:
    if basis is not None:
        mean, basis = promoted(mean, basis)
        mean = basis @ mean
    edge = torch.cat([mean, mean.new_ones(1)])
    return torch.cat([torch.cat([gram, mean[None]]), edge[:, None]], 1)


class _GuidedGram(torch.autograd.Function):
    """The Gram matrix of cells (N, C), whose gradient makes use of its symmetry: it needs one matrix product instead of two."""

    @staticmethod
    def forward(ctx: Any, cells: Tensor, weights: Tensor) -> Tensor:
        full = torch.float64 if cells.dtype == torch.float64 else torch.float32
        weighted = cells * _spread(weights, cells)
        gram = weighted.T @ cells if cells.dtype == full else _added(weighted, cells, full)
        gram = gram / weights.to(full).sum().clamp_min(_NOTHING)
        ctx.save_for_backward(cells, weights)
        return gram

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        (gradient,) = gradients
        cells, weights = ctx.saved_tensors
        by_cells = by_weights = None
        area = weights.to(gradient.dtype).sum()
        if ctx.needs_input_grad[0]:
            both = (gradient + gradient.T) / area.clamp_min(_NOTHING)
            scale = both.abs().max().clamp_min(1e-30)  # for the range of float16, which is smaller than float32's
            product = cells @ (both / scale).to(cells.dtype)
            by_cells = product.mul_(_spread(weights * scale, cells))
        if ctx.needs_input_grad[1]:
            full = cells.to(gradient.dtype)
            pulls = ((full @ gradient) * full).sum(1)
            mean = (weights.to(gradient.dtype) @ pulls) / area.clamp_min(_NOTHING)
            by_weights = ((pulls - mean * (area >= _NOTHING)) / area.clamp_min(_NOTHING)).to(weights.dtype)
        return by_cells, by_weights


def _spread(weights: Tensor, cells: Tensor) -> Tensor:
    """`weights` (N,) as a factor of `cells` (N, C).

    If the length of the rows is not a multiple of a vector register, broadcasting takes up to five times as long as copying the
    weights to all channels first.
    """
    factor = weights.to(cells.dtype)[:, None]
    return factor if cells.is_cuda or cells.shape[1] % REGISTER == 0 else factor.expand_as(cells).contiguous()


def _added(weighted: Tensor, cells: Tensor, full: torch.dtype) -> Tensor:
    """The sum over cells of the products of `weighted` and `cells` (N, C), in blocks of cells that are added in `full`."""
    count = len(cells) // BLOCKS * BLOCKS
    blocks = [each[:count].view(BLOCKS, -1, each.shape[1]) for each in (weighted, cells)]
    gram = torch.bmm(blocks[0].transpose(1, 2), blocks[1]).to(full).sum(0)
    return gram if count == len(cells) else gram + (weighted[count:].T @ cells[count:]).to(full)
