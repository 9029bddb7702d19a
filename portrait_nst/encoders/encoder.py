"""What every encoder offers, whatever network is inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from portrait_nst.encoders.geometry import Geometry, vgg_geometry
from portrait_nst.encoders.vgg import Vgg, torchvision_nodes
from portrait_nst.errors import InputError


@dataclass(eq=False)
class Encoder:
    """A feature extractor and what style transfer must know of it.

    net:            called as ``net(image, layers)`` with (1, 3, H, W) RGB in [0, 1]; gives {layer: (1, C, h, w)}.
    layers:         all layers it can hand out, in order of depth.
    style_layers, content_layers: the defaults.
    levels:         how many levels of an image pyramid (x1, x1/2, ...) the style loss is summed over by default.
    bases:          per layer an upper-triangular R (C, C): ||R D R^T|| is the length in the teacher's space of a difference D
                    between Gram matrices. Layers without one use the identity.
    sha256:         of the weights.
    """

    name: str
    net: Vgg
    layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_layers: tuple[str, ...]
    levels: int
    sha256: str
    bases: dict[str, Tensor] = field(default_factory=dict)

    def features(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        return self.net(image, layers)

    def geometry(self, layer: str) -> Geometry:
        return vgg_geometry(layer, self.net.widths)

    def resolve(self, name: str) -> str:
        """The layer called `name` in any vocabulary: ``relu4_2``, ``conv4_2`` (the map before its ReLU), Keras' ``block4_conv2``,
        torchvision's ``features.21`` (``features.22`` with its ReLU).

        Raises InputError, listing the layers there are.
        """
        layer = name.strip().lower()
        if layer.startswith("block") and "_conv" in layer:  # Keras' maps are rectified
            block, _, index = layer[5:].partition("_conv")
            layer = f"relu{block}_{index}"
        layer = torchvision_nodes(self.net.widths).get(layer, layer)
        if layer.replace("conv", "relu") not in self.layers:
            raise InputError(f"The encoder {self.name} has no layer {name!r}. It has: {', '.join(self.layers)}.")
        return layer

    def to(self, device: torch.device) -> Encoder:
        self.net.to(device)
        self.bases = {layer: base.to(device) for layer, base in self.bases.items()}
        return self
