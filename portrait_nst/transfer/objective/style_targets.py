"""The feature statistics of a style picture, which are the targets of a painting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import functional
from portrait_nst.transfer.objective import tiled
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling

GramTargets = Mapping[tuple[int, str], Tensor]


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
    """The feature statistics of `style` (1, 3, H, W; RGB in [0, 1]) under `mask` (H, W), by pyramid level and layer.

    Each is (C, C), or (C+1, C+1) for the `style_loss` "wasserstein"; see `functional.feature_statistics`.
    """
    found = {}
    region = torch.ones(style.shape[-2:], device=style.device) if mask is None else mask
    pairs = zip(functional.image_levels(style, levels), functional.image_levels(region[None, None], levels))
    with torch.no_grad():
        for level, (image, level_mask) in enumerate(pairs):
            guides = {layer: functional.propagate_guide(level_mask[0], encoder.geometry(layer)) for layer in layers}
            if tiling.needed(image):
                asked = [(layer, guides[layer]) for layer in layers]
                each = tiled.total_statistics(encoder, image, asked, tiling.side, bf16, style_loss)
                found.update({(level, layer): value.squeeze(0) for layer, value in zip(layers, each)})
                continue
            with torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
                features = encoder.features(image, layers)
            for layer in layers:
                statistics = functional.feature_statistics(
                    features[layer], guides[layer], style_loss, encoder.bases.get(layer)
                )
                found[level, layer] = statistics.squeeze(0)
    return found
