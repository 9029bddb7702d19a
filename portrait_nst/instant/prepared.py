"""A decoder made ready to paint: what it computes, in fewer and denser steps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders.fused import Convolution, convolved
from portrait_nst.instant.decoder import Decoder
from portrait_nst.instant.subpixel import enlarging, joined, of_phases

EDGE = (
    12  # pixels from the edge of the picture within which it may differ from the decoder's; less than those of padding
)


class Prepared:
    """A decoder for painting alone, in one number format, which takes features before they are divided by the network's scale.

    Its layers after an enlargement are convolutions at the size before, see `subpixel`: the decoder's picture, but for `EDGE`
    pixels at its edges, which are padding.
    """

    def __init__(self, decoder: Decoder, scale: float, device: torch.device, dtype: torch.dtype) -> None:
        """scale: what features are divided by before the `decoder`."""

        def ready(layer: nn.Module, change: Callable[[Tensor], Tensor] | None = None) -> Convolution:
            assert isinstance(layer, nn.Conv2d) and layer.bias is not None
            weight, bias = layer.weight.detach().cpu().double(), layer.bias.detach().cpu().double()
            if change is not None:
                weight = change(weight)
                bias = bias.repeat(len(weight) // len(bias))
            return Convolution.of(weight.to(device, dtype), bias.to(device, dtype))

        def unscaled(weight: Tensor) -> Tensor:
            return weight / scale

        first, second, third, fourth, fifth, last = decoder.fine
        self._quarter = ready(decoder.at_quarter[0], unscaled), ready(decoder.at_quarter[1])
        self._half = ready(decoder.at_half[0], unscaled), *(ready(layer) for layer in list(decoder.at_half)[1:])
        self._join = ready(decoder.join)
        self._at_cells = ready(first, unscaled), ready(second), ready(third, enlarging)
        self._at_pairs = ready(fourth), ready(fifth, enlarging), ready(last, of_phases)

    def __call__(self, whole: Tensor, half: Tensor, quarter: Tensor) -> Tensor:
        """As the decoder: a picture (N, 3, H, W) of features at x1, x1/2 and x1/4."""
        return self.finished(whole, self.coarse(half, quarter))

    def coarse(self, half: Tensor, quarter: Tensor) -> Tensor:
        """As `Decoder.coarse`."""
        for layer in self._quarter:
            quarter = convolved(quarter, layer)
        first, *others = self._half
        broad = convolved(half, first, plus=_enlarged(quarter, half))
        for layer in others:
            broad = convolved(broad, layer)
        return convolved(broad, self._join, rectify=False)

    def finished(self, whole: Tensor, coarse: Tensor) -> Tensor:
        """As `Decoder.finished`, float32."""
        first, second, third = self._at_cells
        x = convolved(whole, first, plus=_enlarged(coarse, whole))
        x = joined(convolved(convolved(x, second), third))
        fourth, fifth, last = self._at_pairs
        phases = convolved(convolved(convolved(x, fourth), fifth), last, rectify=False)
        return joined(phases.float())


def _enlarged(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)
