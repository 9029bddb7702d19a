"""The codebook of a style: the hypercolumns of its pictures and of their quarter turns, among which matches are searched.

A picture's cells keep their order, in *grids*, so that a match has neighbours. If there are too many cells (for a large canvas,
or for the paintings of a movement), square patches of them are taken, spread evenly over all grids, so that the size of a
codebook is bounded. Cells outside a style's mask are not matched.

A query's match is the entry with the greatest cosine. The search has two steps: first, every second row and column of the grids
in the `WIDTH` principal directions, by one matrix product; then the neighbours of the entry that was found, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.planning.extent import Size
from portrait_nst.transfer import functional
from portrait_nst.transfer.config import EngineConfig, StylePart
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.grids import StyleGrid, style_grids
from portrait_nst.transfer.nearest.hypercolumns import Key, Metric

WIDTH = 128  # principal directions of the search
SAMPLE = 8192  # entries from which the directions are computed
BLOCK = functional.BLOCK  # queries that are searched at once
FACE = 0.15  # added to the cosine of a query from a face with an entry from a face
VOTES = (1.0, 0.5, 0.25)  # weights of the matches of a cell, of its neighbours, and of its diagonal neighbours
MIDDLE = 0.5  # subtracted from tones, so that products in bfloat16 lose less to rounding
RIM = 0.1  # subtracted from the cosine of an entry whose receptive field extends beyond the style's mask
FEW = 4  # up to this number, each picture has its share of the painting; with more, the nearest picture matches


@dataclass(frozen=True, eq=False)
class GridIndex:
    """The grid, row and column of each entry: `starts`, `heights` and `widths` (grids,) int64 of all grids."""

    starts: Tensor
    heights: Tensor
    widths: Tensor

    @classmethod
    def of(cls, shapes: Sequence[Size], device: torch.device | str) -> GridIndex:
        """The index of grids of these `shapes` (rows, columns), one after the other."""
        sizes = torch.tensor(shapes, device=device)
        lengths = sizes.prod(1)
        return cls(torch.cumsum(lengths, 0) - lengths, sizes[:, 0].contiguous(), sizes[:, 1].contiguous())

    def locate(self, entries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(grid, row, column) of `entries` (n,)."""
        grid = torch.bucketize(entries, self.starts[1:], right=True)
        within = entries - self.starts[grid]
        return grid, within // self.widths[grid], within % self.widths[grid]

    def neighbours(self, entries: Tensor, dy: int, dx: int) -> tuple[Tensor, Tensor]:
        """The entries `dy` rows and `dx` columns from `entries` (n,), and whether they exist; otherwise the same entries."""
        grid, row, column = self.locate(entries)
        row, column = row + dy, column + dx
        there = (row >= 0) & (column >= 0) & (row < self.heights[grid]) & (column < self.widths[grid])
        found = self.starts[grid] + row * self.widths[grid] + column
        return torch.where(there, found, entries), there


