"""Brush work: the finest detail of a painting is taken from the style's own pixels.

Optimised pixels never get as fine as paint: what a cell's features leave open, the optimiser fills with a weave. So the
painting's detail below `CUT` pixels is put in its place from the style, at the style's own resolution. Each cell of the
painting looks for the patch of the style that looks like it without that detail (Hertzmann et al., "Image Analogies", SIGGRAPH
2001); neighbours propose the patches beside their own, so that strokes go on (Barnes et al., "PatchMatch", SIGGRAPH 2009);
overlapping patches vote, and where their votes cancel, the contrast that they had is given back.

Opposed to both, patches are taken from the style's quarter turns too, compared in their principal directions, and only their
detail is used: tones and drawing stay the painting's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.transfer import colour
from portrait_nst.transfer.config import EngineConfig, StylePart, StyleSource
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import GridIndex
from portrait_nst.transfer.targets import style_size
from portrait_nst.types import FloatArray

CUT = 2.0  # pixels of the painting: the Gaussian below which detail is the style's
STEP = 4  # pixels between two cells
PATCH = 12  # pixels a side of what is taken over
SEEN = 7  # half pixels a side of what is compared
SOFT = 1.0  # pixels: the Gaussian under which patches are compared, which leaves no weave
WIDTH = 24  # principal directions of that
BESIDE = 0.5  # times: what a patch beside a neighbour's may cost, compared with another
ROUNDS = 5
BELL = 0.2  # deviation of the window under which a patch counts, in its sides
MOST_GAIN = 2.0
LARGEST = 2048  # pixels of the longest side at which patches are put together
FINE = 8_000_000  # pixels of all pictures of a style, at the size at which their detail is taken
MOST = 4_000_000  # pixels of all pictures of a style and their turns, at the painting's size
SEARCHED = 24_000  # patches that each cell is compared with at first
BAND = 16  # rows of cells that are put together at once
BLOCK = 1024  # cells that look for patches at once


@dataclass(frozen=True, eq=False)
class Patches:
    """What a style has to give: patches in rows and columns of half pixels of each of its pictures' turns.

    index:    where the patches lie, a grid for each turn.
    pixels:   (3, n) the detail of its pictures, one after the other, at `scale` times the painting's size, each continued by a
              patch on all sides; strides: (grids, 3) where a grid begins in these, and how far its next row and column are.
    columns:  (n, w) what patches look like, in the `kernels`' (w, 3, SEEN, SEEN) directions; centre (w,) is their mean.
    allowed:  (n,) those that lie in the style's mask as a whole.
    """

    index: GridIndex
    pixels: Tensor
    strides: Tensor
    columns: Tensor
    kernels: Tensor
    allowed: Tensor
    scale: float


def brushwork(
    painted: FloatArray, size: tuple[int, int], styles: Sequence[StyleSource], config: EngineConfig
) -> tuple[FloatArray, FloatArray]:
    """What `painted` (h, w, 3; [0, 1]) is without detail, and the detail of the `styles` for a picture of `size`.

    (h, w, 3) and (h', w', 3) around 0, of `LARGEST` pixels at most; both float32, to be enlarged and added.
    """
    small = (painted.shape[0], painted.shape[1])
    scales = [_scale(style.parts, small, size, config) for style in styles]
    full = (round(small[0] * max(scales)), round(small[1] * max(scales)))
    total: FloatArray = np.zeros((*full, 3), np.float32)
    with torch.no_grad():
        for style, scale in zip(styles, scales):
            region = colour.resize(style.region, small)
            if not (region > 0).any():
                continue
            detail = colour.resize(_detail(painted, region, patches_of(style.parts, small, scale, config)), full)
            total += detail if len(styles) == 1 else detail * colour.resize(region, full)[..., None]
    return colour.blur(painted, CUT), total


def _scale(parts: Sequence[StylePart], small: tuple[int, int], size: tuple[int, int], config: EngineConfig) -> float:
    """How much larger than the painting the style's pixels are taken: as far as the output shows it and the pictures have it."""
    seen = [style_size(part, small, config.style_scale) for part in parts]
    own = min(max(part.rgb.shape[:2]) / max(one) for part, one in zip(parts, seen))
    fits = (FINE / sum(high * wide for high, wide in seen)) ** 0.5
    scale = min(max(size) / max(small), own, fits, LARGEST / max(small))
    return float(max(1.0, np.floor(scale * STEP) / STEP))


