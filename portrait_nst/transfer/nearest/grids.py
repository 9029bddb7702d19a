"""The parts of a codebook: rectangular grids of hypercolumns, from a style picture and its quarter turns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.planning.extent import Size
from portrait_nst.transfer import colour, functional
from portrait_nst.transfer.config import EngineConfig, StylePart
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.hypercolumns import Key
from portrait_nst.transfer.target_store import style_size

PATCH = 8  # cells along each side of a patch
LARGEST = 1_500_000  # pixels of a picture and its turns that are processed
CROP = 384  # pixels a side of the crops of larger ones

Crop = tuple[Any, ...]  # an index of (..., H, W) tensors


@dataclass(frozen=True, eq=False)
class StyleGrid:
    """One rectangle of cells of a style picture, in order of rows.

    columns:    {key: (cells, C)}, the hypercolumns; shape: (rows, columns) of the grid.
    inside:     (cells,) in [0, 1], the share of each cell that lies in the style's mask.
    least_mask: (cells,) in [0, 1], the least value of the mask in the receptive field of each cell.
    tones:      (cells, 3) RGB in [0, 1], the colours around each cell; faces: (cells,) in [0, 1], or None.
    """

    columns: dict[Key, Tensor]
    shape: Size
    inside: Tensor
    least_mask: Tensor
    tones: Tensor
    faces: Tensor | None


def style_grids(
    encoder: Encoder, part: StylePart, size: Size, config: EngineConfig, keys: Sequence[Key], entries: int
) -> list[StyleGrid]:
    """The grids of one picture of a style for a frame of `size` (h, w), with about `entries` cells at most.

    A small picture has four grids, its quarter turns. If there are too many cells, square patches are taken, spread evenly over
    the mask.
    """
    small = style_size(part, size, config.style_scale)
    image = colour.tensor(colour.resize(part.rgb, small), config.device)
    image = colour.grey(image) if config.grey else image
    mask = None if part.mask is None else colour.tensor(colour.resize(part.mask, small), config.device)
    face = None if part.faces is None else colour.tensor(colour.resize(part.faces, small), config.device)
    pixels = small[0] * small[1]
    cells = pixels // hypercolumns.STRIDE**2
    turns = 4 if 4 * pixels <= LARGEST and cells <= entries * 2 else 1
    crops = [(...,)] if pixels <= LARGEST else _crops(image, mask)
    grids = []
    with torch.no_grad():
        for number, crop in enumerate(crops):
            for turn in range(turns) if turns > 1 else [number % 4]:
                turned = [None if x is None else torch.rot90(x[crop], turn, (-2, -1)) for x in (image, mask, face)]
                grids.append(_grid_of(encoder, turned, config, keys))
    count = sum(len(grid.inside) for grid in grids)
    return grids if count <= max(entries, PATCH**2) else _patches(grids, max(entries, PATCH**2), count)


def _crops(image: Tensor, mask: Tensor | None) -> list[Crop]:
    """Square crops of a picture that is too large to be processed whole, spread evenly over the part that its mask leaves."""
    size = image.shape[-2:]
    side = min(CROP, *size)
    spans = [_span(mask, axis, length, side) for axis, length in zip((-2, -1), size)]
    high, wide = (end - begin for begin, end in spans)
    count = LARGEST / side**2
    rows = max(1, min(round((count * high / wide) ** 0.5), -(-high // side)))
    cols = max(1, min(round(count / rows), -(-wide // side)))
    tops, lefts = (
        torch.linspace(begin, end - side, many).round().int().tolist()
        for (begin, end), many in zip(spans, (rows, cols))
    )
    found: list[Crop] = []
    for top in tops:
        for left in lefts:
            where = (..., slice(top, top + side), slice(left, left + side))
            if mask is None or bool((mask[where] > 0).any()):
                found.append(where)
    return found or [(...,)]


def _span(mask: Tensor | None, axis: int, length: int, side: int) -> tuple[int, int]:
    """The first and last place of the `mask` (1, 1, H, W) along an axis of this `length`; they are at least `side` apart."""
    if mask is None or not bool((mask > 0).any()):
        return 0, length
    there = torch.nonzero((mask[0, 0] > 0).any(-3 - axis))[:, 0]
    begin = max(0, min(int(there[0]), length - side))
    return begin, max(int(there[-1]) + 1, begin + side)


def _grid_of(
    encoder: Encoder, pictures: Sequence[Tensor | None], config: EngineConfig, keys: Sequence[Key]
) -> StyleGrid:
    """The grid of a crop: its `pictures` are the image (1, 3, h, w), its mask and the mask of its faces (1, 1, h, w)."""
    image, mask, face = pictures
    assert image is not None
    image = image.contiguous()
    grid = hypercolumns.cells_of((image.shape[-2], image.shape[-1]))
    maps = hypercolumns.features(encoder, image, keys, config.bf16)
    found = hypercolumns.columns(encoder, maps, keys, grid)
    ones = torch.ones(grid[0] * grid[1], device=image.device)
    if mask is None:
        inside = least_mask = ones
    else:
        inside = hypercolumns.to_cells(mask[0, 0], grid)
        if not bool(inside.any()):  # the mask lies beyond the last cell
            inside = F.adaptive_max_pool2d(mask, grid).flatten()
        deepest = encoder.geometry(keys[-1][1])
        whole = functional.propagate_guide(mask[0], deepest, "inside")
        least_mask = hypercolumns.on_grid(whole[None], deepest, 0, grid)[:, 0]
    tones = hypercolumns.tones(image, grid).flatten(1).T
    faces = None if face is None else hypercolumns.to_cells(face[0, 0], grid)
    return StyleGrid(found, grid, inside, least_mask, tones, faces)


def _patches(grids: Sequence[StyleGrid], entries: int, count: int) -> list[StyleGrid]:
    """Square patches of the `grids`, with about `entries` of all `count` cells, spread evenly over the mask."""
    found = []
    for number, grid in enumerate(grids):
        high, wide = grid.shape
        there = F.max_pool2d(grid.inside.view(1, 1, high, wide), PATCH, ceil_mode=True)[0, 0] > 0
        places = (torch.nonzero(there) * PATCH).tolist()
        wanted = max(1, round(entries * len(grid.inside) / count / PATCH**2))
        generator = torch.Generator().manual_seed(number)
        chosen = torch.randperm(len(places), generator=generator)[:wanted].sort().values.tolist()
        found += [_patch(grid, *places[place]) for place in chosen]
    return found or [_patch(grids[0], 0, 0)]


def _patch(grid: StyleGrid, top: int, left: int) -> StyleGrid:
    """The patch of a `grid` whose first cell is at row `top` and column `left`."""
    index = torch.arange(len(grid.inside), device=grid.inside.device).view(grid.shape)
    where = index[top : top + PATCH, left : left + PATCH]
    rows, shape = where.flatten(), (where.shape[0], where.shape[1])
    columns = {key: values[rows] for key, values in grid.columns.items()}
    faces = None if grid.faces is None else grid.faces[rows]
    return StyleGrid(columns, shape, grid.inside[rows], grid.least_mask[rows], grid.tones[rows], faces)
