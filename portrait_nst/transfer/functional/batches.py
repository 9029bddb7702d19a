"""Checks the shapes of batches, and splits and joins batches without copying a single sample."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def require(name: str, found: Tensor, axes: str) -> None:
    """Raise ValueError unless `found` has as many axes as `axes` names, separated by commas, and at least one sample.

    >>> require("guide", torch.ones(2, 9, 7), "B, H, W")
    >>> require("guide", torch.ones(9, 7), "B, H, W")
    Traceback (most recent call last):
    ...
    ValueError: guide must have the shape (B, H, W), not (9, 7)
    """
    if found.ndim != axes.count(",") + 1 or len(found) == 0:
        raise ValueError(f"{name} must have the shape ({axes}), not {tuple(found.shape)}")


def require_match(name: str, found: Tensor, expected: tuple[int, ...], beside: str) -> None:
    """Raise ValueError unless `found` has the `expected` shape, or that of a single sample.

    The first axis is the batch; `beside` names the argument that determines the shape.

    >>> require_match("guide", torch.ones(1, 9, 7), (4, 9, 7), "features")
    >>> require_match("guide", torch.ones(4, 9, 8), (4, 9, 7), "features")
    Traceback (most recent call last):
    ...
    ValueError: guide must have the shape (4, 9, 7) or (1, 9, 7) to go with features, not (4, 9, 8)
    """
    shape = tuple(found.shape)
    if shape == expected or shape == (1, *expected[1:]):
        return
    single = "" if expected[0] == 1 else f" or {(1, *expected[1:])}"
    raise ValueError(f"{name} must have the shape {expected}{single} to go with {beside}, not {shape}")


def require_guided(features: Tensor, guide: Tensor, name: str = "guide") -> None:
    """Raise ValueError unless `features` are (B, C, H, W) and `guide` is (B, H, W) or (1, H, W)."""
    require("features", features, "B, C, H, W")
    require_match(name, guide, (len(features), *features.shape[2:]), "features")


def samples(batch: Tensor, count: int) -> Sequence[Tensor]:
    """The `count` samples of a `batch`; a batch of one serves for all of them.

    A single sample is a view, and so is its gradient. Gradients of indexing and unbinding are copies, which for a feature map
    cost as much as the loss itself.
    """
    return [batch.squeeze(0)] * count if len(batch) == 1 else batch.unbind(0)


def joined(values: Sequence[Tensor]) -> Tensor:
    """The batch of the samples' `values`; a view if there is a single sample."""
    return values[0].unsqueeze(0) if len(values) == 1 else torch.stack(list(values))


def at_least_float32(values: Tensor) -> Tensor:
    """`values` in float32 if their type has fewer bits; otherwise unchanged."""
    return values if values.dtype in (torch.float32, torch.float64) else values.float()
