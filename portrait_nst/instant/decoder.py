"""The part of the network that is learned: mapped features in, a picture out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders.fused import rectified

FEATURES = 128  # channels of relu3_1
WIDTHS = (96, 64, 48, 32, 16, 3)
COARSE = 48  # channels of the branch that sees the picture at x1/2 and x1/4
LEVELS = 3


class Decoder(nn.Module):
    """3x3 convolutions 128-96-64, x2, 64-48-32, x2, 32-16-3, with a branch at x1/2 and x1/4.

    There is no normalisation: what moves features to the painting is the affine map before it. The branch sees eight times as
    far as relu3_1 does, which is what swirls and broad strokes take. About 0.43 million weights.
    """

    def __init__(self) -> None:
        """A decoder with random weights whose branch has no say yet."""
        super().__init__()
        self.fine = nn.ModuleList(_convolution(a, b) for a, b in zip((FEATURES, *WIDTHS), WIDTHS))
        self.at_half = nn.ModuleList(
            (_convolution(FEATURES, COARSE), *(_convolution(COARSE, COARSE) for _ in range(2)))
        )
        self.at_quarter = nn.ModuleList((_convolution(FEATURES, COARSE), _convolution(COARSE, COARSE)))
        self.join = _convolution(COARSE, WIDTHS[0])
        nn.init.zeros_(self.join.weight)
        last = self.fine[-1]
        assert isinstance(last, nn.Conv2d) and last.bias is not None
        last.weight.data.mul_(0.1)
        nn.init.constant_(last.bias, 0.5)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """A picture (N, 3, H, W), about in [0, 1], of features (N, 128, h, w) at x1, x1/2 and x1/4; H = 4 h, W = 4 w."""
        whole, half, quarter = maps
        return self.finished(whole, self.coarse(half, quarter))

    def coarse(self, half: Tensor, quarter: Tensor) -> Tensor:
        """What the branch that sees far adds, (N, 96, H / 8, W / 8), of features at x1/2 and x1/4."""
        for layer in self.at_quarter:
            quarter = _rectified(layer, quarter)
        broad = F.relu(self.at_half[0](half) + _enlarged(quarter, half))
        for layer in list(self.at_half)[1:]:
            broad = _rectified(layer, broad)
        joined: Tensor = self.join(broad)
        return joined

    def finished(self, whole: Tensor, coarse: Tensor) -> Tensor:
        """The picture of features at x1 and of what `coarse` adds to them."""
        x = self.fine[0](whole)
        x = F.relu(x + _enlarged(coarse, x))
        for index, layer in enumerate(list(self.fine)[1:], start=1):
            x = _rectified(layer, x) if index < len(WIDTHS) - 1 else layer(x)
            if index in (1, 3):
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        picture: Tensor = x
        return picture


def _convolution(channels: int, width: int) -> nn.Conv2d:
    layer = nn.Conv2d(channels, width, 3, padding=1)
    if (
        layer.weight.is_meta
    ):  # only the shape is asked for; to fill it would import torch's compiler, which takes a second
        return layer
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def _rectified(layer: nn.Module, x: Tensor) -> Tensor:
    assert isinstance(layer, nn.Conv2d)
    return rectified(layer, x)


def _enlarged(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


def count_weights(decoder: nn.Module) -> int:
    """The number of weights of a network."""
    return sum(parameter.numel() for parameter in decoder.parameters())


def channels_last(decoder: Decoder) -> Decoder:
    """`decoder` with its weights in the layout in which convolutions are fastest, in place."""
    return decoder.to(memory_format=torch.channels_last)
