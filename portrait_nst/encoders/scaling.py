"""How the input of a network is scaled, because each was trained on pictures in another range of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class InputScaling:
    """A network sees (x - mean) / std of a picture x in [0, 1].

    mean, std: a number for each channel, in the network's own order of channels.
    bgr:       whether that order is blue, green, red.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    bgr: bool = False

    @classmethod
    def less_mean(cls, mean: Sequence[float], *, bgr: bool) -> InputScaling:
        """The scaling for a network that takes pictures from 0 to 255 less `mean`, in the network's order of channels."""
        return cls(tuple(value / 255 for value in mean), (1 / 255,) * 3, bgr)


IMAGENET = InputScaling((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# Inception's own `transform_input` would turn ImageNet's scaling into this one.
INCEPTION = InputScaling((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
CAFFE = InputScaling.less_mean((103.939, 116.779, 123.68), bgr=True)


class ScaledInput(nn.Module):
    """A network that is given pictures as RGB in [0, 1] and scales them itself."""

    mean: Tensor
    std: Tensor
    bgr: bool
    input_scale: float  # units of the network's input for a unit of a picture in [0, 1], as a mean over the channels

    def scale_input(self, scaling: InputScaling) -> None:
        """Scale pictures by `scaling` from now on. It is no part of the state dict."""
        self.bgr = scaling.bgr
        self.input_scale = len(scaling.std) / sum(scaling.std)
        self.register_buffer("mean", torch.tensor(scaling.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(scaling.std).view(1, 3, 1, 1), persistent=False)

    def scaled(self, image: Tensor) -> Tensor:
        """`image` (N, 3, H, W), RGB in [0, 1], as the network's first layer takes it."""
        centred: Tensor = (image.flip(1) if self.bgr else image) - self.mean
        return centred.div_(self.std)
