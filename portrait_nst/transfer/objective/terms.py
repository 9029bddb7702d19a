"""The terms of the objective at one scale, as they are evaluated: style in each region, likeness to the photo, smoothness."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import losses
from portrait_nst.transfer.moments import moments
from portrait_nst.transfer.objective import tiled
from portrait_nst.transfer.objective.normalisation import FORMS, wasserstein, wasserstein_relative
from portrait_nst.transfer.objective.pull import pull
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling


@dataclass(frozen=True)
class Weights:
    """Weights of the terms, each about 1 in the "relative" form where nothing has been done for it yet, and their forms.

    within: of what keeps the picture within [0, 1], in that form.
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


def level_count(size: tuple[int, int], most: int) -> int:
    """How many of x1, x1/2, x1/4 ... there are of a picture of `size` (h, w): its sides stay at 16 and more."""
    return 1 + sum(min(size) >> level >= 32 for level in range(most - 1))


def image_levels(image: Tensor, levels: int) -> list[Tensor]:
    """`image` (1, C, H, W) at x1, x1/2, x1/4 ..., by averaging 2x2 pixels; see `level_count`."""
    found = [image]
    for _ in range(1, level_count((image.shape[-2], image.shape[-1]), levels)):
        found.append(F.avg_pool2d(found[-1], 2))
    return found


@dataclass(frozen=True, eq=False)
class Entry:
    """One layer's style term: under `guide`, towards `target`, for a region of so many `cells` there and `pixels`."""

    layer: str
    target: Tensor
    guide: Tensor
    weight: float
    cells: float
    pixels: float


@dataclass(frozen=True, eq=False)
class Content:
    """One layer's content term: `weight` times the squared errors against `target` (C, h, w), `firm` (h, w) of them."""

    layer: str
    target: Tensor
    firm: Tensor
    weight: float

    def cut(self, target: Tensor, firm: Tensor) -> Content:
        """The same term for a part of the map."""
        return replace(self, target=target, firm=firm)

    def of(self, features: Tensor) -> Tensor:
        """The term for `features` (C, h, w)."""
        return self.weight * losses.squared_errors(features, self.target, self.firm)


