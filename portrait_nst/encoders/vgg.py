"""A VGG-shaped network that hands out its intermediate maps.

One class serves VGG-16, VGG-19 and the embedded encoder: they differ in nothing but the
widths of their convolutions and in how the input is scaled.
Opposed to Simonyan & Zisserman's paper, pooling averages by default (Gatys et al. 2015 found the
pictures smoother), and nothing after the last convolution asked for is computed.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders.fused import Packed, conv_relu, halve, pack
from portrait_nst.encoders.geometry import Geometry, vgg_geometry
from portrait_nst.encoders.layers import Layer
from portrait_nst.encoders.scaling import IMAGENET, InputScaling, ScaledInput
from portrait_nst.encoders.vgg_layout import Widths, keras_name, torchvision_nodes


class Vgg(ScaledInput):
    """Blocks of 3x3 convolutions with a ReLU each, and a 2x2 pooling between blocks.

    Convolutions are named ``conv1_1`` ... ``conv5_4`` and their rectified maps ``relu1_1`` ... .
    """

    def __init__(self, widths: Widths, *, scaling: InputScaling = IMAGENET, pooling: str = "average") -> None:
        """A network with random weights. pooling: "average" or "max"."""
        super().__init__()
        self.scale_input(scaling)
        self.widths = widths
        self.pooling = pooling
        self.convolutions = nn.ModuleDict()
        self._packed: dict[str, Packed] = {}
        channels = 3
        for block, block_widths in enumerate(widths, start=1):
            for index, width in enumerate(block_widths, start=1):
                self.convolutions[f"conv{block}_{index}"] = nn.Conv2d(channels, width, 3, padding=1)
                channels = width

    def described(self) -> tuple[Layer, ...]:
        """Every convolution and its ReLU, in order of depth."""
        layers = []
        for node, name in torchvision_nodes(self.widths).items():
            block, index = (int(part) for part in name[4:].split("_"))
            width = self.widths[block - 1][index - 1]
            layers.append(Layer(name, width, self.geometry(name), node, keras_name(name), name))
        return tuple(layers)

    def geometry(self, layer: str) -> Geometry:
        """The receptive fields of `layer`."""
        return vgg_geometry(layer, self.widths)

    def forward(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Map `image` (N, 3, H, W; RGB in [0, 1]) to ``{layer: (N, C, h, w)}``. Raises KeyError for an unknown layer."""
        wanted = set(layers)
        found: dict[str, Tensor] = {}
        device = image.device.type
        own = next(self.parameters()).dtype  # maps have the number format of the weights, where no autocast is on
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else own
        x = self.scaled(image).to(dtype).contiguous(memory_format=torch.channels_last)  # faster than in one step
        for block, block_widths in enumerate(self.widths, start=1):
            if block > 1:
                x = F.max_pool2d(x, 2) if self.pooling == "max" else halve(x)
            for index in range(1, len(block_widths) + 1):
                x = self._convolved(f"{block}_{index}", x, wanted, found)
                if len(found) == len(wanted):
                    return found
        raise KeyError(f"no such layer: {sorted(wanted - set(found))}")

    def _convolved(self, name: str, x: Tensor, wanted: set[str], found: dict[str, Tensor]) -> Tensor:
        """The rectified map of one convolution; its maps that are `wanted` go into `found`."""
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
