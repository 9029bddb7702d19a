"""Processes a picture whose feature maps do not fit into memory tile by tile, with the same result.

The cores of the tiles divide the picture. A tile's *window* is wider than its *core* by the receptive field of the deepest layer,
so that every cell of the core sees what it would see in the whole picture: the same pixels, and padding only where the picture
ends. Windows begin at multiples of the coarsest layer's stride, so that poolings and strides fall on the same pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.geometry import Geometry
from portrait_nst.transfer.allocator import sparing
from portrait_nst.transfer.rect import Rect


@dataclass(frozen=True)
class Tiling:
    """Pictures of more than `above` pixels are processed in tiles of `side` pixels; none are if `side` is 0."""

    side: int = 0
    above: int = 0

    def needed(self, image: Tensor) -> bool:
        """Whether `image` (..., H, W) is processed in tiles."""
        return self.needed_for((image.shape[-2], image.shape[-1]))

    def needed_for(self, size: tuple[int, int]) -> bool:
        """Whether a picture of `size` (h, w) is processed in tiles."""
        return self.side > 0 and size[0] * size[1] > self.above


NO_TILES = Tiling()


@dataclass(frozen=True)
class Tile:
    """A part of a picture of `size` (h, w), in pixels: the cores divide the picture, and the windows around them overlap."""

    core: Rect
    window: Rect
    size: tuple[int, int]

    def cells(self, geometry: Geometry, maps: Tensor) -> Tensor:
        """The core's part of a layer's `maps` (..., h, w) of the whole picture."""
        return self._cells(geometry).part(maps)

    def cells_of_window(self, geometry: Geometry, maps: Tensor) -> Tensor:
        """The core's part of a layer's `maps` (..., h, w) of the window."""
        first = self.window.top // geometry.jump, self.window.left // geometry.jump
        return self._cells(geometry).moved(-first[0], -first[1]).part(maps)

    def _cells(self, geometry: Geometry) -> Rect:
        """The core's cells in the whole map; the last core takes the remaining ones."""
        (top, bottom), (left, right) = (
            self._span(geometry, begin, end, length)
            for begin, end, length in zip(
                (self.core.top, self.core.left), (self.core.bottom, self.core.right), self.size
            )
        )
        return Rect(top, left, bottom, right)

    @staticmethod
    def _span(geometry: Geometry, begin: int, end: int, length: int) -> tuple[int, int]:
        count = geometry.cells(length)
        return min(count, begin // geometry.jump), count if end == length else min(count, end // geometry.jump)


def tiles(size: tuple[int, int], side: int, geometries: Iterable[Geometry]) -> list[Tile]:
    """Tiles with cores of about `side` pixels for a picture of `size` (h, w), seen through layers of these `geometries`."""
    known = list(geometries)
    step = max(geometry.jump for geometry in known)
    before = -min(geometry.start for geometry in known)
    after = max(geometry.start + geometry.field - geometry.jump for geometry in known)
    before, after, side = (-(-length // step) * step for length in (before, max(after, 0), side))
    spans = []  # first and last of the core, first and last of the window, along each axis
    for length in size:
        # A last core that is shorter than a step would have no cell.
        begins = [begin for begin in range(0, length, side) if begin == 0 or length - begin >= step]
        along = [(b, min(length, b + side), max(0, b - before), min(length, b + side + after)) for b in begins]
        along[-1] = (along[-1][0], length, along[-1][2], length)  # the last core reaches to the end
        spans.append(along)
    return [tile_of(rows, columns, size) for rows in spans[0] for columns in spans[1]]


def tile_of(rows: tuple[int, int, int, int], columns: tuple[int, int, int, int], size: tuple[int, int]) -> Tile:
    """The tile of such `rows` and `columns`: first and last of its core, first and last of its window."""
    return Tile(Rect(rows[0], columns[0], rows[1], columns[1]), Rect(rows[2], columns[2], rows[3], columns[3]), size)


def scan(
    encoder: Encoder,
    image: Tensor,
    layers: Iterable[str],
    side: int,
    bf16: bool,
    wanted: Callable[[Tile], bool] = lambda tile: True,
) -> Iterator[tuple[Tile, dict[str, Tensor]]]:
    """Each `wanted` tile of `image` (1, 3, H, W) with its core's maps {layer: (1, C, h, w)}, without gradients."""
    names = list(layers)
    size = (image.shape[-2], image.shape[-1])
    for tile in sparing(tiles(size, side, [encoder.geometry(name) for name in names])):
        if not wanted(tile):
            continue
        with torch.no_grad(), torch.autocast(image.device.type, torch.bfloat16, enabled=bf16):
            maps = encoder.features(tile.window.part(image), names)
        yield tile, {name: tile.cells_of_window(encoder.geometry(name), maps[name]) for name in names}


def features(encoder: Encoder, image: Tensor, layers: Iterable[str], side: int, bf16: bool) -> dict[str, Tensor]:
    """{layer: (1, C, h, w)} of the whole `image` (1, 3, H, W), computed in tiles of `side` pixels, without gradients."""
    found: dict[str, Tensor] = {}
    for tile, maps in scan(encoder, image, layers, side, bf16):
        for name, part in maps.items():
            geometry = encoder.geometry(name)
            if name not in found:
                height, width = (geometry.cells(length) for length in image.shape[-2:])
                found[name] = part.new_empty(1, part.shape[1], height, width)
            tile.cells(geometry, found[name]).copy_(part)
    return found
