"""What a painting is judged by at one scale: style in each region, likeness to the photo, smoothness."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import guidance, losses
from portrait_nst.transfer.faces.controller import Sitter, remodelled
from portrait_nst.transfer.moments import moments
from portrait_nst.transfer.objective import tiled, tiles
from portrait_nst.transfer.objective.normalisation import FORMS
from portrait_nst.transfer.objective.terms import Content, Entry, Local, Terms, Weights, image_levels
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling

GramTargets = Mapping[tuple[int, str], Tensor]
# Weight of an identity loss, in the content's: a cosine of 0.9 costs what a face without features would.
IDENTITY = 10.0


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


class Objective(Terms):
    """The weighted sum of all terms for one canvas."""

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
        config: Guidance,
        bf16: bool = False,
        sitter: Sitter | None = None,
        identity: Callable[[Tensor], Tensor] | None = None,
        tiling: Tiling = NO_TILES,
        local: Local | None = None,
    ) -> None:
        """`content` is (1, 3, H, W) RGB in [0, 1].

        `content_mask` (H, W) says where the likeness is wanted, `hold` (H, W; >= 0) how much more firmly than elsewhere;
        `sitter` remodels the faces' content, `identity` is a loss of 0 to 2 on the image, weighted as the content is. `local` has
        nearest features and a content term of its own.
        """
        levels = len(image_levels(content, max([levels, *(level + 1 for level, _ in (local.keys if local else ()))])))
        super().__init__(encoder, weights, content_mask, levels, bf16, tiling)
        self.local = local
        self.plan, self.notes = plan_style(encoder, weights, regions, levels, config)
        names = [name for name, weight in weights.content_layers if weight and weights.content]
        maps = self._features(content, names)
        sitters = {} if sitter is None else self._features(sitter.image, names)
        self.identity = identity
        if identity is not None and local is not None:
            self.identity_weight += IDENTITY * local.variance
        for name, weight in content_weights(weights):
            guide = guidance.propagate(content_mask, encoder.geometry(name))
            firm = guide if hold is None else guide * (1 + guidance.propagate(hold, encoder.geometry(name)))
            target = maps[name]
            if sitter is not None:
                face = guidance.propagate(sitter.face, encoder.geometry(name))
                target = remodelled(target.float(), sitters[name].float(), face)
            factor = weight * float(self.form.factor(target, guide))
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


def plan_style(
    encoder: Encoder, weights: Weights, regions: Sequence[Region], levels: int, config: Guidance
) -> tuple[list[list[Entry]], list[str]]:
    """The style's entries at each level of the image pyramid, and notes for the user."""
    plan: list[list[Entry]] = [[] for _ in range(levels)]
    notes: list[str] = []
    form = FORMS[weights.form]
    total = sum(region.weight for region in regions) or 1.0
    layer_weights = [weight for _, weight in weights.style_layers]
    for region in regions:
        entries = []
        for level, mask in enumerate(image_levels(region.mask[None, None], levels)):
            for layer, weight in weights.style_layers:
                guide, fell_back = guidance.propagate_or_soft(
                    mask[0, 0], encoder.geometry(layer), config.mode, config.offset
                )
                if fell_back:
                    shrunk = f" shrunk by {-config.offset} cells" if config.offset < 0 else ""
                    notes.append(f"guidance {config.mode!r}{shrunk} leaves nothing at {layer}: `soft` is used there")
                present = guidance.presence(guide)
                target = region.targets.get((level, layer))
                if target is not None and present > 0 and weight > 0:
                    share = form.layer_share(weight, layer_weights) * present
                    sums = float(guide.sum()), float(mask.sum())
                    entries.append((level, Entry(layer, target, guide, share, *sums)))
        reached = {level for level, _ in entries}  # a small style has fewer levels than the canvas
        scale = region.weight / total / max(len(reached), 1)
        for level, entry in entries:
            plan[level].append(replace(entry, weight=entry.weight * scale))
    return plan, notes


def content_weights(weights: Weights) -> list[tuple[str, float]]:
    """(layer, what its form's factor is to be multiplied by) for the content's layers that count."""
    total = (sum(weight for _, weight in weights.content_layers) if weights.form == "relative" else 1.0) or 1.0
    return [
        (name, weight / total * weights.content)
        for name, weight in weights.content_layers
        if weight and weights.content
    ]
