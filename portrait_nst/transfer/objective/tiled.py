"""The objective of a picture that is taken in tiles: the same terms and gradient, with the memory of one tile.

A style loss is no sum over tiles, but a function L of moments M that are. So there are two passes: the first adds M up, at
which dL/dM is known for the whole picture; the second adds up the gradients of <dL/dM, M_tile>, which are those of L.
There is one statistic for the picture and not one for each tile, and so there are no seams.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.moments import moments
from portrait_nst.transfer.objective.tiles import Tile, scan, tiles

if TYPE_CHECKING:
    from portrait_nst.transfer.objective.terms import Terms


def total_moments(
    encoder: Encoder, image: Tensor, asked: Sequence[tuple[str, Tensor]], side: int, bf16: bool, style_loss: str
) -> list[Tensor]:
    """The moments of `image` (1, 3, H, W) at each (layer, guide (h, w)) that is `asked` for."""
    sums: list[Tensor | float] = [0.0] * len(asked)
    areas = [guide.sum().clamp_min(1e-6) for _, guide in asked]

    def wanted(tile: Tile) -> bool:
        return any(bool(tile.cells(encoder.geometry(layer), guide).any()) for layer, guide in asked)

    for tile, maps in scan(encoder, image, {layer for layer, _ in asked}, side, bf16, wanted):
        for number, (layer, guide) in enumerate(asked):
            part = tile.cells(encoder.geometry(layer), guide)
            found = moments(encoder, layer, maps[layer], part, style_loss)
            sums[number] = sums[number] + part.sum() / areas[number] * found
    return [value for value in sums if isinstance(value, Tensor)]


def evaluate(objective: Terms, level: int, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """The terms of one level of the objective, without graph, and their gradient at `image` (1, 3, H, W)."""
    encoder, side, bf16 = objective.encoder, objective.tiling.side, objective.bf16
    entries, content = objective.plan[level], objective.content if level == 0 else []
    kind = objective.weights.style_loss
    terms: dict[str, Tensor] = {}
    pulls: list[Tensor] = []
    if entries:
        asked = [(entry.layer, entry.guide) for entry in entries]
        found = [m.requires_grad_(True) for m in total_moments(encoder, image, asked, side, bf16, kind)]
        style = objective.style(level, found)
        pulls = list(torch.autograd.grad(style, found))
        terms["style"] = style.detach()
    areas = [entry.guide.sum().clamp_min(1e-6) for entry in entries]
    gradient = torch.zeros_like(image)
    layers = {entry.layer for entry in entries} | {entry.layer for entry in content}
    geometries = {layer: encoder.geometry(layer) for layer in layers}
    size = (image.shape[-2], image.shape[-1])
    for tile in tiles(size, side, geometries.values()) if layers else []:
        guides = [tile.cells(geometries[entry.layer], entry.guide) for entry in entries]
        holds = [tile.cells(geometries[entry.layer], entry.firm) for entry in content]
        if not any(bool(weight.any()) for weight in (*guides, *holds)):
            continue
        window = tile.window(image).clone().requires_grad_(True)
        with torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
            maps = encoder.features(window, layers)
        core = {layer: tile.core(geometries[layer], maps[layer]).squeeze(0) for layer in layers}
        parts = []
        for entry, guide, pull, area in zip(entries, guides, pulls, areas):
            own = moments(encoder, entry.layer, core[entry.layer], guide, kind)
            parts.append((pull * own).sum() * (guide.sum() / area))
        for term, firm in zip(content, holds):
            target = tile.cells(geometries[term.layer], term.target)
            value = term.cut(target, firm).of(core[term.layer])
            terms["content"] = terms.get("content", value.new_zeros(())) + value.detach()
            parts.append(value)
        torch.stack(parts).sum().backward()
        assert window.grad is not None
        tile.window(gradient).add_(window.grad)
    if level == 0:
        terms["tv"] = smoothness(objective, image[0], gradient[0])
    return terms, gradient


def smoothness(objective: Terms, image: Tensor, gradient: Tensor | None = None) -> Tensor:
    """The smoothness of `image` (3, H, W), strip by strip; adds to its `gradient`, where one is given."""
    total, height, side = image.new_zeros(()), image.shape[1], objective.tiling.side
    for top in range(0, height, side):
        bottom = min(height, top + side)
        rows = slice(top, min(height, bottom + 1))
        strip = image[:, rows].detach().clone().requires_grad_(gradient is not None)
        value = objective.smoothness(strip, objective.tv_mask[rows], bottom - top)
        if gradient is not None and value.requires_grad:
            gradient[:, rows].add_(torch.autograd.grad(value, strip)[0])
        total = total + value.detach()
    return total
