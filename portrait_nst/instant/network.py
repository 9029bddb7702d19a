"""A network as it is learned, kept and given away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from portrait_nst.errors import WeightsError
from portrait_nst.instant.decoder import Decoder
from portrait_nst.instant.gaussian import Gaussian, mixture


@dataclass(frozen=True)
class Painting:
    """One of the paintings that a network was learned for: its base name, the sha256 of its file, and its weight."""

    name: str
    sha256: str
    weight: float = 1.0


@dataclass(frozen=True)
class About:
    """Where a network comes from.

    paintings: what it was learned for; empty for the universal start.
    steps:     the number of steps that it was learned for; 0 for the universal start, which is for any painting.
    seconds:   how long that took.
    settings:  the settings it was learned with.
    encoder_sha256: the weights of the encoder that it belongs to; empty where that is not known.
    """

    paintings: tuple[Painting, ...] = ()
    steps: int = 0
    seconds: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    encoder_sha256: str = ""


@dataclass(frozen=True, eq=False)
class Network:
    """A decoder, and what it needs to know of its painting.

    targets: the Gaussians of the painting's features at x1, x1/2 and x1/4, to which a photo's are carried; none in the universal
             start as it is kept.
    scale:   features are divided by it before the decoder.
    grain:   the deviation of the noise in [0, 1] that is laid over the photo, from which strokes begin where it is flat.
    """

    decoder: Decoder
    targets: tuple[Gaussian, ...]
    scale: float
    grain: float
    about: About

    @property
    def learned(self) -> bool:
        """Whether it was learned for its painting; otherwise it is the universal start."""
        return self.about.steps > 0

    def check_encoder(self, sha256: str) -> None:
        """Raise WeightsError if it belongs to another encoder than the one with these weights."""
        own = self.about.encoder_sha256
        if own and own != sha256:
            raise WeightsError(
                f"This network was learned with the encoder {own[:12]}..., not with {sha256[:12] or 'one without weights'}...: "
                "leave --weights out, or learn the painting again."
            )

    def aimed_at(self, parts: Sequence[tuple[tuple[Gaussian, ...], float]]) -> Network:
        """The same network with the targets of other paintings: the mixture of (Gaussians of each level, weight)."""
        levels = zip(*(gaussians for gaussians, _ in parts))
        weights = [weight for _, weight in parts]
        targets = tuple(mixture(list(zip(level, weights))) for level in levels)
        return replace(self, targets=targets)
