"""Searches the nearest features of a canvas: again whenever its sampling grid moves, and in windows if it is too large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.planning.extent import Size
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.faces.gain_maps import Sitter
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.hypercolumns import Key
from portrait_nst.transfer.nearest.term import BESIDE, NearestTerm
from portrait_nst.transfer.objective.tiles import Tile, tile_of
from portrait_nst.transfer.rect import Rect


class TiledNearestTerm:
    """The terms of a picture whose maps do not fit into memory: the sum over windows, in which each cell counts once."""

    def __init__(self, keys: Sequence[Key], windows: Sequence[tuple[Rect, NearestTerm]]) -> None:
        self.keys, self.windows = keys, windows

    @property
    def variance(self) -> float:
        """What the content term would be for a picture without features."""
        found = 0.0
        for _, term in self.windows:
            found += term.variance
            term.release()
        return found

    def evaluate(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The terms and their gradient (1, 3, H, W) at `image`, without graph."""
        gradient = torch.zeros_like(image)
        sums: dict[str, Tensor] = {}
        for window, term in self.windows:
            found, part = term.evaluate(window.part(image))
            window.part(gradient).add_(part)
            sums = {name: sums.get(name, 0) + value for name, value in found.items()}
        return sums, gradient


@dataclass(eq=False)
class NearestMatcher:
    """Searches the nearest features of a canvas: of its `query` the first time, and of the painting from then on.

    content, query: (1, 3, H, W) RGB in [0, 1]; regions: (mask (H, W), codebook) each; faces: (H, W) or None.
    again: whether the painting is the query.
    centres: for each region the mean of the queries; None for that of each query.
    """

    encoder: Encoder
    regions: Sequence[tuple[Tensor, Codebook]]
    content: Tensor
    query: Tensor
    faces: Tensor | None
    again: bool = False
    centres: Sequence[Mapping[Key, Tensor]] | None = None

    def __call__(
        self,
        painted: Tensor,
        grid: Rect,
        content_weight_map: Tensor | None,
        sitter: Sitter | None,
        config: EngineConfig,
    ) -> NearestTerm | TiledNearestTerm:
        """The terms of the part of the canvas that `grid` covers, which is `painted` (1, 3, h, w) so far.

        `content_weight_map` (h, w) and `sitter` are already cut to this part.
        """
        assert config.nearest is not None
        query = painted if self.again else grid.part(self.query)
        content, faces = grid.part(self.content), None if self.faces is None else grid.part(self.faces)
        regions = [(grid.part(mask), codebook) for mask, codebook in self.regions]
        again, self.again = self.again, True
        keys = keys_of_all([codebook for _, codebook in regions])
        term_of = partial(NearestTerm, self.encoder, keys, config.nearest, again=again, bf16=config.bf16)
        if not config.tiling.needed(content):
            weight_map = content_weight_map
            return term_of(
                regions,
                content,
                query,
                content_weight_map=weight_map,
                faces=faces,
                sitter=sitter,
                centres=self.centres,
            )
        size = (content.shape[-2], content.shape[-1])
        total = sum(float(hypercolumns.to_cells(mask, hypercolumns.cells_of(size)).sum()) for mask, _ in regions)
        found = overlapping_tiles(size, config.tiling.side, reach(self.encoder, keys))
        inside = torch.zeros(size, device=content.device)

        def cores() -> Iterator[tuple[Tensor, list[Tensor]]]:
            for tile in found:
                tile.core.part(inside.zero_()).fill_(1)
                own = tile.window.part(inside)
                yield tile.window.part(query), [tile.window.part(mask) * own for mask, _ in regions]

        centres = self.centres or means(self.encoder, keys, cores(), config.bf16)
        terms = []
        for tile in found:
            window = tile.window
            tile.core.part(inside.zero_()).fill_(1)
            parts = [(window.part(mask), codebook) for mask, codebook in regions]
            if not any(bool((mask * window.part(inside)).any()) for mask, _ in parts):
                continue
            term = term_of(
                parts,
                window.part(content),
                window.part(query),
                content_weight_map=None if content_weight_map is None else window.part(content_weight_map),
                faces=None if faces is None else window.part(faces),
                sitter=None if sitter is None else sitter.part(window),
                core=window.part(inside).clone(),
                total=total,
                centres=centres,
            )
            term.release()
            terms.append((window, term))
        return TiledNearestTerm(keys, terms)


def keys_of_all(codebooks: Sequence[Codebook]) -> tuple[Key, ...]:
    """The keys that the codebooks compare; the codebook of a small picture may have fewer of them."""
    return max((codebook.metric.keys for codebook in codebooks), key=len)


def reach(encoder: Encoder, keys: Sequence[Key]) -> int:
    """The distance in pixels over which a cell's goal depends on the picture, as a multiple of the coarsest map's stride."""
    step = max(encoder.geometry(name).jump << level for level, name in keys)
    fields = [(encoder.geometry(name), level) for level, name in keys]
    far = max(max(-g.start, g.start + g.field - g.jump, 0) << level for g, level in fields)
    far += step + BESIDE * hypercolumns.STRIDE
    return -(-far // step) * step


def overlapping_tiles(size: Size, side: int, margin: int) -> list[Tile]:
    """Tiles of a picture of `size` (h, w): cores are squares of about `side`, windows have `margin` pixels more around them."""
    spans = []
    for length in size:
        begins = range(0, max(length - length % margin, 1), -(-side // margin) * margin)
        ends = [*begins[1:], length]
        spans.append([(a, b, max(0, a - margin), min(length, b + margin)) for a, b in zip(begins, ends)])
    return [tile_of(rows, columns, size) for rows in spans[0] for columns in spans[1]]


def means(
    encoder: Encoder, keys: Sequence[Key], parts: Iterable[tuple[Tensor, Sequence[Tensor]]], bf16: bool
) -> list[dict[Key, Tensor]]:
    """{key: (C,)} for each region: the mean hypercolumn of a picture under its mask.

    The picture comes in `parts`: each is (1, 3, h, w), with a mask (h, w) of the pixels that count for each region.
    """
    sums: list[dict[Key, Tensor]] = []
    areas: list[float] = []
    for image, masks in parts:
        sums, areas = sums or [{} for _ in masks], areas or [0.0] * len(masks)
        grid = hypercolumns.cells_of((image.shape[-2], image.shape[-1]))
        with torch.no_grad():
            found = hypercolumns.columns(encoder, hypercolumns.features(encoder, image, keys, bf16), keys, grid)
        for number, mask in enumerate(masks):
            weights = hypercolumns.to_cells(mask, grid)
            areas[number] += float(weights.sum())
            for key, values in found.items():
                sums[number][key] = sums[number].get(key, 0) + weights @ values.float()
    return [{key: value / max(area, 1e-6) for key, value in each.items()} for each, area in zip(sums, areas)]
