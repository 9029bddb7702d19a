"""Nearest features under guidance: each cell of the picture is drawn to the cell of the style that matches it.

Kolkin et al., "Neural Neighbor Style Transfer", 2022. With v_p the hypercolumn of the picture at cell p, a_p its match from the
style's `Codebook`, h_p the photo's hypercolumn, T_p the region's guidance there and F_p how much more firmly the photo is held,

    nearest = sum_p T_p [ 1 - cos(v_p, a_p) + TIE |v_p - a_p|^2 ] / sum_p T_p
    content = c sum_p T_p sum_k (C_k + F_p D_k) |v_pk - h_pk|^2 / sum_p T_p,

C_k being 1 for the deep layers at x1/2, and D_k for those at both levels: structure is held everywhere, the face's features too
where there is one. What is painted is matched again every few steps, on another sampling grid: strokes that have begun go on, as
in texture synthesis by optimisation (Kwatra et al. 2005), and a match is what a cell's neighbours vote for.

Opposed to the paper, whose queries are the photo's own at each scale and whose regions are the whole pictures, a region's cells
are matched with its own style alone; cells are a grid of one stride, layers count alike, and the colours are moved beforehand.
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
from portrait_nst.transfer.config import Nearest
from portrait_nst.transfer.faces.gain_maps import Sitter, apply_gain
from portrait_nst.transfer.memory import give_back
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.hypercolumns import Key, Metric

AIRY = 0.05  # how firmly tones are held where nothing is
NEIGHBOURS = 5  # cells a side over which a first query is smoothed
BESIDE = 1 + NEIGHBOURS // 2  # cells beyond a cell that its goal depends on: who votes, and what is smoothed there


@dataclass(eq=False)
class _Part:
    """One region: its guidance and its style's codebook, the matches, and what these and the photo look like.

    weights: (cells,) in [0, 1], the region's guidance; matches: (cells,) int64, entries of the `codebook`.
    matched: (cells,) bool, where there are matches: where the guidance is, and one cell beyond a window's own cells.
    goals:   for each key (cells, d), what the matches vote for, of length 1 over all keys; lengths: (cells,) what they had.
    photo:   for each key (cells, d), the photo's features, or None where they are not held.
    """

    weights: Tensor
    codebook: Codebook
    matched: Tensor
    matches: Tensor
    goals: list[Tensor]
    lengths: Tensor
    photo: list[Tensor | None]


class NearestTerm:
    """The terms of one picture, or of a window of it, for queries that are matched once."""

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

        content_weight_map: (H, W; >= 0) how much more firmly the photo is held; faces: (H, W), 1 in its faces.
        again:   whether `query` is a painting begun at this size, and not the enlarged one with the photo's detail.
        core:    (H, W) in {0, 1}, the cells that count, of a window; total: the weight of all cells of the whole picture;
        centres: the queries' means over the whole for each region.
        """
        self.encoder, self.config, self.bf16 = encoder, config, bf16
        self.content_image, self.sitter = content, sitter
        self.grid = grid = hypercolumns.cells_of((content.shape[-2], content.shape[-1]))
        self.keys = keys
        areas = [hypercolumns.to_cells(mask, grid) for mask, _ in regions]
        weights = areas if core is None else [hypercolumns.to_cells(mask * core, grid) for mask, _ in regions]
        near = torch.ones_like(areas[0], dtype=torch.bool) if core is None else _and_beside(core, grid)
        self.total = max(sum(float(each.sum()) for each in weights) if total is None else total, 1e-6)
        self.share = sum(float(each.sum()) for each in weights) / self.total  # of all cells
        firmness = content_weight_map
        self.firmness = None if firmness is None else hypercolumns.to_cells(firmness, grid)
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
        """(cells,) the entry for each of the `queries` (cells, d), where they are asked `there` (cells,)."""
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
        """(cells, d): around their own mean, so that a dark photo asks for all of a light painting."""
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
        """Look up the matches and the photo's hypercolumns, where they are not there."""
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
        """The terms and their gradient (1, 3, H, W) at `image`, without graph; what was looked up is let go afterwards."""
        leaf = image.detach().clone().requires_grad_(True)
        terms = self(leaf, hypercolumns.features(self.encoder, leaf, self.keys, self.bf16))
        torch.autograd.backward(torch.stack(list(terms.values())).sum())
        self.release()
        assert leaf.grad is not None
        return {name: value.detach() for name, value in terms.items()}, leaf.grad

    def release(self) -> None:
        """Hold no more than the matches' numbers, until the terms are asked for."""
        for part in self.parts:
            part.goals, part.photo = [], []

    @property
    def variance(self) -> float:
        """What the content term would be for a picture without features: that of their mean everywhere."""
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
            weighted = weights * (AIRY if self.firmness is None else AIRY + self.firmness)
            error = (hypercolumns.tones(image, self.grid) - self._photo_tones).square().sum(0)
            content = content + self.config.tone * (error.flatten() * weighted).sum()
        return {"nearest": nearest, "content": content}

    @cached_property
    def _photo_tones(self) -> Tensor:
        return hypercolumns.tones(self.content_image, self.grid)

    def content_weight(self, part: _Part, key: Key) -> Tensor | float:
        """C_k + F_p D_k of a deep layer's key, (cells,) or a number."""
        everywhere = 1.0 if key[0] == _coarsest(part) else 0.0
        return everywhere if self.firmness is None else everywhere + self.firmness


def _coarsest(part: _Part) -> int:
    """The level at which structure is held everywhere: x1/2, or x1 where picture or style are too small for that."""
    return max(level for level, _ in part.codebook.metric.keys)


def _and_beside(core: Tensor, grid: Size) -> Tensor:
    """(cells,) bool: those of a window's `core` (H, W), and the neighbours that vote on theirs."""
    cells = hypercolumns.to_cells(core, grid).view(1, 1, *grid)
    return F.max_pool2d(cells, 3, 1, 1).flatten() > 0


class _Compared(torch.autograd.Function):
    """|v|^2, v . a and the weighed |v - h|^2 of each cell, and their gradient, layer by layer, without joining them.

    Products are rounded as the features are, sums are float32: to convert a layer first takes several times as long.
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
