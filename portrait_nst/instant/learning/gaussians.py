"""Maps between Gaussians for several batches at once, on the CPU or on a GPU."""

from __future__ import annotations

import torch
from torch import Tensor

from portrait_nst.instant.gaussian import RIDGE
from portrait_nst.transfer.functional.powers import power

NEWTON_SCHULZ = 40  # iterations; the ridge bounds the condition, so that they converge to float64


def monge(features: Tensor, mean: Tensor, root: Tensor) -> tuple[Tensor, Tensor]:
    """Matrices (K, C, C) and offsets (K, C), float32, that carry K sets of columns to one Gaussian.

    features: (K, n, C) columns. mean, root: of the goal, (C,) and the root of its covariance with the ridge (C, C), float64.
    """
    own = features.float()
    centre = own.mean(1)
    own = own - centre[:, None]
    covariance = (own.mT @ own / own.shape[1]).to(root.device).double()
    middle = centre.to(root.device).double()
    least = (covariance.diagonal(dim1=-2, dim2=-1).mean(-1) * RIDGE).clamp_min(1e-12)
    covariance = covariance + least[:, None, None] * torch.eye(len(mean), dtype=root.dtype, device=root.device)
    inner = root @ covariance @ root
    matrix = root @ (inverse_root(inner) if root.is_cuda else power(inner, -0.5)) @ root
    offset = mean - (matrix @ middle[..., None])[..., 0]
    return matrix.float().to(features.device), offset.float().to(features.device)


def inverse_root(matrix: Tensor) -> Tensor:
    """`matrix` (..., C, C) to the power -1/2 by coupled Newton-Schulz iterations (Higham 2008, 6.7).

    On a GPU they are many times faster than an eigendecomposition, which waits for the CPU.
    """
    size = matrix.shape[-1]
    scale = matrix.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None].clamp_min(1e-30)
    eye = torch.eye(size, dtype=matrix.dtype, device=matrix.device).expand_as(matrix)
    y, z = matrix / scale, eye
    for _ in range(NEWTON_SCHULZ):
        turn = 1.5 * eye - 0.5 * (z @ y)
        y, z = y @ turn, turn @ z
    return z / scale.sqrt()
