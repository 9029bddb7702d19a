"""What a painting is judged by at one scale: style in each region, likeness to the photo, smoothness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import guidance, losses
from portrait_nst.transfer.gram import guided_gram, guided_mean
from portrait_nst.transfer.normalisation import FORMS, wasserstein, wasserstein_relative
from portrait_nst.transfer.portrait import Sitter, remodelled

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


def in_basis(encoder: Encoder, layer: str, gram: Tensor) -> Tensor:
    """`gram` as the teacher's channels would see it: R G R^T."""
    base = encoder.bases.get(layer)
    return gram if base is None else base @ gram @ base.T


def moments(encoder: Encoder, layer: str, features: Tensor, guide: Tensor, style_loss: str) -> Tensor:
    """What the style loss compares: the guided Gram matrix G, or for "wasserstein" [[G, m], [m^T, 1]] with the mean m.

    Both are means over the region, so that the mean of several styles' moments is that of their mixture.
    """
    gram = in_basis(encoder, layer, guided_gram(features, guide))
    if style_loss == "gram":
        return gram
    mean, base = guided_mean(features, guide), encoder.bases.get(layer)
    mean = mean if base is None else base @ mean
    edge = torch.cat([mean, mean.new_ones(1)])
    return torch.cat([torch.cat([gram, mean[None]]), edge[:, None]], 1)


def gram_targets(
    encoder: Encoder,
    style: Tensor,
    mask: Tensor | None,
    layers: Sequence[str],
    levels: int,
    bf16: bool = False,
    style_loss: str = "gram",
) -> dict[tuple[int, str], Tensor]:
    """The `moments` of `style` (1, 3, H, W; RGB in [0, 1]) under `mask` (H, W), by pyramid level and layer."""
    found = {}
    region = torch.ones(style.shape[-2:], device=style.device) if mask is None else mask
    pairs = zip(image_levels(style, levels), image_levels(region[None, None], levels))
    with torch.no_grad():
        for level, (image, level_mask) in enumerate(pairs):
            with torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
                features = encoder.features(image, layers)
            for layer in layers:
                guide = guidance.propagate(level_mask[0, 0], encoder.geometry(layer))
                found[level, layer] = moments(encoder, layer, features[layer][0], guide, style_loss)
    return found


@dataclass(frozen=True, eq=False)
class _Entry:
    """One layer's style term: under `guide`, towards `target`, for a region of so many `cells` there and `pixels`."""

    layer: str
    target: Tensor
    guide: Tensor
    weight: float
    cells: float
    pixels: float


class Objective:
    """The weighted sum of all terms for one canvas, and its gradient.

    Levels of the image pyramid are differentiated one after the other, so that memory holds the maps of one.
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
    ) -> None:
        """`content` is (1, 3, H, W) RGB in [0, 1].

        `content_mask` (H, W) says where the likeness is wanted, `hold` (H, W; >= 0) how much more firmly than elsewhere;
        `sitter` remodels the faces' content, `identity` is a loss of 0 to 2 on the image, weighted as the content is.
        """
        self.encoder, self.weights, self.bf16 = encoder, weights, bf16
        self.form = FORMS[weights.form]
        self.tv_mask = content_mask
        self.notes: list[str] = []
        self.levels = len(image_levels(content, levels))
        self.plan: list[list[_Entry]] = [[] for _ in range(self.levels)]
        self._plan_style(regions, how)
        with torch.no_grad(), torch.autocast(content.device.type, torch.bfloat16, enabled=bf16):
            names = [name for name, weight in weights.content_layers if weight and weights.content]
            maps = encoder.features(content, names) if names else {}
            sitters = encoder.features(sitter.image, names) if names and sitter is not None else {}
        relative = weights.form == "relative"
        total = (sum(weight for _, weight in weights.content_layers) if relative else 1.0) or 1.0
        self.content = []
        self.identity, self.identity_weight = identity, 0.0
        for name, weight in weights.content_layers:
            if name in maps:
                guide = guidance.propagate(content_mask, encoder.geometry(name))
                firm = None if hold is None else guide * (1 + guidance.propagate(hold, encoder.geometry(name)))
                target = maps[name][0].float()
                if sitter is not None:
                    face = guidance.propagate(sitter.face, encoder.geometry(name))
                    target = remodelled(target, sitters[name][0].float(), face)
                if identity is not None:
                    # What a picture without features would lose: 1 in our own form, any number in the published ones.
                    flat = target.mean((1, 2), keepdim=True).expand_as(target)
                    lost = weight / total * float(self.form.content(flat, target, guide, guide))
                    self.identity_weight += IDENTITY * weights.content * lost
                self.content.append((name, target, guide, guide if firm is None else firm, weight / total))

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
                            (level, _Entry(layer, target, guide, share, float(guide.sum()), float(mask.sum())))
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
            terms = self._terms(level, scaled)
            if level == 0:
                terms["tv"] = self._smoothness(scaled[0])
                if self.identity is not None:
                    terms["identity"] = self.identity_weight * self.identity(scaled)
            if terms:
                torch.stack(list(terms.values())).sum().backward(retain_graph=level + 1 < self.levels)
            for name, value in terms.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach())
        assert leaf.grad is not None
        return {**sums, "total": sum(sums.values())}, leaf.grad

    def _terms(self, level: int, image: Tensor) -> dict[str, Tensor]:
        style_layers = [entry.layer for entry in self.plan[level]]
        content = self.content if level == 0 else []
        wanted = {*style_layers, *(entry[0] for entry in content)}
        if not wanted:
            return {}
        with torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
            features = self.encoder.features(image, wanted)
        terms: dict[str, Tensor] = {}
        style = [entry.weight * self._style(entry, features[entry.layer].squeeze(0)) for entry in self.plan[level]]
        if style:
            terms["style"] = self.weights.style * torch.stack(style).sum()
        parts = [w * self.form.content(features[name].squeeze(0), t, area, firm) for name, t, area, firm, w in content]
        if parts:
            terms["content"] = self.weights.content * torch.stack(parts).sum()
        return terms

    def _style(self, entry: _Entry, features: Tensor) -> Tensor:
        found = moments(self.encoder, entry.layer, features, entry.guide, self.weights.style_loss)
        if self.weights.style_loss == "gram":
            return self.form.style(found, entry.target, entry.cells, entry.pixels)
        return (wasserstein_relative if self.weights.form == "relative" else wasserstein)(found, entry.target)

    def _smoothness(self, image: Tensor) -> Tensor:
        """Total variation, and in our own form what keeps the picture within [0, 1]."""
        if not self.weights.tv and self.form.summed:
            return image.new_zeros(())
        variation = losses.total_variation(image, self.tv_mask, self.weights.tv_exponent)
        if self.form.summed:
            return self.weights.tv * variation * self.tv_mask[:-1, :-1].sum()
        return self.weights.tv * variation + losses.range_penalty(image)
