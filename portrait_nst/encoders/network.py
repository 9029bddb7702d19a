"""Any network of torchvision as an encoder: it computes what the wanted layers need, and nothing after them."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, fx

from portrait_nst.encoders.geometry import Geometry
from portrait_nst.encoders.graph import cut
from portrait_nst.encoders.layers import Layer
from portrait_nst.encoders.scaling import IMAGENET, InputScaling, ScaledInput
from portrait_nst.errors import InputError


class Network(ScaledInput):
    """A traced network and its layers.

    body:  the graph up to its last map.
    nodes: the graph's node by the encoder's own name of each layer.
    """

    def __init__(
        self, body: fx.GraphModule, nodes: dict[str, str], layers: tuple[Layer, ...], scaling: InputScaling = IMAGENET
    ) -> None:
        super().__init__()
        self.body = body
        self.nodes = nodes
        self._layers = {layer.name: layer for layer in layers}
        self._cuts: dict[frozenset[str], fx.GraphModule] = {}
        self.scale_input(scaling)

    def described(self) -> tuple[Layer, ...]:
        """Every layer that can be asked for, in order of depth."""
        return tuple(self._layers.values())

    def geometry(self, layer: str) -> Geometry:
        """The receptive fields of `layer`."""
        return self._layers[layer].geometry

    def forward(self, image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Map `image` (N, 3, H, W; RGB in [0, 1]) to ``{layer: (N, C, h, w)}``.

        A pooling in ceil mode yields one cell more where it does not come out even; maps are handed out without that
        cell, which looks past the picture's edge, so that geometries hold. Raises InputError for a picture that is too small.
        """
        wanted = frozenset(layers)
        sizes = {layer: tuple(self.geometry(layer).cells(side) for side in image.shape[-2:]) for layer in wanted}
        for layer, size in sizes.items():
            if min(size) < 1:
                raise InputError(self._too_small(layer, image))
        if wanted not in self._cuts:
            self._cuts[wanted] = cut(self.body, {layer: self.nodes[layer] for layer in sorted(wanted)})
        maps: dict[str, Tensor] = self._cuts[wanted](self.scaled(image))
        for layer, (height, width) in sizes.items():
            if maps[layer].shape[-2:] != (height, width):
                maps[layer] = maps[layer][..., :height, :width]
        return maps

    def _too_small(self, layer: str, image: Tensor) -> str:
        least = next(side for side in range(1, 10_000) if self.geometry(layer).cells(side) > 0)
        height, width = image.shape[-2:]
        return (
            f"The layer {layer} needs a picture of at least {least} px a side; here it is {width}x{height}. "
            "Choose a larger --size, or a layer less deep."
        )
