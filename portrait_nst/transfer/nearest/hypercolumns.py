"""Hypercolumns: the features of all layers at one cell of a common grid.

The maps of every layer, of the picture at x1 and at x1/2, are resampled to cells of `STRIDE` pixels. With x1 alone, strokes look
like grain; Kolkin et al., "Neural Neighbor Style Transfer", 2022, also use x1 and x1/2. Each layer is transformed to the
teacher's metric, centred, and divided by its standard deviation in the style, so that all layers count equally; see `Metric`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.geometry import Geometry
from portrait_nst.planning.extent import Size
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.functional import image_levels, level_count

STRIDE = 4  # pixels along each side of a cell
LEVELS = 2  # of the image pyramid
SHIFT = 3  # greatest shift of the grid in pixels, by which the canvas becomes smaller
AROUND = 3  # cells along each side of the square over which tones are averaged
WIDTH = 64  # principal directions in which a layer is compared if it has more channels
LEAST_SPREAD = 0.01  # least deviation of a layer, as a fraction of its mean; a painting has 0.5 and more
DEEP = 4  # least stride in pixels of a layer that describes structure instead of paint

Key = tuple[int, str]  # (level of the image pyramid, layer)


def keys_of(layers: Sequence[str]) -> tuple[Key, ...]:
    """The maps of a hypercolumn of these `layers`, in order of depth: all at x1, and all but the first at x1/2."""
    return tuple((0, name) for name in layers) + tuple((1, name) for name in layers[1:])


def keys_for(encoder: Encoder, config: EngineConfig) -> tuple[Key, ...]:
    """The keys of all layers with a weight in the style or in the content, in order of depth."""
    weights = config.weights
    names = {name for name, weight in (*weights.style_layers, *weights.content_layers) if weight}
    order = [layer.name for layer in encoder.described]
    return keys_of(sorted(names, key=order.index))


def keys_within(keys: Sequence[Key], size: Size) -> tuple[Key, ...]:
    """The `keys` that a canvas of `size` (h, w) has on every sampling grid; a tiny canvas has no level x1/2."""
    levels = level_count((size[0] - SHIFT, size[1] - SHIFT), LEVELS)
    return tuple(key for key in keys if key[0] < levels)


def deep_keys(encoder: Encoder, keys: Sequence[Key]) -> tuple[Key, ...]:
    """The `keys` of layers that describe structure; the last key if there are none."""
    found = tuple(key for key in keys if encoder.geometry(key[1]).jump >= DEEP)
    return found or tuple(keys[-1:])


def cells_of(size: Size) -> Size:
    """(rows, columns) of the grid over a picture of `size` (h, w)."""
    return max(1, size[0] // STRIDE), max(1, size[1] // STRIDE)


def features(encoder: Encoder, image: Tensor, keys: Sequence[Key], bf16: bool) -> dict[Key, Tensor]:
    """{key: (1, C, h, w)} of `image` (1, 3, H, W), for the keys of the levels that it has."""
    found: dict[Key, Tensor] = {}
    for level, scaled in enumerate(image_levels(image, LEVELS)):
        names = [name for at, name in keys if at == level]
        if not names:
            continue
        with torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
            maps = encoder.features(scaled, names)
        found.update({(level, name): maps[name] for name in names})
    return found


def on_grid(maps: Tensor, geometry: Geometry, level: int, grid: Size) -> Tensor:
    """`maps` (1, C, h, w) of a layer at a `level` as (cells, C) of the `grid`, in its order of rows.

    Finer maps are averaged over each cell, and coarser ones are interpolated. The position of a cell does not depend on the size
    of the picture, so that a window has the same cells as the whole.
    """
    jump = geometry.jump << level
    if jump < STRIDE and min(maps.shape[-2:]) >= STRIDE // jump:
        maps = F.avg_pool2d(maps, STRIDE // jump)
    elif jump > STRIDE:
        maps = F.interpolate(maps, scale_factor=float(jump // STRIDE), mode="bilinear", align_corners=False)
    down, across = grid[0] - maps.shape[-2], grid[1] - maps.shape[-1]
    if down > 0 or across > 0:  # the coarser map ends before the grid does
        maps = F.pad(maps, (0, max(across, 0), 0, max(down, 0)), mode="replicate")
    maps = maps[..., : grid[0], : grid[1]]
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])


def columns(encoder: Encoder, maps: Mapping[Key, Tensor], keys: Sequence[Key], grid: Size) -> dict[Key, Tensor]:
    """{key: (cells, C)} of the `grid`, for the `keys` that have `maps`."""
    return {key: on_grid(maps[key], encoder.geometry(key[1]), key[0], grid) for key in keys if key in maps}


@dataclass(frozen=True, eq=False)
class Metric:
    """The space of hypercolumns: v = (f - centre) base for each layer, with unit standard deviation over the style.

    centres: {key: (C,)} float32.
    bases:   {key: (C, d)} float32, the encoder's basis divided by the layer's deviation, in the principal directions.
    """

    centres: Mapping[Key, Tensor]
    bases: Mapping[Key, Tensor]

    @property
    def keys(self) -> tuple[Key, ...]:
        """The maps that are compared, in order."""
        return tuple(self.bases)

    @property
    def widths(self) -> list[int]:
        """The number of directions of each map."""
        return [base.shape[1] for base in self.bases.values()]

    def project(self, found: Mapping[Key, Tensor], centres: Mapping[Key, Tensor] | None = None) -> Tensor:
        """(cells, d) of `found` {key: (cells, C)}; centred on `centres` if they are given. bfloat16 features remain bfloat16."""
        around = self.centres if centres is None else centres
        return torch.cat([project(found[key], around[key], base) for key, base in self.bases.items()], 1)


def project(features: Tensor, centre: Tensor, base: Tensor) -> Tensor:
    """(f - centre) base for `features` (cells, C), in their type; the difference is taken before rounding."""
    return torch.addmm(-(centre @ base).to(features.dtype), features, base.to(features.dtype))


def measure(encoder: Encoder, layer: str, values: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """Centre (C,) and base (C, d) for `values` (cells, C) of a `layer` in a style, whose cells have the `weights` (cells,).

    A layer that hardly varies is not scaled up to unit deviation. d is C, or `WIDTH` if there are more channels; these principal
    directions have all but one or two per cent of a painting's variance.
    """
    share = (weights / weights.sum().clamp_min(1e-6)).float()
    centre = torch.zeros(values.shape[1], device=values.device)
    second = torch.zeros(len(centre), len(centre), device=values.device)
    for some, part in zip(torch.split(values, 8192), torch.split(share, 8192)):
        centre += part @ some.float()
    for some, part in zip(torch.split(values, 8192), torch.split(share, 8192)):
        apart = some.float() - centre
        second += (apart * part[:, None]).T @ apart
    base = encoder.bases.get(layer)
    turn = torch.eye(len(centre), device=centre.device) if base is None else base.T
    covariance = (turn.T @ second @ turn).double()
    least = LEAST_SPREAD * float((centre @ turn).norm())
    spread = max(float(covariance.trace().clamp_min(0).sqrt()), least, 1e-6)
    if len(centre) > WIDTH:
        turn = turn @ principal(covariance, WIDTH)
    return centre, turn / spread


def principal(covariance: Tensor, width: int) -> Tensor:
    """The `width` principal directions (d, w) of a `covariance` (d, d; float64), the greatest first; signs fixed."""
    vectors: Tensor = torch.linalg.eigh(covariance)[1][:, -width:].flip(1)
    signs = vectors.gather(0, vectors.abs().argmax(0)[None]).sign()
    return (vectors * signs).float().contiguous()


def mean(found: Mapping[Key, Tensor], weights: Tensor) -> dict[Key, Tensor]:
    """{key: (C,)}, the mean of `found` {key: (cells, C)} under `weights` (cells,)."""
    share = (weights / weights.sum().clamp_min(1e-6)).float()
    return {key: share @ values.float() for key, values in found.items()}


def to_cells(mask: Tensor, grid: Size) -> Tensor:
    """`mask` (H, W) averaged over the cells of the `grid`, (cells,)."""
    stride = STRIDE
    if min(mask.shape) < stride:
        return mask.mean().expand(grid[0] * grid[1]).clone()
    return F.avg_pool2d(mask[None, None].float(), stride)[0, 0, : grid[0], : grid[1]].flatten()


def tones(image: Tensor, grid: Size) -> Tensor:
    """(3, rows, columns): the colours of `image` (1, 3, H, W) around each cell of the `grid`."""
    if min(image.shape[-2:]) < STRIDE:
        return image.mean((2, 3)).view(3, 1, 1).expand(3, *grid)
    cells = F.avg_pool2d(image, STRIDE)[..., : grid[0], : grid[1]]
    return F.avg_pool2d(cells, AROUND, 1, AROUND // 2, count_include_pad=False)[0]
