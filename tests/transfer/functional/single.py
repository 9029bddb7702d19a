"""Functions on batches, called with a single sample."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor


def single(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`function` for arguments without a batch axis, and its value without one."""

    def called(*args: object, **options: object) -> Tensor:
        return function(*(arg[None] if isinstance(arg, Tensor) else arg for arg in args), **options)[0]

    return called
