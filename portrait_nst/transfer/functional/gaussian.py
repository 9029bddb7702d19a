"""The distance between the Gaussians that two feature statistics describe."""

from __future__ import annotations

import torch
from torch import Tensor

from portrait_nst.transfer.functional.batches import joined, promoted, require_match, require_square, samples
from portrait_nst.transfer.functional.powers import power


def wasserstein(statistics: Tensor, target: Tensor, *, relative: bool = False) -> Tensor:
    """W2^2, (B,), between the Gaussians of `statistics` (B, C+1, C+1) and those of a `target` (B or 1, C+1, C+1).

    |m - m*|^2 + tr(S + S* - 2 (S*^1/2 S S*^1/2)^1/2) with S = G - m m^T, of matrices [[G, m], [m^T, 1]] as
    ``feature_statistics(..., "wasserstein")`` makes them; Vacher, Davila, Kohn & Coen-Cagli 2020 use it for textures. In at
    least float32. Opposed to them, eigenvalues below a millionth of the greatest are left out, since their gradient is unbounded.

    relative: whether to divide by the target's second moment, tr G*, which gives 1 for features that are all 0.

    Raises ValueError for other shapes.

    >>> near, far = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[10.0, 3.0], [3.0, 1.0]])
    >>> wasserstein(far[None], near[None])  # both of variance 1, with means 3 apart
    tensor([9.])
    """
    require_square("statistics", statistics, "B, C+1, C+1")
    require_match("target", target, tuple(statistics.shape), "statistics")
    statistics, target = promoted(statistics, target)
    pairs = zip(samples(statistics, len(statistics)), samples(target, len(statistics)))
    return joined([_relative(one, goal) if relative else _distance(one, goal) for one, goal in pairs])


def _distance(statistics: Tensor, target: Tensor) -> Tensor:
    (mean, covariance), (goal_mean, goal) = _gaussian(statistics), _gaussian(target)
    root = power(goal, 0.5, least=0.0)
    inner = root @ covariance @ root
    values = torch.linalg.eigvalsh((inner + inner.T) / 2)
    cross = values[values > values.detach().max().clamp_min(1e-30) * 1e-6].sqrt().sum()
    distance: Tensor = (mean - goal_mean).square().sum() + covariance.trace() + goal.trace() - 2 * cross
    return distance


def _relative(statistics: Tensor, target: Tensor) -> Tensor:
    return _distance(statistics, target) / target.diagonal()[:-1].sum().clamp_min(1e-12)


def _gaussian(statistics: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (C,) and covariance (C, C)."""
    mean = statistics[:-1, -1]
    return mean, statistics[:-1, :-1] - torch.outer(mean, mean)
