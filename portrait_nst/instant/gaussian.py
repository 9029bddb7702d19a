"""Gaussians of features under a guide, and the affine map that carries one to another with the least transport.

The map between N(m, S) and N(m', S') is x -> A (x - m) + m' with A = R (R S R)^-1/2 R and R = S'^1/2, Monge's map between
Gaussians (Olkin & Pukelsheim 1982; for style transfer Mroueh 2019). It folds into a 1x1 convolution. Opposed to a whitening
and colouring, it is the linear map that matches the covariance and moves the features least, so that structure stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.encoders.fused import Convolution, convolved
from portrait_nst.transfer import functional
from portrait_nst.transfer.functional.powers import power

RIDGE = 1e-3  # of the mean variance, added to each variance, so that silent channels are not amplified
FLAT = 0.1  # of the painting's mean variance, below which a photo counts as flat


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Mean (C,) and covariance (C, C) of feature columns, both float64 on the CPU."""

    mean: Tensor
    covariance: Tensor

    @classmethod
    def of(cls, features: Tensor, guide: Tensor) -> Gaussian:
        """The Gaussian of `features` (1, C, h, w) under `guide` (1, h, w; [0, 1]) at the same cells."""
        centred = features.float()
        about = centred.mean((0, 2, 3), keepdim=True)  # near the mean, so that nothing is lost to cancellation
        centred = centred - about
        mean = functional.guided_mean(centred, guide)[0].cpu().double()  # Apple's GPUs have no float64
        second = functional.guided_gram(centred, guide)[0].cpu().double()
        return cls(mean + about.flatten().cpu().double(), second - torch.outer(mean, mean))

    @property
    def variance(self) -> float:
        """The mean variance of its channels."""
        return float(self.covariance.diagonal().mean())

    def ridged(self, ridge: float = RIDGE, least: float = 0.0) -> Tensor:
        """The covariance with `ridge` times its mean variance, or `least` where that is more, added along the diagonal."""
        added = max(self.variance, least) * ridge
        return self.covariance + max(added, 1e-12) * torch.eye(len(self.mean), dtype=torch.float64)


@dataclass(frozen=True, eq=False)
class AffineMap:
    """x -> `matrix` x + `offset` for feature columns: (C, C) and (C,), float32."""

    matrix: Tensor
    offset: Tensor

    def __call__(self, features: Tensor, share: float | Tensor = 1.0) -> Tensor:
        """The rectified image of `features` (N, C, h, w).

        share: how far they are moved, in [0, 1]: a number, or one for each cell, (N, 1, h, w).
        """
        eye = torch.eye(len(self.matrix), dtype=self.matrix.dtype, device=self.matrix.device)
        if isinstance(share, Tensor):
            moves = convolved(features, _as_convolution(self.matrix - eye, self.offset, features), rectify=False)
            return moves.mul_(share.to(features)).add_(features).relu_()
        matrix, offset = (
            (self.matrix, self.offset) if share == 1.0 else (torch.lerp(eye, self.matrix, share), share * self.offset)
        )
        return convolved(features, _as_convolution(matrix, offset, features))


def _as_convolution(matrix: Tensor, offset: Tensor, like: Tensor) -> Convolution:
    return Convolution.of(matrix.to(like)[:, :, None, None], offset.to(like))


def mixture(parts: Sequence[tuple[Gaussian, float]]) -> Gaussian:
    """The Gaussian with the mean and covariance of a mixture of (Gaussian, weight over 0)."""
    total = sum(weight for _, weight in parts)
    mean = sum((weight / total * part.mean for part, weight in parts), torch.zeros(()))
    spread = sum(
        (
            weight / total * (part.covariance + torch.outer(part.mean - mean, part.mean - mean))
            for part, weight in parts
        ),
        torch.zeros(()),
    )
    return Gaussian(mean, spread)


def monge_map(own: Gaussian, goal: Gaussian, ridge: float = RIDGE) -> AffineMap:
    """The map that carries the Gaussian `own` to `goal`; both covariances get the `ridge` first. Computed in float64.

    A photo that varies by less than `FLAT` of the painting gets the ridge of one that varies as much: its noise is no structure.
    """
    root = power(goal.ridged(ridge), 0.5)
    matrix = root @ power(root @ own.ridged(ridge, FLAT * goal.variance) @ root, -0.5) @ root
    return AffineMap(matrix.float(), (goal.mean - matrix @ own.mean).float())
