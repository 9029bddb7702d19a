"""The codebook of a style: the hypercolumns of its pictures and of their quarter turns, by which questions are answered.

A picture's cells stay in their order, as *sheets*, so that an answer has neighbours. Where all cells would be too many (a large
canvas, the paintings of a movement), square patches of them are taken, spread evenly over all sheets: so a codebook is bounded,
whatever it is made of. Cells that a style's mask leaves out are no answers.

Questions are answered by the entry of greatest cosine. The search goes in two steps: every second row and column of the sheets,
in the `WIDTH` principal directions, in one matrix product; then the neighbours of what was found, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import EngineConfig, StylePart
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.hypercolumns import Key, Metric, Size
from portrait_nst.transfer.nearest.sheets import Sheet, sheets_of

ENTRIES = 65_536  # at most
WIDTH = 128  # principal directions of the search
SAMPLE = 8192  # entries from which these are found
BLOCK = 1024  # questions at once
FACE = 0.15  # what an answer from a face gains in cosine, for a question from a face
VOTES = (1.0, 0.5, 0.25)  # what a cell's own answer counts, its neighbours' and the diagonal ones'
MIDDLE = 0.5  # from which tones are counted, for what rounding leaves of them
RIM = 0.1  # what an entry loses in cosine whose field reaches out of the style's mask


@dataclass(frozen=True, eq=False)
class Sheets:
    """Rectangles of entries, one after the other: `starts`, `heights` and `widths` (sheets,) int64."""

    starts: Tensor
    heights: Tensor
    widths: Tensor

    def place(self, entries: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(sheet, row, column) of `entries` (n,)."""
        sheet = torch.bucketize(entries, self.starts[1:], right=True)
        within = entries - self.starts[sheet]
        return sheet, within // self.widths[sheet], within % self.widths[sheet]

    def moved(self, entries: Tensor, dy: int, dx: int) -> tuple[Tensor, Tensor]:
        """The entries so many rows and columns away from `entries` (n,), and whether there are such."""
        sheet, row, column = self.place(entries)
        row, column = row + dy, column + dx
        there = (row >= 0) & (column >= 0) & (row < self.heights[sheet]) & (column < self.widths[sheet])
        found = self.starts[sheet] + row * self.widths[sheet] + column
        return torch.where(there, found, entries), there


