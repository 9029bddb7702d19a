"""Checks the shapes and types of batches, and splits and joins batches without copying a single sample."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def require(name: str, found: object, axes: str, *, mask: bool = False) -> None:
    """Raise ValueError unless `found` is of floating point and has as many axes as `axes` names, none of them empty.

    `axes` is separated by commas. `mask` says whether `found` may also be bool. Anything but a tensor raises TypeError.

    >>> require("guide", torch.ones(2, 9, 7), "B, H, W")
    >>> require("guide", torch.ones(9, 7), "B, H, W")
    Traceback (most recent call last):
    ...
    ValueError: guide must have the shape (B, H, W), not (9, 7)
    """
    _require_floating(name, found, f"({axes})", mask)
    assert isinstance(found, Tensor)
    if found.ndim != axes.count(",") + 1:
        raise ValueError(f"{name} must have the shape ({axes}), not {tuple(found.shape)}")
    if found.numel() == 0:
        raise ValueError(f"{name} must have the shape ({axes}) with no empty axis, not {tuple(found.shape)}")


def require_square(name: str, found: object, axes: str) -> None:
    """As `require`, and raise ValueError also unless the last two axes are equally long."""
    require(name, found, axes)
    assert isinstance(found, Tensor)
    if found.shape[-1] != found.shape[-2]:
        raise ValueError(f"{name} must have the shape ({axes}), not {tuple(found.shape)}, which is not square")


def _require_floating(name: str, found: object, shape: str, mask: bool) -> None:
    if not isinstance(found, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor of the shape {shape}, not {type(found).__name__}")
    if not found.is_floating_point() and not (mask and found.dtype == torch.bool):
        kinds = "of floating point or bool" if mask else "of floating point"
        pictures = "; the values of a picture go from 0 to 1" if name == "image" else ""
        raise ValueError(f"{name} must be {kinds}, such as torch.float32, not {found.dtype}{pictures}")


def require_match(name: str, found: object, expected: tuple[int, ...], beside: str, *, mask: bool = False) -> None:
    """Raise ValueError unless `found` has the `expected` shape, or that of a single sample.

    The first axis is the batch; `beside` names the argument that determines the shape. Types are checked as by `require`.

    >>> require_match("guide", torch.ones(1, 9, 7), (4, 9, 7), "features")
    >>> require_match("guide", torch.ones(4, 9, 8), (4, 9, 7), "features")
    Traceback (most recent call last):
    ...
    ValueError: guide must have the shape (4, 9, 7) or (1, 9, 7) to go with features, not (4, 9, 8)
    """
    _require_floating(name, found, str(expected), mask)
    assert isinstance(found, Tensor)
    shape = tuple(found.shape)
    if shape == expected or shape == (1, *expected[1:]):
        return
    single = "" if expected[0] == 1 else f" or {(1, *expected[1:])}"
    raise ValueError(f"{name} must have the shape {expected}{single} to go with {beside}, not {shape}")


def require_guided(features: Tensor, guide: object, name: str = "guide") -> None:
    """Raise ValueError unless `features` are (B, C, H, W) and `guide` is (B, H, W) or (1, H, W)."""
    require("features", features, "B, C, H, W")
    require_match(name, guide, (len(features), *features.shape[2:]), "features", mask=True)


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


def promoted(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Both tensors in the type that has the precision of both, which is at least float32; unchanged if they have it.

    >>> [each.dtype for each in promoted(torch.ones(1, dtype=torch.bfloat16), torch.ones(1, dtype=torch.float16))]
    [torch.float32, torch.float32]
    """
    common = torch.promote_types(torch.promote_types(first.dtype, second.dtype), torch.float32)
    return first.to(common), second.to(common)
