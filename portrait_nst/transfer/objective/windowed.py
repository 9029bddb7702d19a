"""A window of a large canvas, which is painted separately, towards the statistics of the whole canvas.

Let M be the feature statistics of the whole canvas, M_w those of the cells of window w, s_w the share of these cells among all, S
the sum of the shares, which is greater than 1 because windows overlap, and L the style loss, a convex function of M. If the
windows change their statistics by D_w, Jensen's inequality gives

    L(M + sum_w s_w D_w) <= sum_w s_w / S L(M + S D_w).

Where nothing has changed, both sides are equal and have the same gradient. The right side is a sum of one term for each window,
so lowering each term lowers the loss of the whole (majorisation and minimisation; Hunter & Lange 2004). In any order, every
window supplies its share of what the whole canvas lacks. If the windows minimised L(M + s_w D_w) instead, the first ones would
supply nearly all of it.

The change that a window makes fades out towards its edges, beyond which cells are missing, while the change of the next window
fades in. The fade multiplies the gradient, and then the change once more. So the squares of all fades add up to 1, and all pixels
move equally far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.geometry import Geometry
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.terms import StyleTerm, Weights
from portrait_nst.transfer.optim.parametrization import Pyramid
from portrait_nst.transfer.rect import Rect


@dataclass(frozen=True)
class Window:
    """A part of a canvas of `size` (h, w). Its `core` meets the next cores, and the window extends beyond it by 2 `halo` pixels.

    Around the edges of the core, the window's change of the picture fades out over 2 `halo` pixels; the outermost `halo` pixels
    do not change.
    """

    core: Rect
    size: tuple[int, int]
    halo: int

    @property
    def outer(self) -> Rect:
        """The window with the margin around its core."""
        core, reach = self.core, 2 * self.halo
        height, width = self.size
        return Rect(
            max(0, core.top - reach),
            max(0, core.left - reach),
            min(height, core.bottom + reach),
            min(width, core.right + reach),
        )

    @property
    def shape(self) -> tuple[int, int]:
        """The (height, width) of the window with its margin."""
        return self.outer.shape

    def cells(self, geometry: Geometry, level: int, guide: Tensor) -> Tensor:
        """The window's part of a `guide` (..., h, w) of the whole canvas; 0 where the receptive field extends beyond the window.

        `geometry` is that of the guide's layer, at a level of the image pyramid.
        """
        outer, (height, width) = self.outer, self.size
        down = _complete(geometry, level, outer.top, outer.bottom, height).to(guide)
        across = _complete(geometry, level, outer.left, outer.right, width).to(guide)
        top, left = ((begin >> level) // geometry.jump for begin in (outer.top, outer.left))
        return guide[..., top : top + len(down), left : left + len(across)] * down[:, None] * across

    def fade(self) -> Tensor:
        """(H, W) in [0, 1]: how far each pixel may change. The squares of all windows' fades add up to 1."""
        outer, core, (height, width) = self.outer, self.core, self.size
        down = self._fade((outer.top, outer.bottom), (core.top, core.bottom), height)
        return down[:, None] * self._fade((outer.left, outer.right), (core.left, core.right), width)

    def _fade(self, outer: tuple[int, int], core: tuple[int, int], length: int) -> Tensor:
        at = torch.arange(*outer, dtype=torch.float64) + 0.5
        ramp = torch.ones_like(at)
        if core[0] > 0:
            ramp *= ((at - core[0]) / self.halo + 1).clamp(0, 2) / 2
        if core[1] < length:
            ramp *= ((core[1] - at) / self.halo + 1).clamp(0, 2) / 2
        return torch.sin(ramp * math.pi / 2).float()


def _complete(geometry: Geometry, level: int, begin: int, end: int, whole: int) -> Tensor:
    """(cells,) bool: whether cells between the pixels `begin` and `end` of an axis see all that they see in the `whole` axis."""
    length = (end - begin) >> level
    first = torch.arange(geometry.cells(length)) * geometry.jump + geometry.start
    inside = torch.ones(len(first), dtype=torch.bool)
    if begin > 0:
        inside &= first >= 0
    if end < whole:
        inside &= first + geometry.field <= length
    return inside


