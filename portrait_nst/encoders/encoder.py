"""The encoder: a network with its layers, whatever network is inside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from portrait_nst.encoders.geometry import Geometry
from portrait_nst.encoders.layers import Layer, by_name, unknown
from portrait_nst.encoders.network import Network
from portrait_nst.encoders.vgg import Vgg


@dataclass(eq=False)
class Encoder:
    """A feature extractor and the facts about it that style transfer needs.

    net:            called as ``net(image, layers)`` with (1, 3, H, W) RGB in [0, 1]; gives {layer: (1, C, h, w)}.
    layers:         all layers that it offers, in order of depth; for a VGG the maps after a ReLU (``relu4_2``). The map before
                    that ReLU (``conv4_2``) can be asked for too.
    style_layers, content_layers: the defaults.
    levels:         how many levels of an image pyramid (x1, x1/2, ...) the style loss is summed over by default.
    bases:          per layer an upper-triangular R (C, C): ||R D R^T|| is the length in the teacher's space of a difference D
                    between Gram matrices. Layers without one use the identity.
    sha256:         the sha256 of the weights; empty without weights.
    """

    name: str
    net: Vgg | Network
    layers: tuple[str, ...]
    style_layers: tuple[str, ...]
    content_layers: tuple[str, ...]
    levels: int
    sha256: str
    bases: dict[str, Tensor] = field(default_factory=dict)

    @property
    def input_scale(self) -> float:
        """Units of the network's input per unit of a picture in [0, 1]: 255 for Caffe's weights, 1 / mean(std) for others."""
        return self.net.input_scale

    @cached_property
    def local(self) -> bool:
        """Whether each cell depends on its receptive field alone: not so with EfficientNet's squeeze-and-excitation gates."""
        return not any(isinstance(module, torch.nn.AdaptiveAvgPool2d) for module in self.net.modules())

    def features(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """The maps ``{layer: (N, C, h, w)}`` of `image` (N, 3, H, W), RGB in [0, 1]."""
        maps: dict[str, Tensor] = self.net(image, layers)
        return maps

    def geometry(self, layer: str) -> Geometry:
        """The receptive fields of the cells of `layer`, the same along both axes.

        Where branches meet it is the union of their fields. The gates of EfficientNet's squeeze-and-excitation blocks, which
        weigh channels by their mean over the whole picture, are left out.
        """
        return self.net.geometry(layer)

    @cached_property
    def described(self) -> tuple[Layer, ...]:
        """All layers that can be asked for, with all their names, in order of depth."""
        layers = self.net.described()
        if isinstance(self.net, Vgg):
            return tuple(layer for layer in layers if layer.name.replace("conv", "relu") in self.layers)
        return layers

    @cached_property
    def _names(self) -> dict[str, str]:
        return by_name(self.described)

    def resolve(self, name: str) -> str:
        """The layer called `name` in any vocabulary.

        For a VGG ``relu4_2``, ``conv4_2`` (the map before its ReLU), Keras' ``block4_conv2``, torchvision's ``features.21``; for
        ResNet-50 ``conv4_block1_2_bn`` or ``layer3.0.bn2``. Raises InputError with the near matches.
        """
        layer = self._names.get(name.strip().lower())
        if layer is None:
            raise unknown(self.name, name, self.layers, self._names)
        return layer

    def to(self, device: torch.device) -> Encoder:
        """Move the network and its bases to `device`, in place; returns the encoder."""
        self.net.to(device)
        self.bases = {layer: base.to(device) for layer, base in self.bases.items()}
        return self