@dataclass(frozen=True, eq=False)
class Codebook:
    """metric:  in which entries and questions lie.
    entries: (n, d), bfloat16 on the paths that compute so.
    sheets:  where they come from; allowed (n,) whether they may be answers.
    parts:   (n,) which of the style's pictures; shares: how much of the painting each of these is to have, or None.
    faces:   (n,) float32, 1 in the style's faces, or None; tones: (n, 3) RGB in [0, 1], the colours around each entry.
    basis:   (d, w) the principal directions; keys: (k, w + 6) what is searched; places: (k,) where these are in `entries`.
    """

    metric: Metric
    entries: Tensor
    sheets: Sheets
    allowed: Tensor
    penalties: Tensor
    parts: Tensor
    shares: Tensor | None
    faces: Tensor | None
    tones: Tensor
    basis: Tensor
    keys: Tensor
    places: Tensor

    def answer(
        self, questions: Tensor, faces: Tensor | None = None, tones: Tensor | None = None, price: float = 0.0
    ) -> Tensor:
        """The entry (cells,) int64 that answers each of the `questions` (cells, d).

        faces: (cells,), 1 in the photo's faces; tones: (cells, 3), the colours around each cell, for a squared distance from
        which an entry loses so much (`price`) in cosine.
        """
        rest = self._beside(questions, faces, tones, price)
        blocks = [slice(first, first + BLOCK) for first in range(0, len(questions), BLOCK)]
        found = self._search(questions, rest, blocks)
        return torch.cat([self._refined(questions[rows], rest[rows], found[rows]) for rows in blocks])

    def _beside(self, questions: Tensor, faces: Tensor | None, tones: Tensor | None, price: float) -> Tensor:
        """(cells, 6) by which what entries are `beside` their hypercolumns is counted, see there."""
        rest = torch.zeros(len(questions), 6, device=questions.device)
        rest[:, 0] = 1
        if faces is not None and self.faces is not None:
            rest[:, 1] = FACE * faces
        if tones is not None and price:
            rest[:, 2], rest[:, 3:] = -price, 2 * price * (tones - MIDDLE)
        return rest

    def _refined(self, questions: Tensor, rest: Tensor, found: Tensor) -> Tensor:
        """The best of the entries `found` (cells,) and their eight neighbours."""
        asked = F.normalize(questions.float(), dim=1)
        best, score = found, self._scores(asked, rest, found)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if dy or dx:
                    near, there = self.sheets.moved(found, dy, dx)
                    value = torch.where(there & self.allowed[near], self._scores(asked, rest, near), -9.0)
                    best = torch.where(value > score, near, best)
                    score = torch.maximum(value, score)
        return best

    def _search(self, questions: Tensor, rest: Tensor, blocks: Sequence[slice]) -> Tensor:
        """The nearest of `places` to each of the questions, in the principal directions."""
        parts = [None] if self.shares is None else [self.parts[self.places] == part for part in range(len(self.shares))]
        columns = [
            torch.arange(len(self.places), device=self.places.device) if p is None else torch.nonzero(p)[:, 0]
            for p in parts
        ]
        keys = [self.keys[column].T.contiguous() for column in columns]
        value, index = [], []
        for rows in blocks:
            asked = F.normalize(questions[rows].float(), dim=1)
            short = torch.cat([asked @ self.basis, rest[rows]], 1).to(self.keys.dtype)
            each = [(short @ part).max(1) for part in keys]
            value.append(torch.stack([found.values.float() for found in each], 1))
            index.append(torch.stack([column[found.indices] for column, found in zip(columns, each)], 1))
        best = torch.cat(index)
        if self.shares is None:
            return self.places[best[:, 0]]
        chosen = shared(torch.cat(value), self.shares)
        return self.places[best.gather(1, chosen[:, None])[:, 0]]

    def _scores(self, asked: Tensor, rest: Tensor, entries: Tensor) -> Tensor:
        """Cosine of the unit questions (cells, d) with `entries` (cells,), and what that gains and loses."""
        rows = self.entries[entries].float()
        cosine = (asked * rows).sum(1) / rows.square().sum(1).clamp_min(1e-12).sqrt()
        return cosine + (rest * beside(self.penalties, self.faces, self.tones, entries)).sum(1)

    def vote(self, answers: Tensor, grid: Size, asked: Tensor) -> Tensor:
        """(cells, d) what the answers to a cell and to its eight neighbours would put there, averaged.

        answers: (cells,) of the `grid`; asked: (cells,) bool, where there was a question. The neighbours count half, the diagonal
        ones a quarter, so that what spreads from question to question spreads in rounds, not in squares. Each answer
        has surroundings in the style, which these are: where neighbours agree, the stroke goes on (Kwatra et al. 2005).
        """
        total = torch.zeros(len(answers), self.entries.shape[1], device=self.entries.device)
        counts = torch.zeros(len(answers), 1, device=self.entries.device)
        index = torch.arange(len(answers), device=answers.device).view(grid)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                rows, back = _overlap(grid[0], dy)
                cols, side = _overlap(grid[1], dx)
                here, there = index[back, side].flatten(), index[rows, cols].flatten()
                entries, known = self.sheets.moved(answers[there], -dy, -dx)
                good = known & self.allowed[entries] & asked[there]
                here, entries = here[good], entries[good]
                weight = VOTES[abs(dy) + abs(dx)]
                for some, those in zip(here.split(8192), entries.split(8192)):
                    total.index_add_(0, some, self.entries[those].float(), alpha=weight)
                counts.index_add_(0, here, counts.new_full((len(here), 1), weight))
        return total / counts.clamp_min(1e-6)


def beside(penalties: Tensor, faces: Tensor | None, tones: Tensor, entries: Tensor) -> Tensor:
    """(k, 6) of the `entries` (k,): minus what each loses, whether it is a face's, and its tone t as |t|^2 and t."""
    tone = tones[entries] - MIDDLE
    face = torch.zeros_like(penalties[entries]) if faces is None else faces[entries]
    return torch.cat([torch.stack([-penalties[entries], face, tone.square().sum(1)], 1), tone], 1)


def _overlap(length: int, step: int) -> tuple[slice, slice]:
    """The places that have a neighbour `step` on: where that is, and where they are."""
    return slice(max(0, step), length + min(0, step)), slice(max(0, -step), length + min(0, -step))


