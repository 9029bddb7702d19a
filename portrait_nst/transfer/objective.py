"""What a painting is judged by at one scale: style in each region, likeness to the photo, smoothness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import guidance, losses, tiled, tiles
from portrait_nst.transfer.moments import moments
from portrait_nst.transfer.normalisation import FORMS, wasserstein, wasserstein_relative
from portrait_nst.transfer.portrait import Sitter, remodelled
from portrait_nst.transfer.tiles import NO_TILES, Tiling

GramTargets = Mapping[tuple[int, str], Tensor]
# Weight of an identity loss, in the content's: a cosine of 0.9 costs what a face without features would.
IDENTITY = 10.0


@dataclass(frozen=True)
class Weights:
    """Weights of the terms, each about 1 in the "relative" form where nothing has been done for it yet, and their forms."""

    style: float = 1.0
    content: float = 0.05
    tv: float = 0.0
    style_layers: tuple[tuple[str, float], ...] = ()
    content_layers: tuple[tuple[str, float], ...] = ()
    form: str = "relative"
    style_loss: str = "gram"
    tv_exponent: float = 2.0


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the canvas and the style it is to take.

    mask:    (H, W) float32 in [0, 1] at the canvas' resolution.
    targets: Gram matrices of the style, from `gram_targets`.
    """

    mask: Tensor
    targets: GramTargets
    weight: float = 1.0


@dataclass(frozen=True)
class Guidance:
    mode: str = "soft"
    offset: int = 0


def image_levels(image: Tensor, levels: int) -> list[Tensor]:
    """`image` (1, C, H, W) at x1, x1/2, x1/4 ..., by averaging 2x2 pixels; stops before a side falls under 16."""
    found = [image]
    while len(found) < levels and min(found[-1].shape[-2:]) >= 32:
        found.append(F.avg_pool2d(found[-1], 2))
    return found


def gram_targets(
    encoder: Encoder,
    style: Tensor,
    mask: Tensor | None,
    layers: Sequence[str],
    levels: int,
    bf16: bool = False,
    style_loss: str = "gram",
    tiling: Tiling = NO_TILES,
) -> dict[tuple[int, str], Tensor]:
    """The `moments` of `style` (1, 3, H, W; RGB in [0, 1]) under `mask` (H, W), by pyramid level and layer."""
    found = {}
    region = torch.ones(style.shape[-2:], device=style.device) if mask is None else mask
    pairs = zip(image_levels(style, levels), image_levels(region[None, None], levels))
    with torch.no_grad():
        for level, (image, level_mask) in enumerate(pairs):
            guides = {layer: guidance.propagate(level_mask[0, 0], encoder.geometry(layer)) for layer in layers}
            if tiling.needed(image):
                asked = [(layer, guides[layer]) for layer in layers]
                each = tiled.total_moments(encoder, image, asked, tiling.side, bf16, style_loss)
                found.update({(level, layer): value for layer, value in zip(layers, each)})
                continue
            with torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
                features = encoder.features(image, layers)
            for layer in layers:
                found[level, layer] = moments(encoder, layer, features[layer].squeeze(0), guides[layer], style_loss)
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


