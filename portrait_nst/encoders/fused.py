"""The steps of a VGG with gradients for the image alone, for which nothing unnecessary is kept in memory.

A step keeps one map, its own output, which is also the next step's input; the weights have no gradient. Maps are channels-last,
in which the CPU's and the GPU's convolutions and poolings are fastest.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F


@dataclass(frozen=True, eq=False)
class Packed:
    """A 3x3 convolution made ready: `forth` (out, in, 3, 3) and `bias` (out,); `back` (in, out, 3, 3) is for gradients."""

    forth: Tensor
    bias: Tensor
    back: Tensor
    made_of: tuple[object, ...]


def pack(convolution: nn.Conv2d, dtype: torch.dtype, old: Packed | None) -> Packed:
    """`convolution` in `dtype`; `old` again, if it was made of the same weights."""
    weight, bias = convolution.weight, convolution.bias
    assert bias is not None
    made_of = (dtype, weight.device, weight.data_ptr(), weight._version, bias.data_ptr(), bias._version)
    if old is not None and old.made_of == made_of:
        return old
    with torch.inference_mode(False), torch.no_grad():  # kept for others, who may want gradients
        forth = weight.to(dtype, memory_format=torch.channels_last, copy=True)
        back = forth.flip(2, 3).transpose(0, 1).contiguous(memory_format=torch.channels_last)
        return Packed(forth, bias.to(dtype, copy=True), back, made_of)


def conv_relu(x: Tensor, packed: Packed) -> Tensor:
    """relu(conv(x)) for `x` (N, C, H, W) of the packed weights' type; the gradient is that of `x` alone."""
    if _may_be_one_pass(x):
        return _one_pass(x, packed.forth, packed.bias)
    y: Tensor = _ConvRelu.apply(x, packed.forth, packed.bias, packed.back)
    return y


def rectified(layer: nn.Conv2d, x: Tensor) -> Tensor:
    """relu(layer(x)) of a 3x3 convolution with padding 1, for `x` (N, C, H, W) of its type; with all gradients."""
    if _may_be_one_pass(x) and layer.bias is not None:
        return _one_pass(x, layer.weight, layer.bias)
    y: Tensor = F.relu(layer(x))
    return y


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution that keeps the size, for painting alone: `weight` (out, in, k, k; k odd) and `bias` (out,)."""

    weight: Tensor
    bias: Tensor

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor) -> Convolution:
        """With its weights in the layout in which they are used."""
        return cls(weight.contiguous(memory_format=torch.channels_last), bias)


def convolved(x: Tensor, by: Convolution, plus: Tensor | None = None, *, rectify: bool = True) -> Tensor:
    """`x` (N, C, H, W) convolved, `plus` a map if one is given, then rectified or not; `x` has the type of the weights."""
    edge = by.weight.shape[-1] // 2
    if _may_be_one_pass(x):
        return _one_pass(x, by.weight, by.bias, plus, edge=edge, rectify=rectify)
    y = F.conv2d(x, by.weight, by.bias, padding=edge)
    if plus is not None:
        y = y + plus
    return F.relu(y) if rectify else y


def _may_be_one_pass(x: Tensor) -> bool:
    return torch.is_inference_mode_enabled() and x.dtype == torch.bfloat16 and x.device.type == "cpu" and in_one_pass()


@functools.cache
def in_one_pass() -> bool:
    """Whether this torch adds and rectifies within a bfloat16 convolution on the CPU, as oneDNN can, with the same result.

    A ReLU after it takes longer than a wide convolution itself, since it is bound by memory. What is no number becomes 0.
    """
    x, weight = (
        torch.linspace(-1, 1, 64).view(1, 1, 8, 8).bfloat16(),
        torch.linspace(-1, 1, 9).view(1, 1, 3, 3).bfloat16(),
    )
    bias = torch.zeros(1, dtype=torch.bfloat16)
    try:
        y = F.conv2d(x, weight, bias, padding=1)
        alone, more = _one_pass(x, weight, bias), _one_pass(x, weight, bias, x, rectify=False)
        near = bool(torch.allclose(more.float(), (y + x).float(), rtol=2**-6, atol=2**-6))
        return near and bool(torch.equal(alone, F.relu(y)))
    except (AttributeError, RuntimeError, TypeError):  # another torch, or a processor without bfloat16
        return False


def _one_pass(
    x: Tensor, weight: Tensor, bias: Tensor, plus: Tensor | None = None, *, edge: int = 1, rectify: bool = True
) -> Tensor:
    padding, ones, after = [edge, edge], [1, 1], "relu" if rectify else None
    convolution = torch.ops.mkldnn._convolution_pointwise
    y: Tensor
    if plus is None:
        y = convolution(x, weight, bias, padding, ones, ones, 1, after or "none", [], "")
    else:
        y = convolution.binary(x, plus, weight, bias, padding, ones, ones, 1, "add", 1.0, after, [], "")
    return y


def halve(x: Tensor) -> Tensor:
    """The mean of each 2x2 cells of `x` (N, C, H, W); an odd row or column at the end is left out."""
    y: Tensor = _Halve.apply(x)
    return y


@functools.cache
def _quarters(channels: int) -> Tensor:
    with torch.inference_mode(False):
        return torch.full((channels, 1, 2, 2), 0.25, dtype=torch.bfloat16)


def _last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


class _ConvRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, forth: Tensor, bias: Tensor, back: Tensor) -> Tensor:
        y = F.conv2d(x, forth, bias, padding=1).relu_()
        ctx.save_for_backward(y, back)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        y, back = ctx.saved_tensors
        inner = torch.ops.aten.threshold_backward(_last(gradient), y, 0)
        return F.conv2d(inner, back, padding=1), None, None, None


class _Halve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.size = x.shape[-2:]
        if x.dtype == torch.bfloat16 and x.device.type == "cpu" and in_one_pass():
            return F.conv2d(x, _quarters(x.shape[1]), stride=2, groups=x.shape[1])  # a third of the pooling's time
        return F.avg_pool2d(x, 2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        height, width = ctx.size
        spread = F.interpolate(_last(gradient) * 0.25, scale_factor=2, mode="nearest")
        missing = (0, width - spread.shape[-1], 0, height - spread.shape[-2])
        return F.pad(spread, missing) if any(missing) else spread
