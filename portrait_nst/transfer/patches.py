"""Brush work: the finest detail of a painting is taken from the style's own pixels.

Optimised pixels never get as fine as paint: where the features of a cell do not determine its pixels, the optimiser leaves a
weave. So all detail of the painting that is finer than `CUT` pixels is replaced by detail of the style, at the style's own
resolution. For each cell of the painting, the patch of the style is searched that looks like the cell when the fine detail of
both is ignored (Hertzmann et al., "Image Analogies", SIGGRAPH 2001). Neighbouring cells propose the patches beside their own, so
that strokes continue (Barnes et al., "PatchMatch", SIGGRAPH 2009). Overlapping patches are averaged; where they cancel each
other, their contrast is restored.

Opposed to both papers, patches are also taken from the style's quarter turns, they are compared in their principal directions,
and only their detail is used: tones and drawing remain those of the painting.
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
from portrait_nst.transfer.target_store import style_size
from portrait_nst.types import FloatArray

CUT = 2.0  # pixels of the painting: deviation of the Gaussian that separates tones from detail
STEP = 4  # pixels between neighbouring cells
PATCH = 12  # pixels along each side of a patch whose detail is copied
SEEN = 7  # samples of 2 pixels along each side of the area that is compared
SOFT = 1.0  # pixels: the Gaussian blur under which patches are compared, so that a weave does not count
WIDTH = 24  # principal directions in which patches are compared
BESIDE = 0.5  # factor on the cost of a patch that lies beside a neighbour's patch, which favours it
ROUNDS = 5
BELL = 0.2  # standard deviation of the Gaussian weights of a patch, as a fraction of its side
MOST_GAIN = 2.0
LARGEST = 2048  # pixels of the longest side of the assembled detail
FINE = 8_000_000  # pixels of all pictures of a style together, at the resolution of their detail
MOST = 4_000_000  # pixels of all pictures of a style and of their turns together, at the painting's resolution
SEARCHED = 24_000  # patches that each cell is compared with in the first search
BAND = 16  # rows of cells that are assembled at once
BLOCK = 1024  # cells whose patches are searched at once


@dataclass(frozen=True, eq=False)
class Patches:
    """The patches of a style. They lie on grids, one for each picture and quarter turn, at steps of 2 pixels.

    index:    the position of each patch in the grids.
    pixels:   (3, n) the detail of the style's pictures, flattened and concatenated, at `scale` times the painting's size. Each
              picture is padded by a patch on all sides.
    strides:  (grids, 3) for each grid its first index in `pixels`, and the offsets to its next row and its next column.
    columns:  (n, w) the descriptors of the patches: their appearance in the directions `kernels` (w, 3, SEEN, SEEN).
    allowed:  (n,) bool, whether a patch lies completely within the style's mask.
    """

    index: GridIndex
    pixels: Tensor
    strides: Tensor
    columns: Tensor
    kernels: Tensor
    allowed: Tensor
    scale: float


def brushwork(
    painted: FloatArray,
    size: tuple[int, int],
    styles: Sequence[StyleSource],
    config: EngineConfig,
    known: dict[int, Patches] | None = None,
) -> tuple[FloatArray, FloatArray]:
    """`painted` (h, w, 3; [0, 1]) without its detail, and the detail of the `styles` for a picture of `size`.

    Returns two float32 arrays, which the caller enlarges and adds: the painting, (h, w, 3), and the detail, (h', w', 3), whose
    values lie around 0 and whose longest side has at most `LARGEST` pixels.

    known: keeps the patches of each style, by its number, for the frames of a clip, whose sizes and styles are the same.
    """
    small = (painted.shape[0], painted.shape[1])
    scales = [_scale(style.parts, small, size, config) for style in styles]
    full = (round(small[0] * max(scales)), round(small[1] * max(scales)))
    total: FloatArray = np.zeros((*full, 3), np.float32)
    with torch.no_grad():
        for number, (style, scale) in enumerate(zip(styles, scales)):
            region = colour.resize(style.region, small)
            if not (region > 0).any():
                continue
            patches = known.get(number) if known is not None else None
            patches = patches or patches_of(style.parts, small, scale, config)
            if known is not None:
                known[number] = patches
            detail = colour.resize(_detail(painted, region, patches), full)
            total += detail if len(styles) == 1 else detail * colour.resize(region, full)[..., None]
    return colour.blur(painted, CUT), total


def _scale(parts: Sequence[StylePart], small: tuple[int, int], size: tuple[int, int], config: EngineConfig) -> float:
    """How many times finer than the painting the style's pixels are; limited by the output and by the pictures' own size."""
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
    if not bool(allowed.any()):  # no patch lies within the style's mask, which is thinner than a patch
        allowed = torch.cat([each.flatten() >= torch.stack([e.max() for e in inside]).max() for each in inside])
    columns, lie = torch.cat([each.flatten(1).T for each in maps]), torch.tensor(strides, device=config.device)
    return Patches(index, torch.cat(fine, 1), lie, columns, kernels, allowed, scale)


def _visible(part: StylePart) -> FloatArray:
    """The picture of a style; the part that its mask hides has the mean colour of the rest."""
    if part.mask is None:
        return part.rgb
    mean = colour.mean_and_covariance(part.rgb, part.mask)[0].astype(np.float32)
    return part.rgb * part.mask[..., None] + mean * (1 - part.mask[..., None])


def _window(mask: FloatArray, side: int) -> tuple[slice, slice]:
    """The rows and columns of a window of at most `side` pixels, around the middle of the non-zero part of `mask` (h, w)."""
    found = []
    for axis in (1, 0):
        there, length = np.flatnonzero(mask.max(axis) > 0), mask.shape[1 - axis]
        middle = (there[0] + there[-1] + 1) // 2 if len(there) else length // 2
        begin = max(0, min(middle - side // 2, length - side))
        found.append(slice(begin, min(length, begin + side)))
    return found[0], found[1]


def _turned(array: FloatArray, turn: int, config: EngineConfig) -> Tensor:
    """`array` (h, w[, 3]) as a tensor (1, c, h, w), rotated by `turn` quarter turns."""
    return torch.rot90(colour.tensor(array, config.device), turn, (-2, -1)).contiguous()


def _strides(begin: int, high: int, wide: int, turn: int) -> tuple[int, int, int]:
    """The first index of a turned picture (high, wide) that is stored from `begin` on, and its row and column strides."""
    return (
        (begin, wide, 1),
        (begin + wide - 1, -1, wide),
        (begin + high * wide - 1, -wide, -1),
        (begin + (high - 1) * wide, 1, -wide),
    )[turn]


def _kernels(looks: Sequence[Tensor]) -> Tensor:
    """(w, 3, SEEN, SEEN): the principal directions of the appearance of patches, under a Gaussian window."""
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
    """(1, w, rows, columns): the descriptors of the patches of `look` (1, 3, h, w), at every `step`-th sample."""
    return F.conv2d(F.pad(look, (SEEN // 2,) * 4, mode="replicate"), kernels, stride=step)


def _detail(painted: FloatArray, region: FloatArray, patches: Patches) -> FloatArray:
    """(h', w', 3): the style's detail for `painted` (h, w, 3) in a `region` (h, w), at the patches' scale."""
    device = patches.columns.device
    look = F.avg_pool2d(colour.tensor(colour.blur(painted, SOFT), device), 2)
    asked = _seen(look, patches.kernels, STEP // 2)[0]
    grid = (asked.shape[1], asked.shape[2])
    there = F.adaptive_max_pool2d(colour.tensor(region, device), grid)
    there = (F.max_pool2d(there, 5, 1, 2) > 0).flatten()
    found = continued(patches, asked.flatten(1).T.contiguous(), grid, there)
    return _put_together(patches, found, grid, there, (painted.shape[0], painted.shape[1]))


def continued(patches: Patches, asked: Tensor, grid: tuple[int, int], there: Tensor) -> Tensor:
    """(cells,) the patch for each cell of the `grid`: one that looks like the cell and, if possible, continues its neighbours'.

    asked: (cells, w) the descriptors of the cells; there: (cells,) bool, the cells for which a patch is searched.
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
    """Give the patches `offered` (k,) to the cells `where` (k,) whose `found` patch costs more than `favour` times as much."""
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
    begin = round(side / 2 - scale)  # the centre of the first cell is the lower right corner of the first pixel
    padded = F.pad(sums, (0, max(0, begin + wide - full[1]), 0, max(0, begin + high - full[0])))
    padded = padded[:, begin : begin + high, begin : begin + wide]
    detail = (padded[:3] / padded[4].clamp_min(1e-6)).permute(1, 2, 0).cpu().numpy()
    wanted = (padded[3] / padded[4].clamp_min(1e-6)).cpu().numpy()
    had, wanted = (colour.blur(np.ascontiguousarray(x), 3 * scale) for x in (np.square(detail).sum(2), wanted))
    gain = np.clip(np.sqrt(wanted / (had + 1e-6)), 1, MOST_GAIN)
    return np.ascontiguousarray(detail * gain[..., None], np.float32)
