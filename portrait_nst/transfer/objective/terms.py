"""The terms of the objective at one scale, and their formulas: style in each region, likeness to the photo, smoothness."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import functional
from portrait_nst.transfer.objective.carried import Carried
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling


@dataclass(frozen=True)
class Weights:
    """Weights of the terms, and their forms. In the "relative" form each term is about 1 before anything is optimised.

    form:       the form of the losses, see `functional.forms`; style_loss: "gram" or "wasserstein".
    within:     the weight of the range penalty, which keeps the picture within [0, 1], in the "relative" form.
    """

    style: float = 1.0
    content: float = 0.05
    tv: float = 0.0
    style_layers: tuple[tuple[str, float], ...] = ()
    content_layers: tuple[tuple[str, float], ...] = ()
    form: str = "relative"
    style_loss: str = "gram"
    tv_exponent: float = 2.0
    within: float = 1.0


@dataclass(frozen=True)
class Guidance:
    """How masks become guides of feature maps; see `functional.propagate_guide`."""

    mode: str = "soft"
    offset: int = 0


@dataclass(frozen=True, eq=False)
class StyleTerm:
    """One layer's style term for one region.

    target: the style's statistics (1, C, C), or (1, C+1, C+1) for "wasserstein". guide: (1, h, w; [0, 1]).
    cells:  the sum of the guide over the whole map; pixels: the sum of the region's mask over the whole picture.
    """

    layer: str
    target: Tensor
    guide: Tensor
    weight: float
    cells: float
    pixels: float


@dataclass(frozen=True, eq=False)
class ContentTerm:
    """One layer's content term: `weight` times the squared errors against `target` (1, C, h, w), under `weighted_mask` (1, h, w).

    The mask is the region's guide, multiplied by 1 + the additional weight of the content at each place.
    """

    layer: str
    target: Tensor
    weighted_mask: Tensor
    weight: float

    def distance(self, features: Tensor) -> Tensor:
        """The term for `features` (1, C, h, w), (1,)."""
        return self.weight * functional.squared_errors(features, self.target, self.weighted_mask)


class LocalTerms(Protocol):
    """Terms that are sums over the cells of several levels of the image pyramid at once: nearest features."""

    @property
    def keys(self) -> Sequence[tuple[int, str]]:
        """The (level, layer) of the maps that are compared."""
        ...

    @property
    def variance(self) -> float:
        """The content term of a picture without features."""
        ...

    def evaluate(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The terms of `image` (1, 3, H, W), without graph, and their gradient."""
        ...


class JointTerms(LocalTerms, Protocol):
    """Local terms of a picture whose feature maps all fit into memory at once, and are shared with the other terms."""

    def __call__(self, image: Tensor, maps: Mapping[tuple[int, str], Tensor]) -> dict[str, Tensor]:
        """The terms of `image` (1, 3, H, W), whose feature maps are `maps` {key: (1, C, h, w)}, with graph."""
        ...


class Terms:
    """All terms of one canvas, or of a part of it.

    style_terms:   those of each level of the image pyramid; content_terms: those of the first level.
    local:         terms that are sums over cells, or None; they are `JointTerms` if all their maps fit into memory at once.
    identity:      a loss of 0 to 2 on the picture, weighted by `identity_weight`.
    carried:       the painting of the frame before, in a clip; None in a photo.
    tv_mask:       (H, W), where smoothness counts; inside: its sum over the whole canvas; pixels: the canvas' number of pixels.
    """

    def __init__(
        self, encoder: Encoder, weights: Weights, tv_mask: Tensor, levels: int, bf16: bool, tiling: Tiling = NO_TILES
    ) -> None:
        self.encoder, self.weights, self.bf16, self.tiling = encoder, weights, bf16, tiling
        self.form = functional.FORMS[weights.form]
        self.tv_mask = tv_mask
        self.inside, self.pixels = float(tv_mask[:-1, :-1].sum()), tv_mask.numel()
        self.levels = levels
        self.notes: list[str] = []
        self.style_terms: list[list[StyleTerm]] = [[] for _ in range(levels)]
        self.content_terms: list[ContentTerm] = []
        self.local: LocalTerms | None = None
        self.identity: Callable[[Tensor], Tensor] | None = None
        self.identity_weight = 0.0
        self.carried: Carried | None = None

    def content_at(self, level: int) -> list[ContentTerm]:
        """The content terms of a `level` of the image pyramid."""
        return self.content_terms if level == 0 else []

    def features(self, level: int, image: Tensor, more: Collection[str] = ()) -> dict[str, Tensor]:
        """The feature maps {layer: (1, C, h, w)} of `image` that its `level` and the layers `more` need."""
        wanted = {t.layer for t in self.style_terms[level]} | {t.layer for t in self.content_at(level)} | set(more)
        if not wanted:
            return {}
        with torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
            return self.encoder.features(image, wanted)

    def statistics(self, layer: str, features: Tensor, guide: Tensor) -> Tensor:
        """The statistics of a layer's `features` (1, C, h, w) under `guide` (1, h, w) that the style loss compares."""
        return functional.feature_statistics(features, guide, self.weights.style_loss, self.encoder.bases.get(layer))

    def of_picture(self, image: Tensor) -> dict[str, Tensor]:
        """The terms that compare the pixels of `image` (1, 3, H, W): identity and agreement with the frame before, if they count."""
        found: dict[str, Tensor] = {}
        if self.identity is not None:
            found["identity"] = self.identity_weight * self.identity(image)
        if self.carried is not None:
            found["temporal"] = self.carried(image)
        return found

    def style(self, level: int, found: Sequence[Tensor]) -> Tensor:
        """The style loss of one level, given the statistics `found` for each of its style terms."""
        relative = self.weights.form == "relative"
        parts = []
        for term, statistics in zip(self.style_terms[level], found):
            if self.weights.style_loss == "gram":
                part = self.form.style(statistics, term.target, term.cells, term.pixels)
            else:
                part = functional.wasserstein(statistics, term.target, relative=relative)
            parts.append(term.weight * part)
        return self.weights.style * torch.cat(parts).sum()

    def smoothness(self, image: Tensor, mask: Tensor, rows: int | None = None) -> Tensor:
        """The contribution of `image` (1, 3, h, w) to total variation and, in the "relative" form, to the range penalty.

        A strip of the picture has one row more than its own `rows`, for the differences; `mask` (h, w) is the strip's.
        """
        if not self.weights.tv and self.form.summed:
            return image.new_zeros(())
        inside = mask[:-1, :-1].sum()
        variation = functional.total_variation(image, mask[None], self.weights.tv_exponent).squeeze(0) * inside
        if self.form.summed:
            return self.weights.tv * variation
        own = image if rows is None else image[:, :, :rows]
        share = own.shape[2] * own.shape[3] / self.pixels
        return (
            self.weights.tv * variation / max(self.inside, 1e-6)
            + self.weights.within * functional.range_penalty(own).squeeze(0) * share
        )