@dataclass(frozen=True, eq=False)
class Codebook:
    """The entries of a style, and everything that the search for a query's match needs.

    metric:  the space of entries and queries.
    entries: (n, d), in the type of the features, float32 or bfloat16.
    index:   their positions; allowed: (n,) bool, whether they may be matches; penalties: (n,) subtracted from their cosines.
    parts:   (n,) the number of the style's picture; shares: each picture's share of the painting, or None.
    faces:   (n,) float32, 1 in the style's faces, or None; tones: (n, 3) RGB in [0, 1], the colours around each entry.
    basis:   (d, w) the principal directions; search_keys: (k, w + 6) for the first step; places: (k,) their numbers in `entries`.
    """

    metric: Metric
    entries: Tensor
    index: GridIndex
    allowed: Tensor
    penalties: Tensor
    parts: Tensor
    shares: Tensor | None
    faces: Tensor | None
    tones: Tensor
    basis: Tensor
    search_keys: Tensor
    places: Tensor

    def match(
        self, queries: Tensor, faces: Tensor | None = None, tones: Tensor | None = None, price: float = 0.0
    ) -> Tensor:
        """The entry (cells,) int64 with the greatest cosine for each of the `queries` (cells, d).

        faces: (cells,), 1 in the photo's faces.
        tones: (cells, 3), the colours around each cell; `price` times an entry's squared distance is subtracted from its cosine.
        """
        rest = self._beside(queries, faces, tones, price)
        blocks = [slice(first, first + BLOCK) for first in range(0, len(queries), BLOCK)]
        found = self._search(queries, rest, blocks)
        return torch.cat([self._refined(queries[rows], rest[rows], found[rows]) for rows in blocks])

    def _beside(self, queries: Tensor, faces: Tensor | None, tones: Tensor | None, price: float) -> Tensor:
        """(cells, 6) the factors of the queries for the additional columns of entries that `beside` returns."""
        rest = torch.zeros(len(queries), 6, device=queries.device)
        rest[:, 0] = 1
        if faces is not None and self.faces is not None:
            rest[:, 1] = FACE * faces
        if tones is not None and price:
            rest[:, 2], rest[:, 3:] = -price, 2 * price * (tones - MIDDLE)
        return rest

    def _refined(self, queries: Tensor, rest: Tensor, found: Tensor) -> Tensor:
        """The best of the entries `found` (cells,) and their eight neighbours."""
        asked = F.normalize(queries.float(), dim=1)
        best, score = found, self._scores(asked, rest, found)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if dy or dx:
                    near, there = self.index.neighbours(found, dy, dx)
                    value = torch.where(there & self.allowed[near], self._scores(asked, rest, near), -9.0)
                    best = torch.where(value > score, near, best)
                    score = torch.maximum(value, score)
        return best

    def _search(self, queries: Tensor, rest: Tensor, blocks: Sequence[slice]) -> Tensor:
        """The nearest of `places` for each of the queries, in the principal directions."""
        short = torch.cat(
            [torch.cat([F.normalize(queries[rows].float(), dim=1) @ self.basis, rest[rows]], 1) for rows in blocks]
        ).to(self.search_keys.dtype)
        if self.shares is None:
            return self.places[functional.greatest_products(short, self.search_keys.T.contiguous())[1]]
        values, places = [], []
        for part in range(len(self.shares)):
            columns = torch.nonzero(self.parts[self.places] == part)[:, 0]
            value, index = functional.greatest_products(short, self.search_keys[columns].T.contiguous())
            values.append(value.float())
            places.append(self.places[columns[index]])
        chosen = shared(torch.stack(values, 1), self.shares)
        return torch.stack(places, 1).gather(1, chosen[:, None])[:, 0]

    def _scores(self, asked: Tensor, rest: Tensor, entries: Tensor) -> Tensor:
        """The cosine of the unit queries (cells, d) and `entries` (cells,), with all additions and subtractions."""
        rows = self.entries[entries].float()
        cosine = (asked * rows).sum(1) / rows.square().sum(1).clamp_min(1e-12).sqrt()
        return cosine + (rest * beside(self.penalties, self.faces, self.tones, entries)).sum(1)

    def vote(self, matches: Tensor, grid: Size, matched: Tensor) -> Tensor:
        """(cells, d) the weighted mean of the entries that the matches of a cell and of its eight neighbours propose for it.

        matches: (cells,) of the `grid`; matched: (cells,) bool, whether a cell has a match. A neighbour proposes the entry that
        lies beside its own match in the style: where neighbours agree, the stroke continues (Kwatra et al. 2005). Neighbours
        count half and diagonal ones a quarter, so that agreement spreads in circles instead of squares.
        """
        total = torch.zeros(len(matches), self.entries.shape[1], device=self.entries.device)
        counts = torch.zeros(len(matches), 1, device=self.entries.device)
        index = torch.arange(len(matches), device=matches.device).view(grid)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                rows, back = _overlap(grid[0], dy)
                cols, side = _overlap(grid[1], dx)
                here, there = index[back, side].flatten(), index[rows, cols].flatten()
                entries, known = self.index.neighbours(matches[there], -dy, -dx)
                good = known & self.allowed[entries] & matched[there]
                here, entries = here[good], entries[good]
                weight = VOTES[abs(dy) + abs(dx)]
                for some, those in zip(torch.split(here, 8192), torch.split(entries, 8192)):
                    total.index_add_(0, some, self.entries[those].float(), alpha=weight)
                counts.index_add_(0, here, counts.new_full((len(here), 1), weight))
        return total / counts.clamp_min(1e-6)


def beside(penalties: Tensor, faces: Tensor | None, tones: Tensor, entries: Tensor) -> Tensor:
    """(k, 6) for the `entries` (k,): minus the penalty, whether it lies in a face, and its tone t as |t|^2 and t."""
    tone = tones[entries] - MIDDLE
    face = torch.zeros_like(penalties[entries]) if faces is None else faces[entries]
    return torch.cat([torch.stack([-penalties[entries], face, tone.square().sum(1)], 1), tone], 1)


