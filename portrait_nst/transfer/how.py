"""What the engine is told: the styles, and how to work."""

from __future__ import annotations

from dataclasses import dataclass, field

from portrait_nst.transfer.objective import Guidance, Weights
from portrait_nst.types import FloatArray


@dataclass(frozen=True, eq=False)
class StyleSource:
    """A style picture for one region.

    rgb:    (h, w, 3) float32 in [0, 1].
    mask:   (h, w) float32 in [0, 1], the part of it that counts; None for all.
    region: (H, W) float32 in [0, 1], the part of the photo that takes it, at the photo's own resolution.
    """

    rgb: FloatArray
    mask: FloatArray | None
    region: FloatArray


@dataclass(frozen=True)
class How:
    """How the engine is to work; all of it comes from `Settings`.

    sizes:          (h, w) of the whole photo at each scale, coarse to fine; iterations and tolerance as in `Quality`.
    levels:         of the image pyramid in the style loss.
    pyramid_levels: of the coefficients that are optimised; 1 for plain pixels.
    recolour:       how far the content is moved to the style's colours, 0 to 1.
    jitter_every:   iterations after which the sampling grid is moved.
    """

    sizes: tuple[tuple[int, int], ...]
    iterations: tuple[int, ...]
    tolerance: float
    weights: Weights
    levels: int
    guidance: Guidance = field(default_factory=Guidance)
    style_scale: float = 1.0
    optimizer: str = "lbfgs"
    learning_rate: float = 0.02
    init: str = "content"
    recolour: float = 0.0
    seed: int = 0
    pyramid_levels: int = 5
    jitter_every: int = 10
    bf16: bool = False
    device: str = "cpu"
