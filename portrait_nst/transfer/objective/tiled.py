"""The objective of a picture in tiles: the same terms and gradient, with the memory of one tile.

A style loss is not a sum over tiles, but a function L of statistics M, which are such sums. So there are two passes. The first
adds up M, from which dL/dM follows for the whole picture. The second adds up the gradients of <dL/dM, M_tile>, which together are
the gradient of L. Since there is one statistic for the picture instead of one for each tile, there are no seams.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import functional
from portrait_nst.transfer.objective.terms import Terms
from portrait_nst.transfer.objective.tiles import Tile, scan, tiles


def total_statistics(
    encoder: Encoder, image: Tensor, asked: Sequence[tuple[str, Tensor]], side: int, bf16: bool, style_loss: str
) -> list[Tensor]:
    """The feature statistics of `image` (1, 3, H, W) at each (layer, guide (1, h, w)) that is `asked` for."""
    sums: list[Tensor | float] = [0.0] * len(asked)
    areas = [guide.sum().clamp_min(1e-6) for _, guide in asked]

    def wanted(tile: Tile) -> bool:
        return any(bool(tile.cells(encoder.geometry(layer), guide).any()) for layer, guide in asked)

    for tile, maps in scan(encoder, image, {layer for layer, _ in asked}, side, bf16, wanted):
        for number, (layer, guide) in enumerate(asked):
            part = tile.cells(encoder.geometry(layer), guide)
            found = functional.feature_statistics(maps[layer], part, style_loss, encoder.bases.get(layer))
            sums[number] = sums[number] + part.sum() / areas[number] * found
    return [value for value in sums if isinstance(value, Tensor)]


def evaluate(terms: Terms, level: int, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """The terms of one level of the image pyramid, without graph, and their gradient at `image` (1, 3, H, W)."""
    encoder, side, bf16 = terms.encoder, terms.tiling.side, terms.bf16
    style_terms, content_terms = terms.style_terms[level], terms.content_at(level)
    found: dict[str, Tensor] = {}
    slopes: list[Tensor] = []
    if style_terms:
        asked = [(term.layer, term.guide) for term in style_terms]
        statistics = total_statistics(encoder, image, asked, side, bf16, terms.weights.style_loss)
        statistics = [each.requires_grad_(True) for each in statistics]
        style = terms.style(level, statistics)
        slopes = list(torch.autograd.grad(style, statistics))
        found["style"] = style.detach()
    areas = [term.guide.sum().clamp_min(1e-6) for term in style_terms]
    gradient = torch.zeros_like(image)
    layers = {term.layer for term in style_terms} | {term.layer for term in content_terms}
    geometries = {layer: encoder.geometry(layer) for layer in layers}
    size = (image.shape[-2], image.shape[-1])
    for tile in tiles(size, side, geometries.values()) if layers else []:
        guides = [tile.cells(geometries[term.layer], term.guide) for term in style_terms]
        masks = [tile.cells(geometries[term.layer], term.weighted_mask) for term in content_terms]
        if not any(bool(weight.any()) for weight in (*guides, *masks)):
            continue
        window = tile.window.part(image).clone().requires_grad_(True)
        maps = terms.features(level, window)
        core = {layer: tile.cells_of_window(geometries[layer], maps[layer]) for layer in layers}
        parts = []
        for style_term, guide, slope, area in zip(style_terms, guides, slopes, areas):
            own = terms.statistics(style_term.layer, core[style_term.layer], guide)
            parts.append((slope * own).sum() * (guide.sum() / area))
        for content_term, mask in zip(content_terms, masks):
            target = tile.cells(geometries[content_term.layer], content_term.target)
            part = replace(content_term, target=target, weighted_mask=mask)
            value = part.distance(core[content_term.layer]).squeeze(0)
            found["content"] = found.get("content", value.new_zeros(())) + value.detach()
            parts.append(value)
        torch.autograd.backward(torch.stack(parts).sum())
        assert window.grad is not None
        tile.window.part(gradient).add_(window.grad)
    if level == 0:
        found["tv"] = smoothness(terms, image, gradient)
    return found, gradient


def smoothness(terms: Terms, image: Tensor, gradient: Tensor | None = None) -> Tensor:
    """The smoothness of `image` (1, 3, H, W), strip by strip; adds to its `gradient`, where one is given."""
    total, height, side = image.new_zeros(()), image.shape[2], terms.tiling.side
    for top in range(0, height, side):
        bottom = min(height, top + side)
        rows = slice(top, min(height, bottom + 1))
        strip = image[:, :, rows].detach().clone().requires_grad_(gradient is not None)
        value = terms.smoothness(strip, terms.tv_mask[rows], bottom - top)
        if gradient is not None and value.requires_grad:
            gradient[:, :, rows].add_(torch.autograd.grad(value, strip)[0])
        total = total + value.detach()
    return total
