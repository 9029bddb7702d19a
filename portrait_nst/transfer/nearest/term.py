"""Nearest features under guidance: each cell of the painting is drawn to the one of the painting that answers for it.

Kolkin et al., "Neural Neighbor Style Transfer", 2022. With v_p the hypercolumn of the painting at cell p, a_p its answer from the
style's `Codebook`, h_p the photo's hypercolumn, T_p the region's guidance there and F_p how much more firmly the photo is held,

    nearest = sum_p T_p [ 1 - cos(v_p, a_p) + TIE |v_p - a_p|^2 ] / sum_p T_p
    content = c sum_p T_p sum_k (C_k + F_p D_k) |v_pk - h_pk|^2 / sum_p T_p,

C_k being 1 for the deep layers at x1/2, and D_k for those at both levels: structure is held everywhere, the face's features too
where there is one. What is painted is asked again every few steps, on another sampling grid: strokes that have begun are gone on
with, as texture synthesis by optimisation does (Kwatra et al. 2005), and an answer is what a cell's neighbours vote for.

Opposed to the paper, whose questions are the photo's own at each scale and whose regions are the whole pictures, a region's cells
are answered from its own style alone; cells are a grid of one stride, layers count alike, and the colours are moved beforehand.
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
from portrait_nst.transfer.config import Nearest
from portrait_nst.transfer.faces.controller import Sitter, remodelled
from portrait_nst.transfer.memory import give_back
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.hypercolumns import Key, Metric

TIE = 0.1
AIRY = 0.05  # how firmly tones are held where nothing is
NEIGHBOURS = 5  # cells a side over which a first question is smoothed
BESIDE = 1 + NEIGHBOURS // 2  # cells beyond a cell that its goal depends on: who votes, and what is smoothed there


@dataclass(eq=False)
class _Part:
    """A region's side of it: guidance (cells,), its codebook, the `answers` (cells,), and what these and the photo look like.

    asked: (cells,) bool, where there are answers: where the guidance is, and one cell beyond a window's own cells.
    """

    weights: Tensor
    codebook: Codebook
    asked: Tensor
    answers: Tensor
    goals: list[Tensor]
    lengths: Tensor
    held: list[Tensor | None]


class NearestTerm:
    """The terms of one picture, or of a window of it, for questions that are asked once."""

    def __init__(
        self,
        encoder: Encoder,
        keys: Sequence[Key],
        config: Nearest,
        regions: Sequence[tuple[Tensor, Codebook]],
        content: Tensor,
        question: Tensor,
        *,
        hold: Tensor | None = None,
        faces: Tensor | None = None,
        sitter: Sitter | None = None,
        again: bool = False,
        bf16: bool = False,
        core: Tensor | None = None,
        total: float | None = None,
        centres: Sequence[Mapping[Key, Tensor]] | None = None,
    ) -> None:
        """`content` and `question` are (1, 3, H, W) RGB in [0, 1], each of `regions` a mask (H, W) and its style's codebook.

        hold:    (H, W; >= 0) how much more firmly the photo is held; faces: (H, W), 1 in its faces.
        again:   whether `question` is a painting begun at this size, and not the enlarged one with the photo's detail.
        core:    (H, W) in {0, 1}, the cells that count, of a window; total: the weight of all cells of the whole picture;
        centres: the questions' means over the whole for each region.
        """
        self.encoder, self.config, self.bf16 = encoder, config, bf16
        self.content_image, self.sitter = content, sitter
        self.size = (content.shape[-2], content.shape[-1])
        self.grid = grid = hypercolumns.cells_of(self.size)
        self.keys = keys
        areas = [hypercolumns.to_cells(mask, grid) for mask, _ in regions]
        weights = areas if core is None else [hypercolumns.to_cells(mask * core, grid) for mask, _ in regions]
        near = torch.ones_like(areas[0], dtype=torch.bool) if core is None else _and_beside(core, grid)
        self.total = max(sum(float(each.sum()) for each in weights) if total is None else total, 1e-6)
        self.share = sum(float(each.sum()) for each in weights) / self.total  # of all cells
        self.hold = None if hold is None else hypercolumns.to_cells(hold, grid)
        self.parts: list[_Part] = []
        with torch.no_grad():
            asked, photo = self._columns(question), self._columns(content)
            face = None if faces is None else hypercolumns.to_cells(faces, grid)
            asks = []
            for number, (each, area, (_, codebook)) in enumerate(zip(weights, areas, regions)):
                centre = hypercolumns.mean(asked, each) if centres is None else centres[number]
                asks.append(self._question(codebook.metric, asked, photo, area, centre, again))
            del asked
            give_back()
            for each, area, (_, codebook) in zip(weights, areas, regions):
                questions = asks.pop(0)
                answers = torch.zeros(len(each), dtype=torch.int64, device=each.device)
                there = (area > 0) & near & bool(each.any())
                where = torch.nonzero(there)[:, 0]
                if len(where):
                    tones = self._held_tones.flatten(1).T[where] if config.price else None
                    faced = None if face is None else face[where]
                    answers[where] = codebook.answer(questions[where], faced, tones, config.price)
                self.parts.append(_Part(each, codebook, there, answers, [], each, []))
            self._ready(photo)

    def _columns(self, image: Tensor) -> dict[Key, Tensor]:
        maps = hypercolumns.features(self.encoder, image, self.keys, self.bf16)
        return hypercolumns.columns(self.encoder, maps, self.keys, self.grid)

    def _question(
        self,
        metric: Metric,
        asked: Mapping[Key, Tensor],
        photo: Mapping[Key, Tensor],
        weights: Tensor,
        centre: Mapping[Key, Tensor],
        again: bool,
    ) -> Tensor:
        """(cells, d): around their own mean, so that a dark photo asks for all of a light painting."""
        question = metric.project(asked, centre)
        if again:
            return question.lerp_(metric.project(photo, centre), self.config.photo) if self.config.photo else question
        share = self.config.smooth
        if not share:
            return question
        high, wide = self.grid
        maps = (question.float() * weights[:, None]).T.reshape(1, -1, high, wide)
        area = weights.view(1, 1, high, wide)
        sums, areas = (F.avg_pool2d(x, NEIGHBOURS, 1, NEIGHBOURS // 2, count_include_pad=False) for x in (maps, area))
        mean = (sums / areas.clamp_min(1e-3))[0].flatten(1).T
        return question.lerp_(mean.to(question.dtype), share)

    def _ready(self, photo: Mapping[Key, Tensor] | None = None) -> None:
        """Look up the answers and the photo's hypercolumns, where they are not held."""
        if self.parts and self.parts[0].goals:
            return
        with torch.no_grad():
            photo = self._columns(self.content_image) if photo is None else photo
            deep = set(hypercolumns.deep_keys(self.encoder, self.keys))
            photo = {key: values for key, values in photo.items() if key in deep}
            if self.sitter is not None:
                photo = self._remodelled(photo)
            for part in self.parts:
                metric = part.codebook.metric
                goal = part.codebook.vote(part.answers, self.grid, part.asked)
                part.lengths = goal.square().sum(1).sqrt()
                unit = (goal / part.lengths[:, None].clamp_min(1e-6)).to(part.codebook.entries.dtype)
                part.goals = list(unit.split(metric.widths, 1))
                part.held = [
                    hypercolumns.project(photo[key], metric.centres[key], base) if key in photo else None
                    for key, base in metric.bases.items()
                ]

    def _remodelled(self, photo: Mapping[Key, Tensor]) -> dict[Key, Tensor]:
        """The photo's columns with the light and shade of the painting's sitter on its faces."""
        assert self.sitter is not None
        face = hypercolumns.to_cells(self.sitter.face, self.grid)
        other = self._columns(self.sitter.image)
        return {
            key: remodelled(values.float().T[..., None], other[key].float().T[..., None], face[:, None])[..., 0].T.to(
                values
            )
            for key, values in photo.items()
        }

    def tiled(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The terms and their gradient (1, 3, H, W) at `image`, without graph; what was looked up is let go afterwards."""
        leaf = image.detach().clone().requires_grad_(True)
        terms = self(leaf, hypercolumns.features(self.encoder, leaf, self.keys, self.bf16))
        torch.stack(list(terms.values())).sum().backward()
        self.release()
        assert leaf.grad is not None
        return {name: value.detach() for name, value in terms.items()}, leaf.grad

    def release(self) -> None:
        """Hold no more than the answers' numbers, until the terms are asked for."""
        for part in self.parts:
            part.goals, part.held = [], []

    @property
    def variance(self) -> float:
        """What the content term would be for a picture without features: that of their mean everywhere."""
        self._ready()
        found = 0.0
        for part in self.parts:
            share = part.weights / self.total
            for key, held in zip(part.codebook.metric.keys, part.held):
                if held is not None and key[0] == _coarsest(part):
                    values = held.float()
                    apart = values - (share @ values) / share.sum().clamp_min(1e-6)
                    found += float(share @ apart.square().sum(1))
        return self.config.content * found

    def __call__(self, image: Tensor, maps: Mapping[Key, Tensor]) -> dict[str, Tensor]:
        """The terms of `image` (1, 3, H, W), whose feature maps are `maps` {key: (1, C, h, w)}."""
        self._ready()
        columns = hypercolumns.columns(self.encoder, maps, self.keys, self.grid)
        nearest = content = torch.zeros((), device=self.content_image.device)
        for part in self.parts:
            metric = part.codebook.metric
            values = [columns[key] for key in metric.keys]
            squares, along, apart = _Compared.apply(self, part, *values)
            weights = part.weights / self.total
            cosine = along / squares.clamp_min(1e-12).sqrt()
            distance = squares - 2 * along * part.lengths + part.lengths.square()
            nearest = nearest + ((1 - cosine + TIE * distance) * weights).sum()
            content = content + self.config.content * (apart * weights).sum()
        if self.config.tone:
            weights = torch.stack([part.weights for part in self.parts]).sum(0) / self.total
            firm = weights * (AIRY if self.hold is None else AIRY + self.hold)
            error = (hypercolumns.tones(image, self.grid) - self._held_tones).square().sum(0)
            content = content + self.config.tone * (error.flatten() * firm).sum()
        return {"nearest": nearest, "content": content}

    @cached_property
    def _held_tones(self) -> Tensor:
        return hypercolumns.tones(self.content_image, self.grid)

    def firmness(self, part: _Part, key: Key) -> Tensor | float:
        """C_k + F_p D_k of a deep layer's key, (cells,) or a number."""
        everywhere = 1.0 if key[0] == _coarsest(part) else 0.0
        return everywhere if self.hold is None else everywhere + self.hold


def _coarsest(part: _Part) -> int:
    """The level at which structure is held everywhere: x1/2, or x1 where picture or style are too small for that."""
    return max(level for level, _ in part.codebook.metric.keys)


def _and_beside(core: Tensor, grid: hypercolumns.Size) -> Tensor:
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
        squares, along, apart = (torch.zeros(len(columns[0]), device=columns[0].device) for _ in range(3))
        kept = []
        for values, (key, base), goal, held in zip(columns, metric.bases.items(), part.goals, part.held):
            v = hypercolumns.project(values, metric.centres[key], base)
            kept.append(v)
            squares += (v * v).sum(1, dtype=torch.float32)
            along += (v * goal).sum(1, dtype=torch.float32)
            if held is not None:
                error = v - held
                apart += error.mul_(error).sum(1, dtype=torch.float32) * term.firmness(part, key)
        ctx.term, ctx.part = term, part
        ctx.save_for_backward(*kept)
        return squares, along, apart

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Any, ...]:
        by_square, by_along, by_apart = gradients
        term, part = ctx.term, ctx.part
        found = []
        for v, (key, base), goal, held in zip(
            ctx.saved_tensors, part.codebook.metric.bases.items(), part.goals, part.held
        ):
            pull = v * (2 * by_square)[:, None].to(v.dtype)
            pull.addcmul_(goal, by_along[:, None].to(v.dtype))
            if held is not None:
                pull.addcmul_(v - held, (2 * by_apart * term.firmness(part, key))[:, None].to(v.dtype))
            found.append(pull @ base.T.to(v.dtype))
        return None, None, *found