def _overlap(length: int, step: int) -> tuple[slice, slice]:
    """The places of neighbours, and of the cells that have a neighbour `step` further along an axis of this `length`."""
    return slice(max(0, step), length + min(0, step)), slice(max(0, -step), length + min(0, -step))


def shared(scores: Tensor, shares: Tensor, rounds: int = 60) -> Tensor:
    """The style that matches each cell, chosen so that each style has its share of all cells.

    scores: (cells, styles), the best score of each style; shares: (styles,), which add up to 1. A price is added to each style's
    scores, found by dual ascent as in an auction: each cell takes the style that fits best, as far as the shares allow.
    """
    prices = scores.new_zeros(len(shares))
    step = 0.1
    for _ in range(rounds):
        chosen = (scores + prices).argmax(1)
        part = torch.bincount(chosen, minlength=len(shares)).to(scores) / max(len(scores), 1)
        prices = prices + step * (shares.to(scores) - part)
        step *= 0.95
    return (scores + prices).argmax(1)


def make_codebook(
    encoder: Encoder, parts: Sequence[StylePart], size: Size, config: EngineConfig, keys: Sequence[Key], entries: int
) -> Codebook:
    """The codebook of a style of several `parts` for a frame of `size` (h, w)."""
    total = sum(part.weight for part in parts)
    found = [style_grids(encoder, part, size, config, keys, round(entries * part.weight / total)) for part in parts]
    grids = [grid for each in found for grid in each]
    inside = torch.cat([grid.inside for grid in grids])
    counts = [sum(len(grid.inside) for grid in each) for each in found]
    part = torch.repeat_interleave(torch.tensor(counts, device=inside.device))
    share = torch.tensor([one.weight / total for one in parts], device=inside.device)
    sums = torch.stack([inside[part == number].sum() for number in range(len(parts))])
    metric, values = _projected(encoder, keys, grids, inside * (share / sums.clamp_min(1e-6))[part])
    allowed = _some_of_each(inside > 0.5, inside > 0, part, 1)
    faces = None
    if any(grid.faces is not None for grid in grids):
        faces = torch.cat([torch.zeros_like(grid.inside) if grid.faces is None else grid.faces for grid in grids])
    index = GridIndex.of([grid.shape for grid in grids], inside.device)
    penalties = RIM * (1 - torch.cat([grid.least_mask for grid in grids])).clamp_min(0)
    _, row, column = index.locate(torch.arange(len(values), device=values.device))
    every_second = allowed & (row % 2 == 0) & (column % 2 == 0)
    places = torch.nonzero(_some_of_each(every_second, allowed, part, 16))[:, 0]
    unit = F.normalize(values[places].float(), dim=1)
    some = unit[:: max(1, len(unit) // SAMPLE)].double()
    basis = hypercolumns.principal(some.T @ some, WIDTH)
    tones = torch.cat([grid.tones for grid in grids])
    searched = torch.cat([unit @ basis, beside(penalties, faces, tones, places)], 1).to(values.dtype)
    shares = share if 1 < len(parts) <= FEW else None
    return Codebook(metric, values, index, allowed, penalties, part, shares, faces, tones, basis, searched, places)


def _some_of_each(chosen: Tensor, otherwise: Tensor, part: Tensor, least: int) -> Tensor:
    """The entries `chosen` (n,) of each `part` (n,) of a style that has `least` of them, and `otherwise` of the others."""
    few = torch.bincount(part[chosen], minlength=int(part.max()) + 1) < least
    return torch.where(few[part], otherwise, chosen)


def _projected(
    encoder: Encoder, keys: Sequence[Key], grids: Sequence[StyleGrid], weights: Tensor
) -> tuple[Metric, Tensor]:
    """The metric of all `grids`, whose cells count by `weights`, and their entries (n, d); computed by layers to save memory."""
    there = [key for key in keys if all(key in grid.columns for grid in grids)]
    widths = [min(hypercolumns.WIDTH, grids[0].columns[key].shape[1]) for key in there]
    ends = torch.tensor(widths).cumsum(0).tolist()
    centres, bases = {}, {}
    entries = grids[0].columns[there[0]].new_empty(len(weights), ends[-1])
    for key, begin, end in zip(there, [0, *ends], ends):
        values = torch.cat([grid.columns.pop(key) for grid in grids])
        centres[key], bases[key] = hypercolumns.measure(encoder, key[1], values, weights)
        entries[:, begin:end] = hypercolumns.project(values, centres[key], bases[key])
    return Metric(centres, bases), entries
