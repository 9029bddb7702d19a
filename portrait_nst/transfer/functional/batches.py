"""Shapes of batches: what is refused, and how a batch is taken apart and put together again without copies of a single sample."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def require(name: str, found: Tensor, axes: str) -> None:
    """Raise ValueError unless `found` has as many axes as there are in `axes`, which are parted by commas, and a sample at least.

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

    The first axis is the batch; `beside` names the argument that the shape follows from.

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

    A single sample is a view whose gradient is a view too: those of indexing and unbinding are copies, which for a feature map
    costs as much as the loss itself.
    """
    return [batch.squeeze(0)] * count if len(batch) == 1 else batch.unbind(0)


def joined(values: Sequence[Tensor]) -> Tensor:
    """One batch of the samples' `values`; of a single one a view."""
    return values[0].unsqueeze(0) if len(values) == 1 else torch.stack(list(values))


def at_least_float32(values: Tensor) -> Tensor:
    """`values` in float32 where their type has fewer bits; else as they are."""
    return values if values.dtype in (torch.float32, torch.float64) else values.float()
