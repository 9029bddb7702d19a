"""A VGG-shaped network that hands out its intermediate maps.

One class serves VGG-16, VGG-19 and the embedded encoder: they differ in nothing but the
widths of their convolutions and in how the input is scaled.
Simonyan & Zisserman, "Very Deep Convolutional Networks ...", 2014. Opposed to the paper, pooling
averages by default (Gatys et al. 2015 found the pictures smoother), and nothing after the last
convolution asked for is computed.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders.fused import Packed, conv_relu, halve, pack
from portrait_nst.encoders.geometry import Geometry, vgg_geometry
from portrait_nst.encoders.layers import Layer

Widths = tuple[tuple[int, ...], ...]

VGG16: Widths = ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3)
VGG19: Widths = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)


def torchvision_nodes(widths: Widths) -> dict[str, str]:
    """Our layer names by torchvision's: ``{"features.0": "conv1_1", "features.1": "relu1_1", ...}``."""
    nodes, number = {}, 0
    for block, block_widths in enumerate(widths, start=1):
        for index in range(1, len(block_widths) + 1):
            nodes[f"features.{number}"] = f"conv{block}_{index}"
            nodes[f"features.{number + 1}"] = f"relu{block}_{index}"
            number += 2
        number += 1  # the pooling
    return nodes


class Vgg(nn.Module):
    """Blocks of 3x3 convolutions with a ReLU each, and a 2x2 pooling between blocks.

    Convolutions are named ``conv1_1`` ... ``conv5_4`` and their rectified maps ``relu1_1`` ... .
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        widths: Widths,
        *,
        mean: Iterable[float] = (0.485, 0.456, 0.406),
        std: Iterable[float] = (0.229, 0.224, 0.225),
        bgr: bool = False,
        pooling: str = "average",
    ) -> None:
        super().__init__()
        self.widths = widths
        self.bgr = bgr
        self.pooling = pooling
        self.convolutions = nn.ModuleDict()
        self._packed: dict[str, Packed] = {}
        channels = 3
        for block, block_widths in enumerate(widths, start=1):
            for index, width in enumerate(block_widths, start=1):
                self.convolutions[f"conv{block}_{index}"] = nn.Conv2d(channels, width, 3, padding=1)
                channels = width
        std = list(std)
        self.input_scale = len(std) / sum(std)
        self.register_buffer("mean", torch.tensor(list(mean)).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def described(self) -> tuple[Layer, ...]:
        """Every convolution and its ReLU, in order of depth. Keras' maps (``block4_conv2``) are rectified."""
        layers = []
        for node, name in torchvision_nodes(self.widths).items():
            block, index = (int(part) for part in name[4:].split("_"))
            keras = f"block{block}_conv{index}" if name.startswith("relu") else ""
            width = self.widths[block - 1][index - 1]
            layers.append(Layer(name, width, self.geometry(name), node, keras, name))
        return tuple(layers)

    def geometry(self, layer: str) -> Geometry:
        return vgg_geometry(layer, self.widths)

    def forward(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Map `image` (N, 3, H, W; RGB in [0, 1]) to ``{layer: (N, C, h, w)}``."""
        wanted = set(layers)
        found: dict[str, Tensor] = {}
        x = image.flip(1) if self.bgr else image
        x = (x - self.mean) / self.std
        device = image.device.type
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else self.weight_type
        x = x.to(dtype, memory_format=torch.channels_last)
        for block, block_widths in enumerate(self.widths, start=1):
            if block > 1:
                x = F.max_pool2d(x, 2) if self.pooling == "max" else halve(x)
            for index in range(1, len(block_widths) + 1):
                x = self._convolved(f"{block}_{index}", x, wanted, found)
                if len(found) == len(wanted):
                    return found
        raise KeyError(f"no such layer: {sorted(wanted - set(found))}")

    @property
    def weight_type(self) -> torch.dtype:
        return next(self.parameters()).dtype

    def _convolved(self, name: str, x: Tensor, wanted: set[str], found: dict[str, Tensor]) -> Tensor:
        """The rectified map of one convolution; puts into `found` what is `wanted` of it."""
        before, after = f"conv{name}", f"relu{name}"
        convolution = self.convolutions[before]
        assert isinstance(convolution, nn.Conv2d)
        if before in wanted or convolution.weight.requires_grad:
            x = convolution(x)
            if before in wanted:
                found[before] = x
            x = F.relu(x)
        else:
            self._packed[before] = pack(convolution, x.dtype, self._packed.get(before))
            x = conv_relu(x, self._packed[before])
        if after in wanted:
            found[after] = x
        return x
