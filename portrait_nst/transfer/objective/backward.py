"""Backpropagation from a known gradient instead of a loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def backward_from(image: Tensor, gradient: Tensor, *, retain_graph: bool = False) -> None:
    """The same as ``image.backward(gradient)``; both have one shape.

    Torch itself compares the shapes, for which it imports sympy; that takes a third of a second.
    """
    torch.autograd.backward(_Known.apply(image, gradient), retain_graph=retain_graph)


class _Known(torch.autograd.Function):
    """A scalar whose gradient with respect to the image is the given one."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, gradient: Tensor) -> Tensor:
        ctx.save_for_backward(gradient)
        return image.new_zeros(())

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradient, None