class Local(Protocol):
    """Terms that are sums over the cells of several levels of the image pyramid at once: nearest features."""

    @property
    def keys(self) -> Sequence[tuple[int, str]]:
        """The (level, layer) of the maps that it compares."""
        ...

    @property
    def variance(self) -> float:
        """What its content term would be for a picture without features."""
        ...

    def __call__(self, image: Tensor, maps: Mapping[tuple[int, str], Tensor]) -> dict[str, Tensor]: ...

    def tiled(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The terms of `image` (1, 3, H, W) and their gradient, with the memory of one tile."""
        ...


class Terms:
    """The weighted sum of all terms for one canvas, or for a part of it, and its gradient.

    Levels of the image pyramid are differentiated one after the other, so that memory holds the maps of one; and a level
    that is too large for that, tile by tile.

    plan:    the style's entries at each level; content: the content's.
    tv_mask: (H, W), where smoothness counts; inside: the sum of it, and pixels: how many there are, in the whole canvas.
    """

    def __init__(
        self, encoder: Encoder, weights: Weights, tv_mask: Tensor, levels: int, bf16: bool, tiling: Tiling = NO_TILES
    ) -> None:
        self.encoder, self.weights, self.bf16, self.tiling = encoder, weights, bf16, tiling
        self.form = FORMS[weights.form]
        self.tv_mask = tv_mask
        self.inside, self.pixels = float(tv_mask[:-1, :-1].sum()), tv_mask.numel()
        self.levels = levels
        self.plan: list[list[Entry]] = [[] for _ in range(levels)]
        self.content: list[Content] = []
        self.local: Local | None = None
        self.identity: Callable[[Tensor], Tensor] | None = None
        self.identity_weight = 0.0

    def __call__(self, image: Tensor) -> tuple[dict[str, float], Tensor]:
        """Weighted terms and the gradient (1, 3, H, W) of their sum at `image` (1, 3, H, W)."""
        leaf = image.detach().requires_grad_(True)
        sums = {"content": 0.0, "style": 0.0, "tv": 0.0}
        if self.local is not None:
            if not self.tiling.needed(leaf):
                return self._jointly(leaf, self.local)
            found, gradient = self.local.tiled(leaf.detach())
            sums |= {name: float(value) for name, value in found.items()}
            leaf.grad = gradient
        for level, scaled in enumerate(image_levels(leaf, self.levels)):
            more = level + 1 < self.levels
            terms: dict[str, Tensor] = {}
            if level == 0 and self.identity is not None:
                terms["identity"] = self.identity_weight * self.identity(scaled)
            if self.tiling.needed(scaled):
                found, gradient = tiled.evaluate(self, level, scaled.detach())
                pull(scaled, gradient, retain_graph=more or bool(terms))
                terms.update(found)
            else:
                terms.update(self._terms(level, scaled))
                if level == 0:
                    terms["tv"] = self.smoothness(scaled[0], self.tv_mask)
            pulled = [term for term in terms.values() if term.requires_grad]
            if pulled:
                torch.stack(pulled).sum().backward(retain_graph=more)
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach())
        assert leaf.grad is not None
        return {**sums, "total": sum(sums.values())}, leaf.grad

    def _jointly(self, leaf: Tensor, local: Local) -> tuple[dict[str, float], Tensor]:
        """All levels at once, as terms that compare several of them need it; no pass through the network is done twice."""
        terms: dict[str, Tensor] = {}
        maps: dict[tuple[int, str], Tensor] = {}
        for level, scaled in enumerate(image_levels(leaf, self.levels)):
            names = {name for at, name in local.keys if at == level}
            features = self._maps(level, scaled, names)
            maps.update({(level, name): features[name] for name in names})
            for name, value in self._weighed(level, features).items():
                terms[name] = terms[name] + value if name in terms else value
        terms |= local(leaf, maps)
        if self.identity is not None:
            terms["identity"] = self.identity_weight * self.identity(leaf)
        terms["tv"] = self.smoothness(leaf[0], self.tv_mask)
        torch.stack(list(terms.values())).sum().backward()
        sums = {"content": 0.0, "style": 0.0, "tv": 0.0} | {
            name: float(value.detach()) for name, value in terms.items()
        }
        assert leaf.grad is not None
        return {**sums, "total": sum(sums.values())}, leaf.grad

    def _terms(self, level: int, image: Tensor) -> dict[str, Tensor]:
        features = self._maps(level, image)
        return self._weighed(level, features) if features else {}

    def _maps(self, level: int, image: Tensor, more: Collection[str] = ()) -> dict[str, Tensor]:
        """The feature maps that a level's terms need, and `more`."""
        content = self.content if level == 0 else []
        wanted = {entry.layer for entry in self.plan[level]} | {entry.layer for entry in content} | set(more)
        if not wanted:
            return {}
        with torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
            return self.encoder.features(image, wanted)

    def _weighed(self, level: int, features: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """A level's terms for its feature maps."""
        content = self.content if level == 0 else []
        terms: dict[str, Tensor] = {}
        kind = self.weights.style_loss
        found = [moments(self.encoder, e.layer, features[e.layer].squeeze(0), e.guide, kind) for e in self.plan[level]]
        if found:
            terms["style"] = self.style(level, found)
        if content:
            terms["content"] = torch.stack([entry.of(features[entry.layer].squeeze(0)) for entry in content]).sum()
        return terms

    def style(self, level: int, found: Sequence[Tensor]) -> Tensor:
        """The style term of one level, for the `moments` found for each of its entries."""
        distance = wasserstein_relative if self.weights.form == "relative" else wasserstein
        parts = []
        for entry, moment in zip(self.plan[level], found):
            if self.weights.style_loss == "gram":
                part = self.form.style(moment, entry.target, entry.cells, entry.pixels)
            else:
                part = distance(moment, entry.target)
            parts.append(entry.weight * part)
        return self.weights.style * torch.stack(parts).sum()

    def smoothness(self, image: Tensor, mask: Tensor, rows: int | None = None) -> Tensor:
        """What `image` (3, h, w) adds to total variation and, in our own form, to what keeps the picture within [0, 1].

        A strip of the picture has one row more than its own `rows`, for the differences; `mask` (h, w) is the strip's.
        """
        if not self.weights.tv and self.form.summed:
            return image.new_zeros(())
        inside = mask[:-1, :-1].sum()
        variation = losses.total_variation(image, mask, self.weights.tv_exponent) * inside
        if self.form.summed:
            return self.weights.tv * variation
        own = image if rows is None else image[:, :rows]
        share = own.shape[1] * own.shape[2] / self.pixels
        return (
            self.weights.tv * variation / max(self.inside, 1e-6)
            + self.weights.within * losses.range_penalty(own) * share
        )