def windows(size: tuple[int, int], side: int, step: int, halo: int, between: bool) -> list[Window]:
    """Windows over a canvas of `size`, whose fades cross each other every `side` pixels or less.

    They begin at multiples of `step`. With `between`, they lie across the edges of the windows without `between`.
    """
    spans = []
    for length in size:
        least = -(-2 * halo // step) * step  # in a shorter window the two fades would overlap
        count = max(1, min(-(-length // side), length // least))
        edges = [round(length * number / count / step) * step for number in range(count)]
        if between and length // count >= 2 * least:
            edges = [0, *(begin + (end - begin) // 2 // step * step for begin, end in zip(edges, [*edges[1:], length]))]
        spans.append(list(zip(edges, [*edges[1:], length])))
    return [Window(Rect(top, left, bottom, right), size, halo) for top, bottom in spans[0] for left, right in spans[1]]


class BlendedParametrization:
    """A pyramid whose picture is blended with `base` (1, 3, H, W) by the weight `fade` (H, W; [0, 1])."""

    def __init__(self, pyramid: Pyramid, base: Tensor, fade: Tensor) -> None:
        self.pyramid, self.base, self.fade = pyramid, base, fade

    def analyse(self, image: Tensor) -> Tensor:
        """Coefficients (n,) of `image` (1, 3, H, W)."""
        return self.pyramid.analyse(image)

    def synthesise(self, coefficients: Tensor) -> Tensor:
        """The picture (1, 3, H, W) of `coefficients` (n,), blended with the base by the fade."""
        return torch.lerp(self.base, self.pyramid.synthesise(coefficients), self.fade)


@dataclass(frozen=True, eq=False)
class GlobalStatistic:
    """One style term of the whole canvas: its statistics (1, C, C), and the number of its cells, counted in all windows."""

    term: StyleTerm
    statistics: Tensor
    counted: float

    @property
    def times(self) -> float:
        """S of the inequality above."""
        return self.counted / self.term.cells


class RunningVariance:
    """The variation of features around their mean inside an area: a sum of squares that is accumulated part by part.

    Squares are taken around the mean of the first part, because small deviations from a large mean would be lost in float32.
    """

    def __init__(self) -> None:
        self.area, self.squares = 0.0, 0.0
        self.around: Tensor | None = None
        self.sums: Tensor | None = None

    def add(self, features: Tensor, area: Tensor) -> None:
        """Add a part: `features` (1, C, h, w) under `area` (1, h, w; [0, 1])."""
        features, area = features.squeeze(0), area.squeeze(0)
        if self.around is None or self.sums is None:
            share = area / area.sum().clamp_min(1e-6)
            self.around = (features * share).sum((1, 2), keepdim=True)
            self.sums = torch.zeros_like(self.around[:, 0, 0], dtype=torch.float64)
        deviations = features - self.around
        self.area += float(area.sum())
        self.sums += (deviations * area).sum((1, 2)).double()
        self.squares += float((deviations.square_() * area).sum())

    @property
    def total(self) -> float:
        """The sum of squares around the mean of all parts."""
        return 0.0 if self.sums is None else self.squares - float(self.sums.square().sum()) / max(self.area, 1e-6)

    def factor(self) -> float:
        """`functional.content_factor` of all parts."""
        area = max(self.area, 1e-6)
        return 1 / (max(self.total / area, 1e-6) * area)


class WindowObjective(Objective):
    """The terms of the whole canvas as functions of one window of it."""

    def __init__(self, encoder: Encoder, weights: Weights, tv_mask: Tensor, bf16: bool, levels: int) -> None:
        super().__init__(encoder, weights, tv_mask, levels, bf16)
        self.known: list[list[GlobalStatistic]] = [[] for _ in range(levels)]
        self.elsewhere: dict[int, list[Tensor]] = {}

    def add(self, level: int, known: GlobalStatistic, guide: Tensor) -> None:
        """Add a style term of the whole canvas, for the window's cells under `guide` (1, h, w)."""
        term, cells = known.term, float(guide.sum())
        if cells > 0:
            weight = term.weight * cells / known.counted
            self.style_terms[level].append(replace(term, guide=guide, weight=weight))
            self.known[level].append(known)

    def style(self, level: int, found: Sequence[Tensor]) -> Tensor:
        """The style term of one level for the statistics `found` in the window; those of the rest do not change."""
        known = self.known[level]
        if level not in self.elsewhere:  # the window has not changed since the statistics of the whole were computed
            self.elsewhere[level] = [each.statistics - each.times * own.detach() for each, own in zip(known, found)]
        seen = [each.times * own + rest for each, own, rest in zip(known, found, self.elsewhere[level])]
        return super().style(level, seen)
