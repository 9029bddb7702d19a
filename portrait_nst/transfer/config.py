"""The engine's inputs: the styles, and the configuration of a painting."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from portrait_nst.planning import Mode
from portrait_nst.planning.extent import BEYOND
from portrait_nst.transfer.objective.terms import Guidance, Weights
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling
from portrait_nst.transfer.optim.first_order import Schedule
from portrait_nst.types import FloatArray


@dataclass(frozen=True, eq=False)
class StylePart:
    """One picture of a style.

    rgb:    (h, w, 3) float32 in [0, 1].
    mask:   (h, w) float32 in [0, 1], how much each pixel counts; None if the whole picture counts.
    weight: its share of the style, relative to the other parts'.
    grey:   whether the part that counts is grey.
    faces:  (h, w) float32 in [0, 1], where its faces are, if the photo's faces are to be matched with them; None otherwise.
    """

    rgb: FloatArray
    mask: FloatArray | None = None
    weight: float = 1.0
    grey: bool = False
    faces: FloatArray | None = None

    @cached_property
    def digest(self) -> str:
        """A hash that is the same for the same pixels and mask."""
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
    """How nearest features are searched, and how much the photo counts beside them; see `portrait_nst.transfer.nearest`.

    content: weight of the photo's structure.
    smooth:  share of the mean of a cell's neighbourhood in the first queries of a scale.
    photo:   share of the photo in all later queries.
    detail:  share of the photo's detail in the picture that a scale begins with.
    tone:    weight of the photo's tones, averaged over some cells; it keeps light areas light and dark areas dark.
    price:   cost of the squared distance in tone between a cell of the photo and its match, in units of the cosine.
    entries: the greatest number of entries of a codebook.
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
    """The configuration of a painting; it is made from `Settings` and the plan.

    sizes:          (h, w) of the whole photo at each scale, coarse to fine; iterations and tolerance are those of `Quality`.
    levels:         the number of levels of the image pyramid over which the style loss is summed.
    history:        steps that L-BFGS remembers; fewer are kept where they would not fit into memory.
    canvas:         the variables of the optimisation: "pyramid", coefficients of `pyramid_levels` levels, or "pixels".
    value_range:    the value of white on the canvas as the optimiser sees it, 1 or 255.
    grey:           whether only lightness is painted.
    recolour:       how far the content's colours are moved to the style's, from 0 to 1.
    modes:          how the canvas of each scale is processed, as the plan says; empty if all are processed whole. If there are
                    more modes than `sizes`, the last ones apply.
    tiling:         the side of tiles, and the number of pixels above which a style picture is processed in tiles.
    grid:           pixels of the frame; the canvas begins at multiples of this number.
    beyond:         pixels by which the mirrored canvas extends beyond the photo's border where the painting touches it.
    jitter_every:   iterations after which the sampling grid of a pyramid is moved and nearest features are searched again; 0 for
                    never. With "pixels" the grid is never moved.
    nearest:        the settings of nearest features; None for Gram matrices alone.
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
    value_range: float = 1.0
    grey: bool = False
    recolour: float = 0.0
    seed: int = 0
    pyramid_levels: int = 5
    grid: int = 1
    beyond: int = BEYOND
    jitter_every: int = 10
    bf16: bool = False
    modes: tuple[Mode, ...] = ()
    tiling: Tiling = NO_TILES
    nearest: Nearest | None = None
    device: str = "cpu"

    @property
    def grid_moves_every(self) -> int:
        """The number of iterations after which the grid is moved and nearest features are searched again; 0 for never."""
        return self.jitter_every if self.canvas == "pyramid" or self.nearest is not None else 0

    def mode(self, scale: int) -> Mode:
        """How the canvas of a scale is processed; the coarsest scale has the number 0."""
        return self.modes[scale - len(self.sizes)] if self.modes else "whole"

    def for_canvas(self, scale: int) -> EngineConfig:
        """The same configuration, with a tiling that processes the canvas of a scale as its mode says."""
        if self.mode(scale) != "whole":
            return self
        return replace(self, tiling=replace(self.tiling, above=sys.maxsize))
