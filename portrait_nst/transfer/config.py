"""What the engine is told: the styles, and how to work."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from portrait_nst.transfer.objective.terms import Guidance, Weights
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling
from portrait_nst.transfer.optim.first_order import Schedule
from portrait_nst.transfer.rect import BEYOND
from portrait_nst.types import FloatArray


@dataclass(frozen=True, eq=False)
class StylePart:
    """One picture of a style.

    rgb:    (h, w, 3) float32 in [0, 1].
    mask:   (h, w) float32 in [0, 1], the part of it that counts; None for all.
    weight: its share of the style, beside the other parts'.
    grey:   whether what counts of it is grey.
    faces:  (h, w) float32 in [0, 1], where its faces are, if that is to count; None otherwise.
    """

    rgb: FloatArray
    mask: FloatArray | None = None
    weight: float = 1.0
    grey: bool = False
    faces: FloatArray | None = None

    @cached_property
    def digest(self) -> str:
        """The same for the same pixels and mask."""
        found = hashlib.blake2b(np.ascontiguousarray(self.rgb).data, digest_size=16)
        if self.mask is not None:
            found.update(np.ascontiguousarray(self.mask).data)
        return found.hexdigest()


@dataclass(frozen=True, eq=False)
class StyleSource:
    """The style of one region: a picture, or the mixture of several.

    region: (H, W) float32 in [0, 1], the part of the photo that takes it, at the photo's own resolution.
    """

    parts: tuple[StylePart, ...]
    region: FloatArray


@dataclass(frozen=True)
class Nearest:
    """How nearest features are asked for and held; see `nearest`.

    content: weight of the photo's structure. face: how much more firmly it is held in faces, where nothing else is said.
    smooth:  share of a first question that is the mean of its neighbourhood.
    photo:   share of a later question that is the photo.
    detail:  share of the photo's detail that a scale begins with.
    tone:    weight of the photo's tones, taken over some cells: that light stays light and dark dark, however it is painted.
    price:   of a squared distance in tone between a question's cell in the photo and an answer, in cosine.
    entries: of a codebook, at most.
    """

    content: float
    smooth: float = 0.5
    photo: float = 0.15
    detail: float = 0.0
    tone: float = 0.0
    price: float = 0.0
    entries: int = 65_536


@dataclass(frozen=True)
class EngineConfig:
    """How the engine is to work; all of it comes from `Settings`.

    sizes:          (h, w) of the whole photo at each scale, coarse to fine; iterations and tolerance as in `Quality`.
    levels:         of the image pyramid in the style loss.
    history:        steps that L-BFGS remembers; fewer for a picture so large that they would not fit into memory.
    canvas:         "pyramid", of so many `pyramid_levels`, or "pixels".
    unit:           the value of white on the canvas as the optimiser sees it, 1 or 255.
    grey:           whether only lightness is painted.
    recolour:       how far the content is moved to the style's colours, 0 to 1.
    tiling:         which canvases are too large to be taken whole.
    grid:           the canvas begins at multiples of it, in pixels of the frame.
    beyond:         pixels that the canvas goes on, mirrored, where what is painted touches the photo's border; see `plan`.
    jitter_every:   iterations after which the sampling grid is moved (of a pyramid; pixels stay on theirs); 0 for never. Nearest
                    features are asked for again at the same time.
    nearest:        how nearest features are painted with; None for Gram matrices alone.
    """

    sizes: tuple[tuple[int, int], ...]
    iterations: tuple[int, ...]
    tolerance: float
    weights: Weights
    levels: int
    guidance: Guidance = field(default_factory=Guidance)
    style_scale: float = 1.0
    optimizer: str = "lbfgs"
    history: int = 8
    schedule: Schedule = field(default_factory=lambda: Schedule(0.02))
    init: str = "content"
    canvas: str = "pyramid"
    unit: float = 1.0
    grey: bool = False
    recolour: float = 0.0
    seed: int = 0
    pyramid_levels: int = 5
    grid: int = 1
    beyond: int = BEYOND
    jitter_every: int = 10
    bf16: bool = False
    tiling: Tiling = NO_TILES
    nearest: Nearest | None = None
    device: str = "cpu"
