"""The objective of a canvas, made from the photo, the masks and the styles' statistics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import functional
from portrait_nst.transfer.faces.gain_maps import Sitter, apply_gain
from portrait_nst.transfer.objective import tiles
from portrait_nst.transfer.objective.carried import Carried
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.objective.terms import ContentTerm, Guidance, LocalTerms, StyleTerm, Weights
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling

# Weight of an identity loss relative to the content: a cosine of 0.9 costs as much as a face without features.
IDENTITY = 10.0


@dataclass(frozen=True, eq=False)
class Region:
    """A part of the canvas, and the style that it takes.

    mask:    (H, W) float32 in [0, 1] at the canvas' resolution.
    targets: feature statistics of the style, from `gram_targets`.
    """

    mask: Tensor
    targets: GramTargets
    weight: float = 1.0


def canvas_objective(
    encoder: Encoder,
    content: Tensor,
    content_mask: Tensor,
    content_weight_map: Tensor | None,
    regions: Sequence[Region],
    weights: Weights,
    *,
    levels: int,
    guidance: Guidance,
    bf16: bool = False,
    sitter: Sitter | None = None,
    identity: Callable[[Tensor], Tensor] | None = None,
    tiling: Tiling = NO_TILES,
    local: LocalTerms | None = None,
    carried: Carried | None = None,
) -> Objective:
    """The weighted sum of all terms for one canvas, whose `content` is (1, 3, H, W) RGB in [0, 1].

    content_mask:       (H, W), where the content counts.
    content_weight_map: (H, W; >= 0), its additional weight; None if there is none.
    sitter:             the painting's sitter, for gain maps on the content of faces.
    identity:           a loss of 0 to 2 on the image, whose weight is derived from the content's.
    local:              nearest features, which have a content term of their own.
    carried:            the painting of the frame before, in a clip.
    """
    levels = max([levels, *(level + 1 for level, _ in (local.keys if local else ()))])
    levels = functional.level_count((content.shape[-2], content.shape[-1]), levels)
    objective = Objective(encoder, weights, content_mask, levels, bf16, tiling)
    objective.local, objective.identity, objective.carried = local, identity, carried
    objective.style_terms, objective.notes = plan_style(encoder, weights, regions, levels, guidance)
    if identity is not None and local is not None:
        objective.identity_weight += IDENTITY * local.variance
    names = [name for name, weight in weights.content_layers if weight and weights.content]
    maps = _features(objective, content, names)
    sitters = {} if sitter is None else _features(objective, sitter.image, names)
    for name, weight in content_weights(weights):
        geometry, target = encoder.geometry(name), maps[name]
        guide = functional.propagate_guide(content_mask[None], geometry)
        mask = weighted_mask(guide, content_weight_map, encoder, name)
        if sitter is not None:
            face = functional.propagate_guide(sitter.face[None], geometry)
            target = apply_gain(target.float(), sitters[name].float(), face[:, None])
        factor = weight * float(objective.form.factor(target, guide))
        objective.content_terms.append(ContentTerm(name, target, mask, factor))
        if identity is not None:
            # The content term of a picture without features: 1 in our own form, any number in the published ones.
            flat = target.float().mean((2, 3), keepdim=True).expand_as(target)
            objective.identity_weight += IDENTITY * factor * float(functional.squared_errors(flat, target, guide))
    return objective


def weighted_mask(guide: Tensor, content_weight_map: Tensor | None, encoder: Encoder, layer: str) -> Tensor:
    """A content layer's `guide` (1, h, w), times 1 + `content_weight_map` (H, W; >= 0) at the layer's resolution."""
    if content_weight_map is None:
        return guide
    return guide * (1 + functional.propagate_guide(content_weight_map[None], encoder.geometry(layer)))


def _features(objective: Objective, image: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
    """{layer: (1, C, h, w)} without gradients, in float32; a picture in tiles keeps the features' type."""
    if not names:
        return {}
    encoder, bf16 = objective.encoder, objective.bf16
    if objective.tiling.needed(image):
        return tiles.features(encoder, image, names, objective.tiling.side, bf16)
    with torch.no_grad(), torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
        maps = encoder.features(image, names)
    return {name: maps[name].to(torch.promote_types(maps[name].dtype, torch.float32)) for name in names}


def plan_style(
    encoder: Encoder, weights: Weights, regions: Sequence[Region], levels: int, guidance: Guidance
) -> tuple[list[list[StyleTerm]], list[str]]:
    """The style's terms at each level of the image pyramid, and notes for the user."""
    plan: list[list[StyleTerm]] = [[] for _ in range(levels)]
    notes: list[str] = []
    form = functional.FORMS[weights.form]
    total = sum(region.weight for region in regions) or 1.0
    layer_weights = [weight for _, weight in weights.style_layers]
    for region in regions:
        terms = []
        for level, mask in enumerate(functional.image_levels(region.mask[None, None], levels)):
            for layer, weight in weights.style_layers:
                guide, fell_back = functional.propagate_or_soft(
                    mask[0], encoder.geometry(layer), guidance.mode, guidance.offset
                )
                if fell_back:
                    shrunk = f" shrunk by {-guidance.offset} cells" if guidance.offset < 0 else ""
                    notes.append(f"guidance {guidance.mode!r}{shrunk} leaves nothing at {layer}: `soft` is used there")
                present = functional.presence(guide)
                target = region.targets.get((level, layer))
                if target is not None and present > 0 and weight > 0:
                    share = form.layer_share(weight, layer_weights) * present
                    sums = float(guide.sum()), float(mask.sum())
                    terms.append((level, StyleTerm(layer, target[None], guide, share, *sums)))
        reached = {level for level, _ in terms}  # a small style has fewer levels than the canvas
        scale = region.weight / total / max(len(reached), 1)
        for level, term in terms:
            plan[level].append(replace(term, weight=term.weight * scale))
    return plan, notes


def content_weights(weights: Weights) -> list[tuple[str, float]]:
    """The (layer, weight) of the content's layers that count; the form's factor is multiplied by the weight."""
    total = (sum(weight for _, weight in weights.content_layers) if weights.form == "relative" else 1.0) or 1.0
    return [
        (name, weight / total * weights.content)
        for name, weight in weights.content_layers
        if weight and weights.content
    ]
