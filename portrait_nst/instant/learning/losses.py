"""The losses by which a network learns: what the painting asks, what the photo asks, and what a clip asks."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.targets import LayerTarget

TONES = 8  # pixels a side over which tones in faces are compared


def bounded(error: Tensor) -> Tensor:
    """E / (stop(e) + 1): between 0 and 1, with the gradient of a logarithm, so that no crop far off outweighs the others."""
    return error / (error.detach() + 1)


def covariance_loss(features: Mapping[str, Tensor], layers: Mapping[str, LayerTarget]) -> Tensor:
    """How far means and covariances of `features` {layer: (B, C, h, w)} are from a painting's, in its deviations; in [0, 2].

    Each error is bounded. `recipe.TOGETHER` of it is that of the batch as one picture, the rest the mean of each crop's.
    Opposed to a relative Gram loss, whose heavy tails between crops keep Adam from converging.
    """
    parts = []
    for name, target in layers.items():
        x = (features[name].float() - target.mean[:, None, None]) / target.deviation[:, None, None]
        x = x.permute(0, 2, 3, 1).flatten(1, 2)  # (B, n, C)
        mean, second = x.mean(1), x.mT @ x / x.shape[1]
        each = _error(mean, second, target)
        whole = _error(mean.mean(0, keepdim=True), second.mean(0, keepdim=True), target)
        parts.append(recipe.TOGETHER * whole[0] + (1 - recipe.TOGETHER) * each.mean())
    return torch.stack(parts).mean()


def _error(mean: Tensor, second: Tensor, target: LayerTarget) -> Tensor:
    """The bounded errors (B,) of means (B, C) and second moments (B, C, C), in units of the target's deviations."""
    covariance = second - mean[:, :, None] * mean[:, None]
    apart = (covariance - target.correlation).square().sum((1, 2)) / target.size
    return bounded(mean.square().mean(1)) + bounded(apart)


def nearest_loss(
    columns: Tensor, photo: Tensor, book: Tensor, generator: torch.Generator, weights: Tensor | None = None
) -> Tensor:
    """1 - cosine of hypercolumns `columns` (B, D, h, w) to the nearest in the painting's `book` (n, D; of length 1).

    The question is the output's column plus `recipe.PHOTO` of that of the colour-moved `photo`, each without its mean; what is
    near the answer is the output's. Asked by the output alone, a network collapses into dark flats while this loss falls.
    `recipe.QUESTIONS` cells ask, drawn by `generator`. weights: (B, 1, h, w), how much each counts.
    """
    own, moved = _flat(columns), _flat(photo)
    with torch.no_grad():
        question = F.normalize((own - own.mean(0)) + recipe.PHOTO * (moved - moved.mean(0)), dim=1)
    counts = None if weights is None else weights.flatten()
    if len(own) > recipe.QUESTIONS:
        chosen = torch.randperm(len(own), generator=generator)[: recipe.QUESTIONS].to(own.device)
        own, question = own[chosen], question[chosen]
        counts = None if counts is None else counts[chosen]
    with torch.no_grad():
        answer = book[(question.to(book.dtype) @ book.T).max(1).indices].float()  # argmax takes three times as long
    apart = 1 - (F.normalize(own, dim=1) * answer).sum(1)
    return apart.mean() if counts is None else (apart * counts).sum() / counts.sum().clamp_min(1e-6)


def _flat(columns: Tensor) -> Tensor:
    return columns.permute(0, 2, 3, 1).reshape(-1, columns.shape[1])


def content_loss(
    features: Mapping[str, Tensor], structure: Tensor, mapped: Tensor, weights: Tensor | None = None
) -> Tensor:
    """How far relu3_1 is from the `mapped` features, and relu3_2 from the photo's `structure`, both (B, C, h, w).

    Both are relative to the goal's own variance; relu3_2 is compared without the mean of each crop and channel.
    weights: (B, h, w), how much each cell counts.
    """
    own, goal = (x.float() - x.float().mean((2, 3), keepdim=True) for x in (features["relu3_2"], structure))
    apart = recipe.DEEP * (own - goal).square().mean(1) / goal.square().mean().clamp_min(1e-6)
    mapped = mapped.float()
    spread = (mapped - mapped.mean((0, 2, 3), keepdim=True)).square().mean().clamp_min(1e-6)
    apart = apart + (features["relu3_1"].float() - mapped).square().mean(1) / spread
    return apart.mean() if weights is None else (apart * weights).mean()


def tone_loss(output: Tensor, photo: Tensor, face: Tensor) -> Tensor:
    """Squared differences of tones of `output` and colour-moved `photo`, (B, 3, H, W), weighed by the `face` map (B, 1, H, W)."""
    apart = F.avg_pool2d(output, TONES) - F.avg_pool2d(photo, TONES)
    return (F.avg_pool2d(face, TONES) * apart.square()).mean()


def shift_loss(output: Tensor, shifted: Tensor, down: int, across: int, rim: int = 8) -> Tensor:
    """Mean squared difference of an `output` (B, C, H, W) from that of the photo `down` and `across` pixels further on.

    rim: pixels at the edges that are left out, since there the one saw what the other did not.
    """
    height, width = output.shape[-2:]
    own = output[..., down + rim : height - rim, across + rim : width - rim]
    other = shifted[..., rim : height - rim - down, rim : width - rim - across]
    return (own - other).square().mean()


def outside_loss(output: Tensor) -> Tensor:
    """Mean square of what of colours is outside [0, 1]."""
    return (output - output.clamp(0, 1)).square().mean()