def shared(scores: Tensor, shares: Tensor, rounds: int = 60) -> Tensor:
    """Which of several styles answers each cell, so that each style has its share of all cells.

    scores: (cells, styles), the best of each; shares: (styles,), adding up to 1. To each style's scores a price is added,
    found by the auction's dual ascent: cells go where they fit best, as far as shares allow.
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
    encoder: Encoder,
    parts: Sequence[StylePart],
    size: Size,
    config: EngineConfig,
    keys: Sequence[Key],
    entries: int = ENTRIES,
) -> Codebook:
    """The codebook of a style of several `parts` for a frame of `size` (h, w)."""
    total = sum(part.weight for part in parts)
    found = [sheets_of(encoder, part, size, config, keys, round(entries * part.weight / total)) for part in parts]
    every = [sheet for sheets in found for sheet in sheets]
    inside = torch.cat([sheet.inside for sheet in every])
    counts = [sum(len(sheet.inside) for sheet in sheets) for sheets in found]
    part = torch.repeat_interleave(torch.tensor(counts, device=inside.device))
    share = torch.tensor([one.weight / total for one in parts], device=inside.device)
    sums = torch.stack([inside[part == number].sum() for number in range(len(parts))])
    metric, values = _projected(encoder, keys, every, inside * (share / sums.clamp_min(1e-6))[part])
    allowed = _some_of_each(inside > 0.5, inside > 0, part, 1)
    faces = (
        None
        if not any(sheet.faces is not None for sheet in every)
        else torch.cat([torch.zeros_like(sheet.inside) if sheet.faces is None else sheet.faces for sheet in every])
    )
    lengths = torch.tensor([len(sheet.inside) for sheet in every], device=inside.device)
    shapes = torch.tensor([sheet.shape for sheet in every], device=inside.device)
    sheets_ = Sheets(torch.cumsum(lengths, 0) - lengths, shapes[:, 0].contiguous(), shapes[:, 1].contiguous())
    penalties = RIM * (1 - torch.cat([sheet.firmly for sheet in every])).clamp_min(0)
    _, row, column = sheets_.place(torch.arange(len(values), device=values.device))
    every_second = allowed & (row % 2 == 0) & (column % 2 == 0)
    places = torch.nonzero(_some_of_each(every_second, allowed, part, 16))[:, 0]
    unit = F.normalize(values[places].float(), dim=1)
    some = unit[:: max(1, len(unit) // SAMPLE)].double()
    basis = hypercolumns.principal(some.T @ some, WIDTH)
    tones = torch.cat([sheet.tones for sheet in every])
    searched = torch.cat([unit @ basis, beside(penalties, faces, tones, places)], 1).to(values.dtype)
    shares = share if 1 < len(parts) <= FEW else None
    return Codebook(metric, values, sheets_, allowed, penalties, part, shares, faces, tones, basis, searched, places)


def _some_of_each(chosen: Tensor, otherwise: Tensor, part: Tensor, least: int) -> Tensor:
    """The entries `chosen` (n,), for each `part` (n,) of a style that has `least` of them; what is `otherwise` of the others."""
    few = torch.bincount(part[chosen], minlength=int(part.max()) + 1) < least
    return torch.where(few[part], otherwise, chosen)


def _projected(
    encoder: Encoder, keys: Sequence[Key], sheets: Sequence[Sheet], weights: Tensor
) -> tuple[Metric, Tensor]:
    """The metric of all `sheets`, whose cells count by `weights`, and their entries (n, d); layer by layer, for memory's sake."""
    there = [key for key in keys if all(key in sheet.columns for sheet in sheets)]
    widths = [min(hypercolumns.WIDTH, sheets[0].columns[key].shape[1]) for key in there]
    ends = torch.tensor(widths).cumsum(0).tolist()
    centres, bases = {}, {}
    entries = sheets[0].columns[there[0]].new_empty(len(weights), ends[-1])
    for key, begin, end in zip(there, [0, *ends], ends):
        values = torch.cat([sheet.columns.pop(key) for sheet in sheets])
        centres[key], bases[key] = hypercolumns.measure(encoder, key[1], values, weights)
        entries[:, begin:end] = hypercolumns.project(values, centres[key], bases[key])
    return Metric(centres, bases), entries


FEW = 4  # pictures up to which each has its share of the painting; of more, a movement's, the nearest answers