class Objective:
    """The weighted sum of all terms for one canvas, and its gradient.

    Levels of the image pyramid are differentiated one after the other, so that memory holds the maps of one; and a level
    that is too large for that, tile by tile.
    """

    def __init__(
        self,
        encoder: Encoder,
        content: Tensor,
        content_mask: Tensor,
        hold: Tensor | None,
        regions: Sequence[Region],
        weights: Weights,
        *,
        levels: int,
        how: Guidance,
        bf16: bool = False,
        sitter: Sitter | None = None,
        identity: Callable[[Tensor], Tensor] | None = None,
        tiling: Tiling = NO_TILES,
    ) -> None:
        """`content` is (1, 3, H, W) RGB in [0, 1].

        `content_mask` (H, W) says where the likeness is wanted, `hold` (H, W; >= 0) how much more firmly than elsewhere;
        `sitter` remodels the faces' content, `identity` is a loss of 0 to 2 on the image, weighted as the content is.
        """
        self.encoder, self.weights, self.bf16, self.tiling = encoder, weights, bf16, tiling
        self.form = FORMS[weights.form]
        self.tv_mask = content_mask
        self.notes: list[str] = []
        self.levels = len(image_levels(content, levels))
        self.plan: list[list[Entry]] = [[] for _ in range(self.levels)]
        self._plan_style(regions, how)
        names = [name for name, weight in weights.content_layers if weight and weights.content]
        maps = self._features(content, names)
        sitters = {} if sitter is None else self._features(sitter.image, names)
        relative = weights.form == "relative"
        total = (sum(weight for _, weight in weights.content_layers) if relative else 1.0) or 1.0
        self.content: list[Content] = []
        self.identity, self.identity_weight = identity, 0.0
        for name, weight in weights.content_layers:
            if name not in maps:
                continue
            guide = guidance.propagate(content_mask, encoder.geometry(name))
            firm = guide if hold is None else guide * (1 + guidance.propagate(hold, encoder.geometry(name)))
            target = maps[name]
            if sitter is not None:
                face = guidance.propagate(sitter.face, encoder.geometry(name))
                target = remodelled(target.float(), sitters[name].float(), face)
            factor = weight / total * weights.content * float(self.form.factor(target, guide))
            self.content.append(Content(name, target, firm, factor))
            if identity is not None:
                # What a picture without features would lose: 1 in our own form, any number in the published ones.
                flat = target.float().mean((1, 2), keepdim=True).expand_as(target)
                self.identity_weight += IDENTITY * factor * float(losses.squared_errors(flat, target, guide))

    def _features(self, image: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
        """{layer: (C, h, w)} without gradients; float32 unless there is so much of it that it is taken in tiles."""
        if not names:
            return {}
        if self.tiling.needed(image):
            return tiles.features(self.encoder, image, names, self.tiling.side, self.bf16)
        with torch.no_grad(), torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
            maps = self.encoder.features(image, names)
        return {name: maps[name].squeeze(0).to(torch.promote_types(maps[name].dtype, torch.float32)) for name in names}

    def _plan_style(self, regions: Sequence[Region], how: Guidance) -> None:
        total = sum(region.weight for region in regions) or 1.0
        layer_weights = [weight for _, weight in self.weights.style_layers]
        for region in regions:
            entries = []
            for level, mask in enumerate(image_levels(region.mask[None, None], self.levels)):
                for layer, weight in self.weights.style_layers:
                    geometry = self.encoder.geometry(layer)
                    guide, fell_back = guidance.propagate_or_soft(mask[0, 0], geometry, how.mode, how.offset)
                    if fell_back:
                        shrunk = f" shrunk by {-how.offset} cells" if how.offset < 0 else ""
                        self.notes.append(
                            f"guidance {how.mode!r}{shrunk} leaves nothing at {layer}: `soft` is used there"
                        )
                    present = guidance.presence(guide)
                    target = region.targets.get((level, layer))
                    if target is not None and present > 0 and weight > 0:
                        share = self.form.layer_share(weight, layer_weights) * present
                        entries.append(
                            (level, Entry(layer, target, guide, share, float(guide.sum()), float(mask.sum())))
                        )
            reached = {level for level, _ in entries}  # a small style has fewer levels than the canvas
            scale = region.weight / total / max(len(reached), 1)
            for level, entry in entries:
                self.plan[level].append(replace(entry, weight=entry.weight * scale))

    def __call__(self, image: Tensor) -> tuple[dict[str, float], Tensor]:
        """Weighted terms and the gradient (1, 3, H, W) of their sum at `image` (1, 3, H, W)."""
        leaf = image.detach().requires_grad_(True)
        sums = {"content": 0.0, "style": 0.0, "tv": 0.0}
        for level, scaled in enumerate(image_levels(leaf, self.levels)):
            more = level + 1 < self.levels
            terms: dict[str, Tensor] = {}
            if level == 0 and self.identity is not None:
                terms["identity"] = self.identity_weight * self.identity(scaled)
            if self.tiling.needed(scaled):
                found, gradient = tiled.evaluate(self, level, scaled.detach())
                scaled.backward(gradient, retain_graph=more or bool(terms))
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

    def _terms(self, level: int, image: Tensor) -> dict[str, Tensor]:
        content = self.content if level == 0 else []
        wanted = {entry.layer for entry in self.plan[level]} | {entry.layer for entry in content}
        if not wanted:
            return {}
        with torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
            features = self.encoder.features(image, wanted)
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
        share = own.shape[1] / self.tv_mask.shape[0]
        total = self.tv_mask[:-1, :-1].sum().clamp_min(1e-6)
        return self.weights.tv * variation / total + losses.range_penalty(own) * share
