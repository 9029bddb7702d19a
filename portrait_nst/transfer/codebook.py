"""The codebook of a style: the hypercolumns of its pictures and of their quarter turns, by which questions are answered.

A picture's cells stay in their order, as *sheets*, so that an answer has neighbours. Where all cells would be too many (a large
canvas, the paintings of a movement), square patches of them are taken, spread evenly over all sheets: so a codebook is bounded,
whatever it is made of. Cells that a style's mask leaves out are no answers.

Questions are answered by the entry of greatest cosine. The search goes in two steps: every second row and column of the sheets, in
the `WIDTH` principal directions, in one matrix product; then the neighbours of what was found, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import colour, guidance, hypercolumns
from portrait_nst.transfer.how import How, StylePart
from portrait_nst.transfer.hypercolumns import Key, Metric, Size
from portrait_nst.transfer.targets import style_size

ENTRIES = 65_536  # at most
PATCH = 8  # cells a side
LARGEST = 1_500_000  # pixels of a picture and its turns that are looked at
CROP = 384  # pixels a side of what is looked at of larger ones
WIDTH = 128  # principal directions of the search
SAMPLE = 8192  # entries from which these are found
BLOCK = 1024  # questions at once
FACE = 0.15  # what an answer from a face gains in cosine, for a question from a face
RIM = 0.1  # what an entry loses in cosine whose field lies half outside of the style's mask


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
    """
    metric:  in which entries and questions lie.
    entries: (n, d), bfloat16 on the paths that compute so.
    sheets:  where they come from; allowed (n,) whether they may be answers.
    parts:   (n,) which of the style's pictures; shares: how much of the painting each of these is to have, or None.
    faces:   (n,) float32, 1 in the style's faces, or None.
    basis:   (d, w) the principal directions; keys: (k, w + 2) what is searched; places: (k,) where these are in `entries`.
    """

    metric: Metric
    entries: Tensor
    sheets: Sheets
    allowed: Tensor
    penalties: Tensor
    parts: Tensor
    shares: Tensor | None
    faces: Tensor | None
    basis: Tensor
    keys: Tensor
    places: Tensor

    def answer(self, questions: Tensor, faces: Tensor | None = None) -> Tensor:
        """The entry (cells,) int64 that answers each of the `questions` (cells, d); `faces` (cells,) is 1 in the photo's faces."""
        asked = F.normalize(questions.float(), dim=1)
        face = asked.new_zeros(len(asked)) if faces is None or self.faces is None else faces
        short = torch.cat([asked @ self.basis, asked.new_ones(len(asked), 1), face[:, None]], 1).to(self.keys.dtype)
        found = self._search(short)
        best = found
        score = self._scores(asked, face, best)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if dy or dx:
                    near, there = self.sheets.moved(found, dy, dx)
                    value = torch.where(there & self.allowed[near], self._scores(asked, face, near), -9.0)
                    best = torch.where(value > score, near, best)
                    score = torch.maximum(value, score)
        return best

    def _search(self, short: Tensor) -> Tensor:
        """The nearest of `places` to each of the questions, in the principal directions."""
        turned = self.keys.T.contiguous()
        if self.shares is None:
            return self.places[torch.cat([(block @ turned).argmax(1) for block in short.split(BLOCK)])]
        columns = [torch.nonzero(self.parts[self.places] == part)[:, 0] for part in range(len(self.shares))]
        value, index = [], []
        for column in columns:
            part = turned[:, column].contiguous()
            each = [(block @ part).float().max(1) for block in short.split(BLOCK)]
            value.append(torch.cat([found.values for found in each]))
            index.append(column[torch.cat([found.indices for found in each])])
        chosen = shared(torch.stack(value, 1), self.shares)
        return self.places[torch.stack(index, 1).gather(1, chosen[:, None])[:, 0]]

    def _scores(self, asked: Tensor, face: Tensor, entries: Tensor) -> Tensor:
        """Cosine of the questions (cells, d) with `entries` (cells,), and what that gains and loses."""
        parts = []
        for one, other in zip(asked.split(4096), entries.split(4096)):
            rows = self.entries[other].float()
            parts.append((one * rows).sum(1) / rows.square().sum(1).clamp_min(1e-12).sqrt())
        score = torch.cat(parts) - self.penalties[entries]
        return score if self.faces is None else score + FACE * face * self.faces[entries]

    def vote(self, answers: Tensor, grid: Size, asked: Tensor) -> Tensor:
        """(cells, d) what the answers to a cell and to its eight neighbours would put there, averaged.

        answers: (cells,) of the `grid`; asked: (cells,) bool, where there was a question. The neighbours count half. Each answer
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
                weight = 0.5 if dy or dx else 1.0
                for some, those in zip(here.split(8192), entries.split(8192)):
                    total.index_add_(0, some, self.entries[those].float(), alpha=weight)
                counts.index_add_(0, here, counts.new_full((len(here), 1), weight))
        return total / counts.clamp_min(1e-6)


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
    how: How,
    keys: Sequence[Key],
    entries: int = ENTRIES,
) -> Codebook:
    """The codebook of a style of several `parts` for a frame of `size` (h, w)."""
    total = sum(part.weight for part in parts)
    found = [_sheets_of(encoder, part, size, how, keys, round(entries * part.weight / total)) for part in parts]
    every = [sheet for sheets in found for sheet in sheets]
    inside = torch.cat([sheet.inside for sheet in every])
    counts = [sum(len(sheet.inside) for sheet in sheets) for sheets in found]
    part = torch.repeat_interleave(torch.tensor(counts, device=inside.device))
    share = torch.tensor([one.weight / total for one in parts], device=inside.device)
    sums = torch.stack([inside[part == number].sum() for number in range(len(parts))])
    metric, values = _projected(encoder, keys, every, inside * (share / sums.clamp_min(1e-6))[part])
    allowed = inside > 0.5 if bool((inside > 0.5).any()) else inside > 0
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
    places = torch.nonzero(allowed & (row % 2 == 0) & (column % 2 == 0))[:, 0]
    places = places if len(places) >= 16 else torch.nonzero(allowed)[:, 0]
    unit = F.normalize(values[places].float(), dim=1)
    some = unit[:: max(1, len(unit) // SAMPLE)].double()
    basis = hypercolumns.principal(some.T @ some, WIDTH)
    extra = torch.stack(
        [-penalties[places], FACE * (torch.zeros_like(penalties) if faces is None else faces)[places]], 1
    )
    searched = torch.cat([unit @ basis, extra], 1).to(values.dtype)
    shares = share if 1 < len(parts) <= FEW else None
    return Codebook(metric, values, sheets_, allowed, penalties, part, shares, faces, basis, searched, places)


def _projected(
    encoder: Encoder, keys: Sequence[Key], sheets: Sequence[_Sheet], weights: Tensor
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


@dataclass(frozen=True, eq=False)
class _Sheet:
    """One rectangle of cells: its columns {key: (cells, C)}, how much of each lies inside the mask, and of its whole field."""

    columns: dict[Key, Tensor]
    shape: Size
    inside: Tensor
    firmly: Tensor
    faces: Tensor | None


def _sheets_of(
    encoder: Encoder, part: StylePart, size: Size, how: How, keys: Sequence[Key], entries: int
) -> list[_Sheet]:
    small = style_size(part, size, how.style_scale)
    image = colour.tensor(colour.resize(part.rgb, small), how.device)
    image = colour.grey(image) if how.grey else image
    mask = None if part.mask is None else colour.tensor(colour.resize(part.mask, small), how.device)
    face = None if part.faces is None else colour.tensor(colour.resize(part.faces, small), how.device)
    pixels = small[0] * small[1]
    cells = pixels // hypercolumns.STRIDE**2
    turns = 4 if 4 * pixels <= LARGEST and cells <= entries * 2 else 1
    views = [(image, mask, face)] if pixels <= LARGEST else _crops(image, mask, face)
    sheets = []
    with torch.no_grad():
        for number, view in enumerate(views):
            for turn in range(turns) if turns > 1 else [number % 4]:
                sheets.append(
                    _sheet(encoder, [None if x is None else torch.rot90(x, turn, (-2, -1)) for x in view], how, keys)
                )
    count = sum(len(sheet.inside) for sheet in sheets)
    return sheets if count <= max(entries, PATCH**2) else _patches(sheets, max(entries, PATCH**2), count)


def _crops(
    image: Tensor, mask: Tensor | None, face: Tensor | None
) -> list[tuple[Tensor, Tensor | None, Tensor | None]]:
    """Squares of a picture that is too large to be looked at, spread evenly over it."""
    height, width = image.shape[-2:]
    side = min(CROP, height, width)
    count = LARGEST / side**2
    rows = max(1, round((count * height / width) ** 0.5))
    cols = max(1, round(count / rows))
    found = []
    for top in torch.linspace(0, height - side, rows).round().int().tolist():
        for left in torch.linspace(0, width - side, cols).round().int().tolist():
            where = (..., slice(top, top + side), slice(left, left + side))
            if mask is None or bool((mask[where] > 0).any()):
                found.append(
                    (image[where], None if mask is None else mask[where], None if face is None else face[where])
                )
    return found


def _sheet(encoder: Encoder, view: Sequence[Tensor | None], how: How, keys: Sequence[Key]) -> _Sheet:
    image, mask, face = view
    assert image is not None
    image = image.contiguous()
    grid = hypercolumns.cells_of((image.shape[-2], image.shape[-1]))
    maps = hypercolumns.features(encoder, image, keys, how.bf16)
    found = hypercolumns.columns(encoder, maps, keys, grid)
    ones = torch.ones(grid[0] * grid[1], device=image.device)
    if mask is None:
        inside = firmly = ones
    else:
        inside = to_cells(mask[0, 0], grid)
        deepest = encoder.geometry(keys[-1][1])
        firmly = hypercolumns.on_grid(guidance.propagate(mask[0, 0], deepest, "inside")[None, None], deepest, 0, grid)[
            :, 0
        ]
    return _Sheet(found, grid, inside, firmly, None if face is None else to_cells(face[0, 0], grid))


def to_cells(mask: Tensor, grid: Size) -> Tensor:
    """`mask` (H, W) averaged over the cells of the `grid`, (cells,)."""
    stride = hypercolumns.STRIDE
    if min(mask.shape) < stride:
        return mask.mean().expand(grid[0] * grid[1]).clone()
    return F.avg_pool2d(mask[None, None].float(), stride)[0, 0, : grid[0], : grid[1]].flatten()


def _patches(sheets: Sequence[_Sheet], entries: int, count: int) -> list[_Sheet]:
    """Square patches of the `sheets`, of about so many `entries` in all of their `count`, spread evenly."""
    found = []
    for number, sheet in enumerate(sheets):
        high, wide = (length // PATCH for length in sheet.shape)
        wanted = max(1, round(entries * len(sheet.inside) / count / PATCH**2))
        index = torch.arange(len(sheet.inside), device=sheet.inside.device).view(sheet.shape)
        generator = torch.Generator().manual_seed(number)
        if high * wide <= 1:
            chosen = [(0, 0)]
        else:
            tiles = torch.randperm(high * wide, generator=generator)[: min(wanted, high * wide)].sort().values.tolist()
            chosen = [(tile // wide * PATCH, tile % wide * PATCH) for tile in tiles]
        for top, left in chosen:
            where = index[top : top + PATCH, left : left + PATCH]
            rows = where.flatten()
            if not bool((sheet.inside[rows] > 0).any()):
                continue
            columns = {key: values[rows] for key, values in sheet.columns.items()}
            face = None if sheet.faces is None else sheet.faces[rows]
            shape = where.shape[0], where.shape[1]
            found.append(_Sheet(columns, shape, sheet.inside[rows], sheet.firmly[rows], face))
    return found or [sheets[0]]
