"""Nearest features under guidance: each cell of the picture is drawn to the cell of the style that matches it.

Kolkin et al., "Neural Neighbor Style Transfer", 2022. With v_p the hypercolumn of the picture at cell p, a_p its match from the
style's `Codebook`, h_p the photo's hypercolumn, T_p the region's guidance there and F_p the additional weight of the content,

    nearest = sum_p T_p [ 1 - cos(v_p, a_p) + TIE |v_p - a_p|^2 ] / sum_p T_p
    content = c sum_p T_p sum_k (C_k + F_p D_k) |v_pk - h_pk|^2 / sum_p T_p,

where C_k is 1 for the deep layers at x1/2, and D_k is 1 for the deep layers at both levels: structure is preserved everywhere,
and in faces also their features. The painting is matched again every few steps, on another sampling grid. So strokes that have
begun continue, as in texture synthesis by optimisation (Kwatra et al. 2005). A match is averaged over the proposals of a cell's
neighbours.

Opposed to the paper, whose queries are always the photo's own and whose regions are whole pictures, the cells of a region are
matched with its own style alone. All cells lie on a grid of one stride, all layers count equally, and the colours are moved
beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.planning.extent import Size
from portrait_nst.transfer import functional
from portrait_nst.transfer.allocator import give_back
from portrait_nst.transfer.config import Nearest
from portrait_nst.transfer.faces.gain_maps import Sitter, apply_gain
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.hypercolumns import Key, Metric

AIRY = 0.05  # weight of tones where the content has no additional weight
NEIGHBOURS = 5  # cells along each side of the square over which the first queries are smoothed
BESIDE = 1 + NEIGHBOURS // 2  # distance in cells over which a goal depends on others: by votes and by smoothing


@dataclass(eq=False)
class _Part:
    """One region: its guidance, its style's codebook, its matches, and the features of these and of the photo.

    weights: (cells,) in [0, 1], the region's guidance; matches: (cells,) int64, entries of the `codebook`.
    matched: (cells,) bool, whether a cell has a match: where the guidance is not 0, and one cell beyond a window's own cells.
    goals:   for each key (cells, d), the mean proposals, with length 1 over all keys; lengths: (cells,) their lengths before.
    photo:   for each key (cells, d), the photo's features, or None if they do not count.
    """

    weights: Tensor
    codebook: Codebook
    matched: Tensor
    matches: Tensor
    goals: list[Tensor]
    lengths: Tensor
    photo: list[Tensor | None]


class NearestTerm:
    """The terms of a picture, or of a window of it, for queries that are matched once."""

    def __init__(
        self,
        encoder: Encoder,
        keys: Sequence[Key],
        config: Nearest,
        regions: Sequence[tuple[Tensor, Codebook]],
        content: Tensor,
        query: Tensor,
        *,
        content_weight_map: Tensor | None = None,
        faces: Tensor | None = None,
        sitter: Sitter | None = None,
        again: bool = False,
        bf16: bool = False,
        core: Tensor | None = None,
        total: float | None = None,
        centres: Sequence[Mapping[Key, Tensor]] | None = None,
    ) -> None:
        """`content` and `query` are (1, 3, H, W) RGB in [0, 1], each of `regions` a mask (H, W) and its style's codebook.

        content_weight_map: (H, W; >= 0) the additional weight of the content; faces: (H, W), 1 in the photo's faces.
        again:   whether `query` is a painting begun at this size, instead of the enlarged one with the photo's detail.
        core:    (H, W) in {0, 1}, the cells of a window that count; total: the weight of all cells of the whole picture.
        centres: for each region the mean of the queries over the whole picture.
        """
        self.encoder, self.config, self.bf16 = encoder, config, bf16
        self.content_image, self.sitter = content, sitter
        self.grid = grid = hypercolumns.cells_of((content.shape[-2], content.shape[-1]))
        self.keys = keys
        areas = [hypercolumns.to_cells(mask, grid) for mask, _ in regions]
        weights = areas if core is None else [hypercolumns.to_cells(mask * core, grid) for mask, _ in regions]
        near = torch.ones_like(areas[0], dtype=torch.bool) if core is None else _and_beside(core, grid)
        self.total = max(sum(float(each.sum()) for each in weights) if total is None else total, 1e-6)
        self.share = sum(float(each.sum()) for each in weights) / self.total  # of all cells of the picture
        weight_map = content_weight_map
        self.added_weight = None if weight_map is None else hypercolumns.to_cells(weight_map, grid)
        self.parts: list[_Part] = []
        with torch.no_grad():
            columns, photo = self._columns(query), self._columns(content)
            face = None if faces is None else hypercolumns.to_cells(faces, grid)
            queries = []
            for number, (each, area, (_, codebook)) in enumerate(zip(weights, areas, regions)):
                centre = hypercolumns.mean(columns, each) if centres is None else centres[number]
                queries.append(self._queries(codebook.metric, columns, photo, area, centre, again))
            del columns
            give_back()
            for each, area, (_, codebook) in zip(weights, areas, regions):
                there = (area > 0) & near & bool(each.any())
                matches = self._matches(codebook, queries.pop(0), there, face)
                self.parts.append(_Part(each, codebook, there, matches, [], each, []))
            self._ready(photo)

    def _matches(self, codebook: Codebook, queries: Tensor, there: Tensor, face: Tensor | None) -> Tensor:
        """(cells,) the matched entry of each of the `queries` (cells, d), in the cells that are `there` (cells,)."""
        matches = torch.zeros(len(queries), dtype=torch.int64, device=queries.device)
        where = torch.nonzero(there)[:, 0]
        if len(where):
            tones = self._photo_tones.flatten(1).T[where] if self.config.price else None
            faces = None if face is None else face[where]
            matches[where] = codebook.match(queries[where], faces, tones, self.config.price)
        return matches

    def _columns(self, image: Tensor) -> dict[Key, Tensor]:
        maps = hypercolumns.features(self.encoder, image, self.keys, self.bf16)
        return hypercolumns.columns(self.encoder, maps, self.keys, self.grid)

    def _queries(
        self,
        metric: Metric,
        columns: Mapping[Key, Tensor],
        photo: Mapping[Key, Tensor],
        weights: Tensor,
        centre: Mapping[Key, Tensor],
        again: bool,
    ) -> Tensor:
        """The queries (cells, d), centred on their own mean, so that a dark photo is matched with all of a light painting."""
        queries = metric.project(columns, centre)
        if again:
            return queries.lerp_(metric.project(photo, centre), self.config.photo) if self.config.photo else queries
        share = self.config.smooth
        if not share:
            return queries
        high, wide = self.grid
        maps = (queries.float() * weights[:, None]).T.reshape(1, -1, high, wide)
        area = weights.view(1, 1, high, wide)
        sums, areas = (F.avg_pool2d(x, NEIGHBOURS, 1, NEIGHBOURS // 2, count_include_pad=False) for x in (maps, area))
        mean = (sums / areas.clamp_min(1e-3))[0].flatten(1).T
        return queries.lerp_(mean.to(queries.dtype), share)

    def _ready(self, photo: Mapping[Key, Tensor] | None = None) -> None:
        """Compute the goals of the matches and the photo's hypercolumns, unless they are present."""
        if self.parts and self.parts[0].goals:
            return
        with torch.no_grad():
            photo = self._columns(self.content_image) if photo is None else photo
            deep = set(hypercolumns.deep_keys(self.encoder, self.keys))
            photo = {key: values for key, values in photo.items() if key in deep}
            if self.sitter is not None:
                photo = self._with_gain(photo, self.sitter)
            for part in self.parts:
                metric = part.codebook.metric
                goal = part.codebook.vote(part.matches, self.grid, part.matched)
                part.lengths = goal.square().sum(1).sqrt()
                unit = (goal / part.lengths[:, None].clamp_min(1e-6)).to(part.codebook.entries.dtype)
                part.goals = list(torch.split(unit, metric.widths, 1))
                part.photo = [
                    hypercolumns.project(photo[key], metric.centres[key], base) if key in photo else None
                    for key, base in metric.bases.items()
                ]

    def _with_gain(self, photo: Mapping[Key, Tensor], sitter: Sitter) -> dict[Key, Tensor]:
        """The photo's columns with the light and shade of the painting's sitter on its faces."""
        face = hypercolumns.to_cells(sitter.face, self.grid)[:, None]
        other = self._columns(sitter.image)
        return {key: apply_gain(values.float(), other[key].float(), face).to(values) for key, values in photo.items()}

    def evaluate(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The terms and their gradient (1, 3, H, W) at `image`, without graph; the goals are released afterwards."""
        leaf = image.detach().clone().requires_grad_(True)
        terms = self(leaf, hypercolumns.features(self.encoder, leaf, self.keys, self.bf16))
        torch.autograd.backward(torch.stack(list(terms.values())).sum())
        self.release()
        assert leaf.grad is not None
        return {name: value.detach() for name, value in terms.items()}, leaf.grad

    def release(self) -> None:
        """Keep only the numbers of the matches, until the terms are needed again."""
        for part in self.parts:
            part.goals, part.photo = [], []

    @property
    def variance(self) -> float:
        """The content term of a picture without features, in which every cell has their mean."""
        self._ready()
        found = 0.0
        for part in self.parts:
            share = part.weights / self.total
            for key, photo in zip(part.codebook.metric.keys, part.photo):
                if photo is not None and key[0] == _coarsest(part):
                    values = photo.float()
                    deviations = values - (share @ values) / share.sum().clamp_min(1e-6)
                    found += float(share @ deviations.square().sum(1))
        return self.config.content * found

    def __call__(self, image: Tensor, maps: Mapping[Key, Tensor]) -> dict[str, Tensor]:
        """The terms of `image` (1, 3, H, W), whose feature maps are `maps` {key: (1, C, h, w)}."""
        self._ready()
        columns = hypercolumns.columns(self.encoder, maps, self.keys, self.grid)
        nearest = content = torch.zeros((), device=self.content_image.device)
        for part in self.parts:
            metric = part.codebook.metric
            values = [columns[key] for key in metric.keys]
            squares, along, errors = _Compared.apply(self, part, *values)
            weights = part.weights / self.total
            nearest = nearest + (functional.match_distance(squares, along, part.lengths) * weights).sum()
            content = content + self.config.content * (errors * weights).sum()
        if self.config.tone:
            weights = torch.stack([part.weights for part in self.parts]).sum(0) / self.total
            weighted = weights * (AIRY if self.added_weight is None else AIRY + self.added_weight)
            error = (hypercolumns.tones(image, self.grid) - self._photo_tones).square().sum(0)
            content = content + self.config.tone * (error.flatten() * weighted).sum()
        return {"nearest": nearest, "content": content}

    @cached_property
    def _photo_tones(self) -> Tensor:
        return hypercolumns.tones(self.content_image, self.grid)

    def content_weight(self, part: _Part, key: Key) -> Tensor | float:
        """C_k + F_p D_k for the key of a deep layer, (cells,) or a number."""
        everywhere = 1.0 if key[0] == _coarsest(part) else 0.0
        return everywhere if self.added_weight is None else everywhere + self.added_weight


def _coarsest(part: _Part) -> int:
    """The level at which structure is preserved everywhere: x1/2, or x1 if the picture or the style is too small for that."""
    return max(level for level, _ in part.codebook.metric.keys)


def _and_beside(core: Tensor, grid: Size) -> Tensor:
    """(cells,) bool: the cells of a window's `core` (H, W), and their neighbours."""
    cells = hypercolumns.to_cells(core, grid).view(1, 1, *grid)
    return F.max_pool2d(cells, 3, 1, 1).flatten() > 0


class _Compared(torch.autograd.Function):
    """|v|^2, v . a and the weighted |v - h|^2 of each cell, and their gradient, layer by layer, without joining the layers.

    Products have the features' precision and sums are float32, because converting a layer first takes several times as long.
    """

    @staticmethod
    def forward(ctx: Any, term: NearestTerm, part: _Part, *columns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        metric = part.codebook.metric
        squares, along, errors = (torch.zeros(len(columns[0]), device=columns[0].device) for _ in range(3))
        kept = []
        for values, (key, base), goal, photo in zip(columns, metric.bases.items(), part.goals, part.photo):
            v = hypercolumns.project(values, metric.centres[key], base)
            kept.append(v)
            squares += (v * v).sum(1, dtype=torch.float32)
            along += (v * goal).sum(1, dtype=torch.float32)
            if photo is not None:
                error = v - photo
                errors += error.mul_(error).sum(1, dtype=torch.float32) * term.content_weight(part, key)
        ctx.term, ctx.part = term, part
        ctx.save_for_backward(*kept)
        return squares, along, errors

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        by_square, by_along, by_error = gradients
        term: NearestTerm = ctx.term
        part: _Part = ctx.part
        found = []
        for v, (key, base), goal, photo in zip(
            ctx.saved_tensors, part.codebook.metric.bases.items(), part.goals, part.photo
        ):
            slope = v * (2 * by_square)[:, None].to(v.dtype)
            slope.addcmul_(goal, by_along[:, None].to(v.dtype))
            if photo is not None:
                slope.addcmul_(v - photo, (2 * by_error * term.content_weight(part, key))[:, None].to(v.dtype))
            found.append(slope @ base.T.to(v.dtype))
        return None, None, *found
