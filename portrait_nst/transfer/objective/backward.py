"""Backward from a gradient that is known, instead of from a loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def backward_from(image: Tensor, gradient: Tensor, *, retain_graph: bool = False) -> None:
    """``image.backward(gradient)``, both of one shape.

    To compare the shapes, torch imports its symbolic ones and sympy with them, which takes a third of a second.
    """
    torch.autograd.backward(_Known.apply(image, gradient), retain_graph=retain_graph)


class _Known(torch.autograd.Function):
    """A number whose gradient at the image is the one given."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, gradient: Tensor) -> Tensor:
        ctx.save_for_backward(gradient)
        return image.new_zeros(())

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradient, None
