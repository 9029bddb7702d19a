"""Paints a picture with a network."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.instant.decoder import channels_last
from portrait_nst.instant.features import guides, padded, pyramid, unpadded
from portrait_nst.instant.gaussian import AffineMap, Gaussian, monge_map
from portrait_nst.instant.network import Network

Maps = tuple[AffineMap, ...]


class Painter:
    """A network made ready for one device and number format.

    painter = Painter(encoder, network)
    maps = painter.maps(painter.statistics(photo, matte))
    painted = painter.paint(photo, maps)

    Statistics are those of one picture, or of a clip, for which they are computed once so that it does not pump.
    """

    def __init__(
        self, encoder: Encoder, network: Network, device: str = "cpu", dtype: torch.dtype = torch.float32
    ) -> None:
        """encoder: the embedded one. dtype: of the features, float32 or bfloat16."""
        self.device, self.dtype = torch.device(device), dtype
        self.encoder, self.network = encoder.to(self.device), network
        decoder = copy.deepcopy(network.decoder).to(self.device, dtype)
        self._decoder = channels_last(decoder).eval().requires_grad_(False)

    @torch.inference_mode()
    def features(self, picture: Tensor) -> list[Tensor]:
        """Features of `picture` (1, 3, H, W; RGB in [0, 1]) at each level, in the number format of the painter."""
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            return pyramid(self.encoder, picture)

    @torch.inference_mode()
    def statistics(self, picture: Tensor, guide: Tensor | None = None) -> tuple[Gaussian, ...]:
        """The Gaussians of `picture` (1, 3, H, W) at each level, under `guide` (1, H, W; [0, 1]), or of all of it."""
        if guide is None:
            guide = torch.ones_like(picture[:, 0])
        pairs = zip(self.features(picture), guides(self.encoder, guide))
        return tuple(Gaussian.of(features, own) for features, own in pairs)

    def maps(self, statistics: Sequence[Gaussian]) -> Maps:
        """The maps that carry these `statistics` to the painting's."""
        return tuple(monge_map(own, goal) for own, goal in zip(statistics, self.network.targets))

    @torch.inference_mode()
    def paint(self, picture: Tensor, maps: Maps, share: float | Tensor = 1.0) -> Tensor:
        """`picture` (1, 3, H, W; RGB in [0, 1]; with its grain, if any) painted, in the same form, float32.

        share: how far its features are moved to the painting's, in [0, 1]: a number, or a map (1, 1, H, W).
        """
        found = []
        for features, carry in zip(self.features(picture), maps):
            own = share
            if isinstance(share, Tensor):
                own = F.interpolate(padded(share), features.shape[-2:], mode="area")
            found.append(carry(features, own) / self.network.scale)
        painted = self._decoder(found).float()
        return unpadded(painted, picture.shape[-2:]).clamp(0, 1)


def grain(size: tuple[int, int], deviation: float, seed: int = 0) -> Tensor:
    """Noise (1, 1, H, W) of two sizes, of 2 and 6 pixels, from which strokes begin where a photo is flat.

    It is the same for the same seed and size.
    """
    height, width = size
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(1, 1, height, width)
    for step in (2, 6):
        coarse = torch.randn(1, 1, height // step + 1, width // step + 1, generator=generator)
        total += F.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
    return deviation * total
