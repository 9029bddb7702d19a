"""The forms in which the losses have been published, beside this project's own.

All act on guided means instead of sums, G = F T F^T / M with M = sum_p T_p cells (N channels, F of N x M). Where the guide is 1
everywhere and the style has as many cells as the picture, each is the published formula to the letter:

``relative``   ||G - A||^2 / ||A||^2; content over the target's variance; layer weights add up to 1.
``gatys2015``  Gatys et al., arXiv:1508.06576: 1/(4 N^2 M^2) sum (MG - MA)^2 with w_l = 1/|L|; content 1/2 sum (F - P)^2.
``gatys2016``  the code of the CVPR paper: the mean of (G - A)^2 over N^2 entries, times 1000 / N^2; content mean (F - P)^2.
``chollet``    the Keras example: 1/(4 3^2 S^2) sum (MG - MA)^2 / |L| with S the picture's pixels; content sum (F - P)^2; total
               variation sum (dx^2 + dy^2)^1.25.
``half``       half the sum of squares over weighted layers: 1/2 sum w_l (G - A)^2 and 1/2 sum w_l (F - P)^2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.transfer import losses

Style = Callable[[Tensor, Tensor, float, float], Tensor]
Factor = Callable[[Tensor, Tensor], "Tensor | float"]


@dataclass(frozen=True)
class Normalisation:
    """One form of the losses.

    style:   (G, A, M cells of the region at the layer, S pixels of the region) -> the layer's distance.
    factor:  (P (C, h, w), area (h, w)) -> what the sum of the content's squared errors is multiplied by.
    share:   how a style layer's weight counts among all: "sum" (over their sum), "count" (over their number) or "own".
    summed:  whether total variation is a sum over the region's pixels, not a mean.
    style_weight, content_weight: of the terms where none are given.
    """

    style: Style
    factor: Factor
    share: str
    summed: bool = True
    style_weight: float = 1.0
    content_weight: float = 1.0

    def content(self, features: Tensor, target: Tensor, area: Tensor, weight: Tensor | None = None) -> Tensor:
        """The content distance of `features` (C, h, w) from `target` inside `area` (h, w; [0, 1]).

        `weight` (h, w) weighs the errors instead of `area`; the factor stays the area's, so that to hold one place more
        firmly leaves the others as they were.
        """
        errors = losses.squared_errors(features, target, area if weight is None else weight)
        return self.factor(target, area) * errors

    def layer_share(self, weight: float, weights: list[float]) -> float:
        if self.share == "own":
            return weight
        return weight / ((sum(weights) if self.share == "sum" else len(weights)) or 1.0)


def _per_entry(target: Tensor, area: Tensor) -> Tensor:
    return 1 / (len(target) * area.sum().clamp_min(1e-6))


def _relative(gram: Tensor, target: Tensor, cells: float, pixels: float) -> Tensor:
    return losses.style_distance(gram, target)


def _gatys2015(gram: Tensor, target: Tensor, cells: float, pixels: float) -> Tensor:
    return (gram - target).square().sum() / (4 * len(gram) ** 2)


def _gatys2016(gram: Tensor, target: Tensor, cells: float, pixels: float) -> Tensor:
    return (gram - target).square().mean() * 1e3 / len(gram) ** 2


def _chollet(gram: Tensor, target: Tensor, cells: float, pixels: float) -> Tensor:
    return (gram - target).square().sum() * (cells / max(pixels, 1.0)) ** 2 / (4 * 3**2)


def _half(gram: Tensor, target: Tensor, cells: float, pixels: float) -> Tensor:
    return (gram - target).square().sum() / 2


FORMS: dict[str, Normalisation] = {
    "relative": Normalisation(_relative, losses.content_factor, "sum", summed=False),
    "gatys2015": Normalisation(_gatys2015, lambda target, area: 0.5, "count", style_weight=1e3),
    "gatys2016": Normalisation(_gatys2016, _per_entry, "own"),
    "chollet": Normalisation(_chollet, lambda target, area: 1.0, "count", style_weight=1e-6, content_weight=2.5e-8),
    "half": Normalisation(_half, lambda target, area: 0.5, "own"),
}


def wasserstein(moments: Tensor, target: Tensor) -> Tensor:
    """W2^2 between the Gaussians of two (C+1, C+1) matrices [[G, m], [m^T, 1]] of second moments and means.

    |m - m*|^2 + tr(S + S* - 2 (S*^1/2 S S*^1/2)^1/2) with S = G - m m^T; Vacher, Davila, Kohn & Coen-Cagli 2020 use it for
    textures. In at least float32; eigenvalues under a millionth of the greatest count as none.
    """
    (mean, covariance), (goal_mean, goal) = _gaussian(moments), _gaussian(target)
    root = _root(goal)
    inner = root @ covariance @ root
    values = torch.linalg.eigvalsh((inner + inner.T) / 2)
    cross = values[values > values.detach().max().clamp_min(1e-30) * 1e-6].sqrt().sum()
    return (mean - goal_mean).square().sum() + covariance.trace() + goal.trace() - 2 * cross


def wasserstein_relative(moments: Tensor, target: Tensor) -> Tensor:
    """`wasserstein` over the target's own second moment: 1 for features that are all 0."""
    return wasserstein(moments, target) / target.diagonal()[:-1].sum().clamp_min(1e-12)


def _gaussian(moments: Tensor) -> tuple[Tensor, Tensor]:
    mean = moments[:-1, -1]
    return mean, moments[:-1, :-1] - torch.outer(mean, mean)


def _root(matrix: Tensor) -> Tensor:
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp_min(0).sqrt()) @ vectors.T
