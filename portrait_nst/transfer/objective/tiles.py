"""A picture too large for its feature maps, taken tile by tile with the same result.

Each tile's *core* cells are its own; its *window* is wider by what the deepest layer's receptive field reaches beyond them, so
that every core cell sees what it would see in the whole picture: the same pixels, and padding only where the picture ends.
Windows begin at multiples of the coarsest layer's stride, so that no pooling or stride is out of step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.geometry import Geometry
from portrait_nst.transfer.memory import sparing

Span = tuple[int, int]  # first, and one after the last


@dataclass(frozen=True)
class Tiling:
    """Pictures of more than `above` pixels are taken in tiles of `side` pixels; never where `side` is 0."""

    side: int = 0
    above: int = 0

    def needed(self, image: Tensor) -> bool:
        return self.needed_for((image.shape[-2], image.shape[-1]))

    def needed_for(self, size: tuple[int, int]) -> bool:
        return self.side > 0 and size[0] * size[1] > self.above


NO_TILES = Tiling()


@dataclass(frozen=True)
class Tile:
    """Rows and columns of a picture, in pixels: the cores make up the picture, the windows overlap."""

    rows: Span
    columns: Span
    window_rows: Span
    window_columns: Span
    size: tuple[int, int]  # of the picture

    def window(self, image: Tensor) -> Tensor:
        """The window's part of `image` (..., H, W)."""
        return image[..., slice(*self.window_rows), slice(*self.window_columns)]

    def cells(self, geometry: Geometry, maps: Tensor) -> Tensor:
        """The core's part of a layer's `maps` (..., h, w) of the whole picture."""
        return maps[..., slice(*self._cells(geometry, 0)), slice(*self._cells(geometry, 1))]

    def core(self, geometry: Geometry, maps: Tensor) -> Tensor:
        """The core's part of a layer's `maps` (..., h, w) of the window."""
        spans = []
        for axis, (first, _) in enumerate((self.window_rows, self.window_columns)):
            begin, end = self._cells(geometry, axis)
            before = first // geometry.jump
            spans.append(slice(begin - before, end - before))
        return maps[..., spans[0], spans[1]]

    def _cells(self, geometry: Geometry, axis: int) -> Span:
        """The core's cells in the whole map; the last core takes what is left."""
        begin, end = (self.rows, self.columns)[axis]
        count = geometry.cells(self.size[axis])
        last = count if end == self.size[axis] else min(count, end // geometry.jump)
        return min(count, begin // geometry.jump), last


def tiles(size: tuple[int, int], side: int, geometries: Iterable[Geometry]) -> list[Tile]:
    """Tiles with cores of about `side` pixels for a picture of `size` (h, w), seen through layers of these `geometries`."""
    known = list(geometries)
    step = max(geometry.jump for geometry in known)
    before = -min(geometry.start for geometry in known)
    after = max(geometry.start + geometry.field - geometry.jump for geometry in known)
    before, after, side = (-(-length // step) * step for length in (before, max(after, 0), side))
    spans = [
        [
            ((begin, min(length, begin + side)), (max(0, begin - before), min(length, begin + side + after)))
            for begin in range(0, length, side)
            if begin == 0 or length - begin >= step  # what is less than a cell has none
        ]
        for length in size
    ]
    for axis, length in enumerate(size):  # the last core reaches to the end
        (begin, _), (first, _) = spans[axis][-1]
        spans[axis][-1] = (begin, length), (first, length)
    return [Tile(rows, columns, above, beside, size) for rows, above in spans[0] for columns, beside in spans[1]]


def scan(
    encoder: Encoder,
    image: Tensor,
    layers: Iterable[str],
    side: int,
    bf16: bool,
    wanted: Callable[[Tile], bool] = lambda tile: True,
) -> Iterator[tuple[Tile, dict[str, Tensor]]]:
    """Each `wanted` tile of `image` (1, 3, H, W) with its core's maps {layer: (C, h, w)}, without gradients."""
    names = list(layers)
    size = (image.shape[-2], image.shape[-1])
    for tile in sparing(tiles(size, side, [encoder.geometry(name) for name in names])):
        if not wanted(tile):
            continue
        with torch.no_grad(), torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
            maps = encoder.features(tile.window(image), names)
        yield tile, {name: tile.core(encoder.geometry(name), maps[name]).squeeze(0) for name in names}


def features(encoder: Encoder, image: Tensor, layers: Iterable[str], side: int, bf16: bool) -> dict[str, Tensor]:
    """{layer: (C, h, w)} of the whole of `image` (1, 3, H, W), taken in tiles of `side` pixels, without gradients."""
    found: dict[str, Tensor] = {}
    for tile, maps in scan(encoder, image, layers, side, bf16):
        for name, part in maps.items():
            geometry = encoder.geometry(name)
            if name not in found:
                height, width = (geometry.cells(length) for length in image.shape[-2:])
                found[name] = part.new_empty(len(part), height, width)
            tile.cells(geometry, found[name]).copy_(part)
    return found
