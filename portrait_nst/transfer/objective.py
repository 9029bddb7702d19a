"""What a painting is judged by at one scale: style in each region, likeness to the photo, smoothness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import guidance, losses
from portrait_nst.transfer.gram import guided_gram

GramTargets = Mapping[tuple[int, str], Tensor]


@dataclass(frozen=True)
class Weights:
    """Weights of the terms; each term is about 1 where nothing has been done for it yet."""

    style: float = 1.0
    content: float = 0.05
    tv: float = 0.0
    style_layers: tuple[tuple[str, float], ...] = ()
    content_layers: tuple[tuple[str, float], ...] = ()


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


def gram_targets(
    encoder: Encoder, style: Tensor, mask: Tensor | None, layers: Sequence[str], levels: int, bf16: bool = False
) -> dict[tuple[int, str], Tensor]:
    """Gram matrices of `style` (1, 3, H, W; RGB in [0, 1]) under `mask` (H, W), by pyramid level and layer."""
    found = {}
    region = torch.ones(style.shape[-2:], device=style.device) if mask is None else mask
    pairs = zip(image_levels(style, levels), image_levels(region[None, None], levels))
    with torch.no_grad():
        for level, (image, level_mask) in enumerate(pairs):
            with torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
                features = encoder.features(image, layers)
            for layer in layers:
                guide = guidance.propagate(level_mask[0, 0], encoder.geometry(layer))
                found[level, layer] = in_basis(encoder, layer, guided_gram(features[layer][0], guide))
    return found


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
    ) -> None:
        """`content` is (1, 3, H, W) RGB in [0, 1].

        `content_mask` (H, W) says where the likeness is wanted, `hold` (H, W; >= 0) how much more firmly than elsewhere.
        """
        self.encoder, self.weights, self.bf16 = encoder, weights, bf16
        self.tv_mask = content_mask
        self.notes: list[str] = []
        self.levels = len(image_levels(content, levels))
        self.plan: list[list[tuple[str, Tensor, Tensor, float]]] = [[] for _ in range(self.levels)]
        self._plan_style(regions, how)
        with torch.no_grad(), torch.autocast(content.device.type, torch.bfloat16, enabled=bf16):
            names = [name for name, weight in weights.content_layers if weight and weights.content]
            maps = encoder.features(content, names) if names else {}
        total = sum(weight for _, weight in weights.content_layers) or 1.0
        self.content = []
        for name, weight in weights.content_layers:
            if name in maps:
                guide = guidance.propagate(content_mask, encoder.geometry(name))
                firm = None if hold is None else guide * (1 + guidance.propagate(hold, encoder.geometry(name)))
                self.content.append(
                    (name, maps[name][0].float(), guide, guide if firm is None else firm, weight / total)
                )

    def _plan_style(self, regions: Sequence[Region], how: Guidance) -> None:
        total = sum(region.weight for region in regions) or 1.0
        layer_total = sum(weight for _, weight in self.weights.style_layers) or 1.0
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
                        entries.append((level, layer, target, guide, weight * present / layer_total))
            reached = {level for level, *_ in entries}  # a small style has fewer levels than the canvas
            scale = region.weight / total / max(len(reached), 1)
            for level, layer, target, guide, weight in entries:
                self.plan[level].append((layer, target, guide, weight * scale))

    def __call__(self, image: Tensor) -> tuple[dict[str, float], Tensor]:
        """Weighted terms and the gradient (1, 3, H, W) of their sum at `image` (1, 3, H, W)."""
        leaf = image.detach().requires_grad_(True)
        sums = {"content": 0.0, "style": 0.0, "tv": 0.0}
        for level, scaled in enumerate(image_levels(leaf, self.levels)):
            terms = self._terms(level, scaled)
            if level == 0:
                terms["tv"] = self.weights.tv * losses.total_variation(scaled[0], self.tv_mask)
                terms["tv"] = terms["tv"] + losses.range_penalty(scaled[0])
            if terms:
                torch.stack(list(terms.values())).sum().backward(retain_graph=level + 1 < self.levels)
            for name, value in terms.items():
                sums[name] += float(value.detach())
        assert leaf.grad is not None
        return {**sums, "total": sum(sums.values())}, leaf.grad

    def _terms(self, level: int, image: Tensor) -> dict[str, Tensor]:
        style_layers = [entry[0] for entry in self.plan[level]]
        content = self.content if level == 0 else []
        wanted = {*style_layers, *(entry[0] for entry in content)}
        if not wanted:
            return {}
        with torch.autocast(image.device.type, torch.bfloat16, enabled=self.bf16):
            features = self.encoder.features(image, wanted)
        terms: dict[str, Tensor] = {}
        style = [
            weight
            * losses.style_distance(in_basis(self.encoder, layer, guided_gram(features[layer][0], guide)), target)
            for layer, target, guide, weight in self.plan[level]
        ]
        if style:
            terms["style"] = self.weights.style * torch.stack(style).sum()
        parts = [w * losses.content_distance(features[name][0], t, area, firm) for name, t, area, firm, w in content]
        if parts:
            terms["content"] = self.weights.content * torch.stack(parts).sum()
        return terms