def patches_of(parts: Sequence[StylePart], small: tuple[int, int], scale: float, config: EngineConfig) -> Patches:
    """The patches of a style of several `parts` for a painting of `small` (h, w)."""
    sizes = [style_size(part, small, config.style_scale) for part in parts]
    turns = 4 if 4 * sum(h * w for h, w in sizes) <= MOST else 1
    side = int((MOST / turns / len(parts)) ** 0.5)
    fine: list[Tensor] = []
    strides, looks, inside, margin = [], [], [], round(PATCH * scale)
    for number, (part, (high, wide)) in enumerate(zip(parts, sizes)):
        mask = np.ones((high, wide), np.float32) if part.mask is None else colour.resize(part.mask, (high, wide))
        window = _window(mask, side if high * wide * turns * len(parts) > MOST else max(high, wide))
        image = _visible(part)
        image = colour.grey_array(image) if config.grey else image
        large = colour.resize(image, (round(high * scale), round(wide * scale)))
        detail = large - colour.blur(large, CUT * scale)
        soft = colour.blur(colour.resize(image, (high, wide)), SOFT)
        cut = tuple(slice(round(s.start * scale), round(s.stop * scale)) for s in window)
        begin = sum(one.shape[1] for one in fine)
        padded = F.pad(_turned(detail[cut], 0, config), (margin,) * 4, mode="replicate")[0]
        fine.append(padded.flatten(1))
        for turn in range(turns) if turns == 4 else [number % 4]:
            strides.append(_strides(begin, padded.shape[1], padded.shape[2], turn))
            looks.append(F.avg_pool2d(_turned(soft[window], turn, config), 2))
            whole = _turned((mask[window] > 0.5).astype(np.float32), turn, config)
            reach = PATCH + 1 if part.mask is not None else 1
            inside.append(-F.max_pool2d(-F.avg_pool2d(whole, 2), reach, 1, reach // 2)[0, 0])
    kernels = _kernels(looks)
    maps = [_seen(look, kernels)[0] for look in looks]
    inside = [each[: found.shape[1], : found.shape[2]] for each, found in zip(inside, maps)]
    index = GridIndex.of([(each.shape[1], each.shape[2]) for each in maps], config.device)
    allowed = torch.cat([each.flatten() > 0.99 for each in inside])
    if not bool(allowed.any()):  # the style's mask is thinner than a patch
        allowed = torch.cat([each.flatten() >= torch.stack([e.max() for e in inside]).max() for each in inside])
    columns, lie = torch.cat([each.flatten(1).T for each in maps]), torch.tensor(strides, device=config.device)
    return Patches(index, torch.cat(fine, 1), lie, columns, kernels, allowed, scale)


def _visible(part: StylePart) -> FloatArray:
    """The picture of a style, where its mask hides something in the mean colour of the rest."""
    if part.mask is None:
        return part.rgb
    mean = colour.mean_and_covariance(part.rgb, part.mask)[0].astype(np.float32)
    return part.rgb * part.mask[..., None] + mean * (1 - part.mask[..., None])


def _window(mask: FloatArray, side: int) -> tuple[slice, slice]:
    """A window of `side` pixels at most, around the middle of what the `mask` (h, w) has."""
    found = []
    for axis in (1, 0):
        there, length = np.flatnonzero(mask.max(axis) > 0), mask.shape[1 - axis]
        middle = (there[0] + there[-1] + 1) // 2 if len(there) else length // 2
        begin = max(0, min(middle - side // 2, length - side))
        found.append(slice(begin, min(length, begin + side)))
    return found[0], found[1]


def _turned(array: FloatArray, turn: int, config: EngineConfig) -> Tensor:
    return torch.rot90(colour.tensor(array, config.device), turn, (-2, -1)).contiguous()


def _strides(begin: int, high: int, wide: int, turn: int) -> tuple[int, int, int]:
    """Where a picture (high, wide) that lies at `begin` begins when it is turned, and how far its rows and columns are apart."""
    return (
        (begin, wide, 1),
        (begin + wide - 1, -1, wide),
        (begin + high * wide - 1, -wide, -1),
        (begin + (high - 1) * wide, 1, -wide),
    )[turn]


def _kernels(looks: Sequence[Tensor]) -> Tensor:
    """(w, 3, SEEN, SEEN): the principal directions of what patches look like, under a Gaussian window."""
    away = torch.arange(SEEN, device=looks[0].device) - SEEN // 2
    window = torch.exp(-(away[:, None] ** 2 + away[None] ** 2) / 16.0).repeat(3, 1, 1).flatten()
    second = torch.zeros(len(window), len(window), dtype=torch.float64, device=window.device)
    for look in looks:
        step = max(1, round((look.shape[-2] * look.shape[-1] / 4000) ** 0.5))
        rows = F.unfold(F.pad(look, (SEEN // 2,) * 4, mode="replicate"), SEEN, stride=step)[0].T * window
        rows = (rows - rows.mean(0)).double()
        second += rows.T @ rows
    return (hypercolumns.principal(second, WIDTH) * window[:, None]).T.reshape(WIDTH, 3, SEEN, SEEN).contiguous()


def _seen(look: Tensor, kernels: Tensor, step: int = 1) -> Tensor:
    """(1, w, rows, columns): what patches of `look` (1, 3, h, w) look like, at every `step`-th half pixel."""
    return F.conv2d(F.pad(look, (SEEN // 2,) * 4, mode="replicate"), kernels, stride=step)


def _detail(painted: FloatArray, region: FloatArray, patches: Patches) -> FloatArray:
    """(h', w', 3): the style's detail for `painted` (h, w, 3) in a `region` (h, w), at the patches' scale."""
    device = patches.columns.device.type
    look = F.avg_pool2d(colour.tensor(colour.blur(painted, SOFT), device), 2)
    asked = _seen(look, patches.kernels, STEP // 2)[0]
    grid = (asked.shape[1], asked.shape[2])
    there = F.adaptive_max_pool2d(colour.tensor(region, device), grid)
    there = (F.max_pool2d(there, 5, 1, 2) > 0).flatten()
    found = continued(patches, asked.flatten(1).T.contiguous(), grid, there)
    return _put_together(patches, found, grid, there, (painted.shape[0], painted.shape[1]))


def continued(patches: Patches, asked: Tensor, grid: tuple[int, int], there: Tensor) -> Tensor:
    """(cells,) the patch for each cell of the `grid`: one that looks like it, beside its neighbours' if it may be.

    asked: (cells, w) what the cells look like; there: (cells,) bool, those that are asked for.
    """
    columns, index = patches.columns, patches.index
    allowed = torch.nonzero(patches.allowed)[:, 0]
    places = allowed[:: max(1, len(allowed) // SEARCHED)]
    keys = columns[places]
    lengths = keys.square().sum(1)
    found = torch.zeros(len(asked), dtype=torch.int64, device=asked.device)
    cost = torch.full((len(asked),), torch.inf, device=asked.device)
    where = torch.nonzero(there)[:, 0]
    for some in torch.split(where, BLOCK):
        scores = (-2 * asked[some]) @ keys.T
        found[some] = places[scores.add_(lengths).argmin(1)]
    cost[where] = (columns[found[where]] - asked[where]).square().sum(1)
    cells = torch.arange(len(asked), device=asked.device).view(grid)
    apart = STEP // 2
    for turn in range(ROUNDS):
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if not (dy or dx):
                    continue
                neighbours = torch.roll(cells, (dy, dx), (0, 1)).flatten()[where]
                near, known = index.neighbours(found[neighbours], dy * apart, dx * apart)
                _offer(patches, asked, found, cost, where, near, known, there[neighbours])
        cost[where] = (columns[found[where]] - asked[where]).square().sum(1)
        if turn + 1 == ROUNDS:
            break
        for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            near, known = index.neighbours(found[where], dy * (ROUNDS - 1 - turn), dx * (ROUNDS - 1 - turn))
            _offer(patches, asked, found, cost, where, near, known, known, 1.0)
    return found


def _offer(
    patches: Patches,
    asked: Tensor,
    found: Tensor,
    cost: Tensor,
    where: Tensor,
    offered: Tensor,
    known: Tensor,
    good: Tensor,
    favour: float = BESIDE,
) -> None:
    """Take the patches `offered` (k,) to the cells `where` (k,) if they cost less, by their `favour`, than what was `found`."""
    price = favour * (patches.columns[offered] - asked[where]).square().sum(1)
    better = known & good & patches.allowed[offered] & (price < cost[where])
    at = where[better]
    found[at], cost[at] = offered[better], price[better]


def _put_together(
    patches: Patches, found: Tensor, grid: tuple[int, int], there: Tensor, size: tuple[int, int]
) -> FloatArray:
    """The detail of the patches `found`, weighted by a Gaussian about the middle of each: (h', w', 3)."""
    scale, device = patches.scale, found.device
    step, side = round(STEP * scale), round(PATCH * scale)
    grid_number, row, column = patches.index.locate(found)
    corner = [((2 * at + 1) * scale - side / 2).round().long() + side for at in (row, column)]
    begins, down, across = patches.strides[grid_number].unbind(1)
    first = begins + corner[0] * down + corner[1] * across
    away = torch.arange(side, device=device)
    bell = torch.exp(-(((away - (side - 1) / 2) / (side * BELL)) ** 2) / 2)
    window = (bell[:, None] * bell[None]).flatten()
    high, wide = (round(length * scale) for length in size)
    full = ((grid[0] - 1) * step + side, (grid[1] - 1) * step + side)
    sums = torch.zeros(5, *full, device=device)
    for top in range(0, grid[0], BAND):
        rows = min(BAND, grid[0] - top)
        cells = torch.arange(top * grid[1], (top + rows) * grid[1], device=device)
        offsets = away[:, None] * down[cells][:, None, None] + away * across[cells][:, None, None]
        values = patches.pixels[:, (first[cells][:, None, None] + offsets).flatten()].view(3, len(cells), -1)
        weights = window[None] * there[cells][:, None]
        votes = torch.cat([values * weights, (values.square().sum(0) * weights)[None], weights[None]])
        part = ((rows - 1) * step + side, full[1])
        folded = F.fold(votes.permute(0, 2, 1), part, side, stride=step)[:, 0]
        sums[:, top * step : top * step + part[0]] += folded
    begin = round(side / 2 - scale)  # a cell's middle is the first pixel's end
    padded = F.pad(sums, (0, max(0, begin + wide - full[1]), 0, max(0, begin + high - full[0])))
    padded = padded[:, begin : begin + high, begin : begin + wide]
    detail = (padded[:3] / padded[4].clamp_min(1e-6)).permute(1, 2, 0).cpu().numpy()
    wanted = (padded[3] / padded[4].clamp_min(1e-6)).cpu().numpy()
    had, wanted = (colour.blur(np.ascontiguousarray(x), 3 * scale) for x in (np.square(detail).sum(2), wanted))
    gain = np.clip(np.sqrt(wanted / (had + 1e-6)), 1, MOST_GAIN)
    return np.ascontiguousarray(detail * gain[..., None], np.float32)
