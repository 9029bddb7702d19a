"""Paints a picture with a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.errors import InputError, ModelError
from portrait_nst.instant.features import guides, pyramid, shares_at_levels, unpadded
from portrait_nst.instant.gaussian import AffineMap, Gaussian, monge_map
from portrait_nst.instant.network import Network
from portrait_nst.instant.prepared import Prepared
from portrait_nst.transfer.allocator import keep_freed_memory

Maps = tuple[AffineMap, ...]


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture as a painter sees it: its (height, width), and its features at each level in the painter's number format."""

    size: tuple[int, int]
    features: tuple[Tensor, ...]


class Painter:
    """A network made ready for one device and number format.

    painter = Painter(encoder, network)
    seen = painter.see(photo)  # most of the work, done once for both
    painted = painter.paint(seen, painter.maps(painter.statistics(seen, matte)))

    Statistics are those of one picture, or of a clip, for which they are computed once so that it does not pump.
    """

    def __init__(
        self, encoder: Encoder, network: Network, device: str = "cpu", dtype: torch.dtype = torch.float32
    ) -> None:
        """encoder: the embedded one. dtype: of the features, float32 or bfloat16.

        Raises WeightsError where the network belongs to another encoder.
        """
        network.check_encoder(encoder.sha256)
        if device == "cpu":
            keep_freed_memory()  # frames have the same sizes: a twentieth faster
        self.device, self.dtype = torch.device(device), dtype
        self.encoder, self.network = encoder.to(self.device), network
        self.decoder = Prepared(network.decoder, network.scale, self.device, dtype)

    @torch.inference_mode()
    def see(self, picture: Tensor) -> Seen:
        """What it sees of `picture` (1, 3, H, W; RGB in [0, 1]; of any size).

        Raises InputError for values that are no numbers.
        """
        require_numbers(picture)
        height, width = picture.shape[-2:]
        return Seen((height, width), tuple(self.features(picture)))

    @torch.inference_mode()
    def features(self, picture: Tensor) -> list[Tensor]:
        """Features of `picture` (1, 3, H, W; RGB in [0, 1]) at each level, in the number format of the painter."""
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype != torch.float32):
            return pyramid(self.encoder, picture.to(self.device))

    @torch.no_grad()
    def statistics(self, picture: Tensor | Seen, guide: Tensor | None = None) -> tuple[Gaussian, ...]:
        """The Gaussians of `picture` (1, 3, H, W) at each level, under `guide` (1, H, W; [0, 1]), or of all of it."""
        seen = self._seen(picture)
        if guide is None:
            guide = torch.ones(1, *seen.size)
        pairs = zip(seen.features, guides(self.encoder, guide.to(self.device)))
        return tuple(Gaussian.of(features, own) for features, own in pairs)

    def maps(self, statistics: Sequence[Gaussian]) -> Maps:
        """The maps that carry these `statistics` to the painting's. Raises ValueError for a network without targets."""
        if not self.network.targets:
            raise ValueError("the universal start has no painting yet: give it the targets of one by `aimed_at`")
        return tuple(monge_map(own, goal) for own, goal in zip(statistics, self.network.targets))

    @torch.inference_mode()
    def paint(self, picture: Tensor | Seen, maps: Maps, share: float | Tensor = 1.0) -> Tensor:
        """`picture` (1, 3, H, W; RGB in [0, 1]; on its ground) painted, in the same form, float32.

        share: how far its features are moved to the painting's, in [0, 1]: a number, or a map (1, 1, H, W).

        Raises ModelError where the network, damaged as its weights are, gives values that are no numbers.
        """
        seen = self._seen(picture)
        shares = shares_at_levels(share, self.device)
        found = [carry(features, own) for features, carry, own in zip(seen.features, maps, shares)]
        painted = unpadded(self.decoder(*found), seen.size)
        require_painted(painted)
        return painted.clamp_(0, 1)

    def _seen(self, picture: Tensor | Seen) -> Seen:
        return picture if isinstance(picture, Seen) else self.see(picture)


def require_numbers(picture: Tensor) -> None:
    """Raise InputError for a picture with values that are no numbers."""
    if not math.isfinite(float(picture.sum())):
        raise InputError("The picture holds values that are no numbers; expected RGB in [0, 1].")


def require_painted(painted: Tensor) -> None:
    """Raise ModelError for a painting with values that are no numbers."""
    if not math.isfinite(float(painted.sum())):
        raise ModelError(
            "This network gives values that are no numbers; its file is damaged: learn the painting again."
        )
