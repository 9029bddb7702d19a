"""A window of a canvas that is too large to be held, painted by itself towards the statistics of the whole.

Let M be the moments of the whole canvas, M_w those of window w's cells, s_w the share of these in all cells and S the sum of the
shares, which is over 1 as windows overlap; and L the style loss, a convex function of M. When the windows change their moments
by D_w, Jensen's inequality has

    L(M + sum_w s_w D_w) <= sum_w s_w / S L(M + S D_w).

The right side is equal where nothing has changed, has the same gradient there, and falls apart into one term for each window: so
to lower each lowers the loss of the whole (majorisation and minimisation; Hunter & Lange 2004). Every window takes on its share
of what the whole canvas lacks, in whatever order; towards L(M + s_w D_w) the first windows would take on nearly all of it.

What a window does to the picture fades out towards its edges, beyond which cells would be missing, while the next one's fades in.
As a gradient is multiplied by the fade, and what is done by it once more, the squares of all fades add up to 1: each pixel is
moved as far as every other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.geometry import Geometry
from portrait_nst.transfer.objective.terms import Entry, Terms, Weights
from portrait_nst.transfer.optim.parametrization import Pyramid

Span = tuple[int, int]  # first, and one after the last


@dataclass(frozen=True)
class Window:
    """A part of a canvas of `size` that meets the next ones at the edges of its core, and reaches twice `still` beyond them.

    Around these edges what it does to the picture fades, over twice `still` pixels; the outermost `still` do not change.
    """

    core_rows: Span
    core_columns: Span
    size: tuple[int, int]
    still: int

    @property
    def rows(self) -> Span:
        return max(0, self.core_rows[0] - 2 * self.still), min(self.size[0], self.core_rows[1] + 2 * self.still)

    @property
    def columns(self) -> Span:
        return max(0, self.core_columns[0] - 2 * self.still), min(self.size[1], self.core_columns[1] + 2 * self.still)

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows[1] - self.rows[0], self.columns[1] - self.columns[0]

    def part(self, array: Tensor) -> Tensor:
        """The window's part of an `array` (H, W) of the whole canvas."""
        return array[slice(*self.rows), slice(*self.columns)]

    def cells(self, geometry: Geometry, level: int, guide: Tensor) -> Tensor:
        """The window's part of a `guide` (h, w) of the whole canvas, 0 where cells do not see what they see in the whole.

        `geometry` is that of the guide's layer, at a level of the image pyramid.
        """
        down, across = (self._counted(geometry, level, axis).to(guide) for axis in (0, 1))
        top, left = ((begin >> level) // geometry.jump for begin in (self.rows[0], self.columns[0]))
        return guide[top : top + len(down), left : left + len(across)] * down[:, None] * across

    def _counted(self, geometry: Geometry, level: int, axis: int) -> Tensor:
        (begin, end), whole = (self.rows, self.columns)[axis], self.size[axis]
        length = (end - begin) >> level
        first = torch.arange(geometry.cells(length)) * geometry.jump + geometry.start
        inside = torch.ones(len(first), dtype=torch.bool)
        if begin > 0:
            inside &= first >= 0
        if end < whole:
            inside &= first + geometry.field <= length
        return inside

    def fade(self) -> Tensor:
        """(H, W) in [0, 1]: how far each pixel may change. Over all windows the squares add up to 1."""
        down, across = (self._fade(axis) for axis in (0, 1))
        return down[:, None] * across

    def _fade(self, axis: int) -> Tensor:
        (begin, end), (first, last) = (self.rows, self.columns)[axis], (self.core_rows, self.core_columns)[axis]
        at = torch.arange(begin, end, dtype=torch.float64) + 0.5
        ramp = torch.ones_like(at)
        if first > 0:
            ramp *= ((at - first) / self.still + 1).clamp(0, 2) / 2
        if last < self.size[axis]:
            ramp *= ((last - at) / self.still + 1).clamp(0, 2) / 2
        return torch.sin(ramp * math.pi / 2).float()


def windows(size: tuple[int, int], side: int, step: int, still: int, between: bool) -> list[Window]:
    """Windows over a canvas of `size`, whose fades cross each other every `side` pixels or less.

    They begin at multiples of `step`. With `between` they stand across the edges of those without.
    """
    spans = []
    for length in size:
        least = -(-2 * still // step) * step  # under which two fades would cross
        count = max(1, min(-(-length // side), length // least))
        edges = [round(length * number / count / step) * step for number in range(count)]
        if between and length // count >= 2 * least:
            edges = [0, *(begin + (end - begin) // 2 // step * step for begin, end in zip(edges, [*edges[1:], length]))]
        spans.append(list(zip(edges, [*edges[1:], length])))
    return [Window(rows, columns, size, still) for rows in spans[0] for columns in spans[1]]


class BlendedParametrization:
    """A pyramid whose picture differs from `base` (1, 3, H, W) only as far as `fade` (H, W) lets it."""

    def __init__(self, pyramid: Pyramid, base: Tensor, fade: Tensor) -> None:
        self.pyramid, self.base, self.fade = pyramid, base, fade

    def analyse(self, image: Tensor) -> Tensor:
        return self.pyramid.analyse(image)

    def synthesise(self, coefficients: Tensor) -> Tensor:
        return torch.lerp(self.base, self.pyramid.synthesise(coefficients), self.fade)


@dataclass(frozen=True, eq=False)
class GlobalStatistic:
    """One style entry of the whole canvas: its moments, and how many of its cells all windows together have."""

    entry: Entry
    moments: Tensor
    counted: float

    @property
    def times(self) -> float:
        """S of the inequality above."""
        return self.counted / self.entry.cells


class RunningVariance:
    """How much features vary around their mean inside an area: the sum of their squares, added up part by part.

    Around the first part's mean, as squares of float32 would otherwise be lost beside those of a large mean.
    """

    def __init__(self) -> None:
        self.area, self.squares = 0.0, 0.0
        self.around: Tensor | None = None
        self.sums: Tensor | None = None

    def add(self, features: Tensor, area: Tensor) -> None:
        """One more part: `features` (C, h, w) under `area` (h, w; [0, 1])."""
        if self.around is None or self.sums is None:
            share = area / area.sum().clamp_min(1e-6)
            self.around = (features * share).sum((1, 2), keepdim=True)
            self.sums = torch.zeros_like(self.around[:, 0, 0], dtype=torch.float64)
        apart = features - self.around
        self.area += float(area.sum())
        self.sums += (apart * area).sum((1, 2)).double()
        self.squares += float((apart.square_() * area).sum())

    @property
    def total(self) -> float:
        return 0.0 if self.sums is None else self.squares - float(self.sums.square().sum()) / max(self.area, 1e-6)

    def factor(self) -> float:
        """`losses.content_factor` of all parts."""
        area = max(self.area, 1e-6)
        return 1 / (max(self.total / area, 1e-6) * area)


class WindowObjective(Terms):
    """The terms of the whole canvas as functions of one window of it."""

    def __init__(self, encoder: Encoder, weights: Weights, tv_mask: Tensor, bf16: bool, levels: int) -> None:
        super().__init__(encoder, weights, tv_mask, levels, bf16)
        self.standing: list[list[GlobalStatistic]] = [[] for _ in range(levels)]
        self.apart: dict[int, list[Tensor]] = {}

    def add(self, level: int, standing: GlobalStatistic, guide: Tensor) -> None:
        """Let an entry of the whole canvas see the window's cells under `guide` (h, w)."""
        entry, cells = standing.entry, float(guide.sum())
        if cells > 0:
            self.plan[level].append(replace(entry, guide=guide, weight=entry.weight * cells / standing.counted))
            self.standing[level].append(standing)

    def style(self, level: int, found: Sequence[Tensor]) -> Tensor:
        known = self.standing[level]
        if level not in self.apart:  # the window is now as it was when the moments of the whole were taken
            self.apart[level] = [each.moments - each.times * own.detach() for each, own in zip(known, found)]
        seen = [each.times * own + apart for each, own, apart in zip(known, found, self.apart[level])]
        return super().style(level, seen)
