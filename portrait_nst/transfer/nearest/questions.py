"""Who asks for nearest features: a canvas, anew whenever its sampling grid moves, and in windows where it is too large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import EllipsisType

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.faces.controller import Sitter
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.hypercolumns import Key, Size
from portrait_nst.transfer.nearest.term import BESIDE, NearestTerm

Where = tuple[EllipsisType, slice, slice]  # rows and columns of a picture


class TiledTerm:
    """The terms of a picture that is too large for its maps: the sum of those of windows, of whose cells each counts once."""

    def __init__(self, keys: Sequence[Key], windows: Sequence[tuple[Where, NearestTerm]]) -> None:
        self.keys, self.windows = keys, windows

    @property
    def variance(self) -> float:
        found = 0.0
        for _, term in self.windows:
            found += term.variance
            term.release()
        return found

    def __call__(self, image: Tensor, maps: Mapping[Key, Tensor]) -> dict[str, Tensor]:
        raise NotImplementedError("a picture that is too large for its maps has none")

    def tiled(self, image: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        """The terms and their gradient (1, 3, H, W) at `image`."""
        gradient = torch.zeros_like(image)
        sums: dict[str, Tensor] = {}
        for where, term in self.windows:
            found, part = term.tiled(image[where])
            gradient[where] += part
            sums = {name: sums.get(name, 0) + value for name, value in found.items()}
        return sums, gradient


@dataclass(eq=False)
class Asker:
    """Asks for the nearest features of a canvas: of its `question` first, and of what is painted from then on.

    content, question: (1, 3, H, W) RGB in [0, 1]; regions: (mask (H, W), codebook) each; faces: (H, W) or None.
    """

    encoder: Encoder
    regions: Sequence[tuple[Tensor, Codebook]]
    content: Tensor
    question: Tensor
    faces: Tensor | None
    again: bool = False

    def __call__(
        self, painted: Tensor, moved: Where, hold: Tensor | None, sitter: Sitter | None, config: EngineConfig
    ) -> NearestTerm | TiledTerm:
        """The terms of the canvas' rows and columns `moved`, where it is `painted` (1, 3, h, w) so far.

        `hold` and `sitter` are those of these rows and columns already.
        """
        assert config.nearest is not None
        question = painted if self.again else self.question[moved]
        content, faces = self.content[moved], None if self.faces is None else self.faces[moved]
        regions = [(mask[moved], codebook) for mask, codebook in self.regions]
        again, self.again = self.again, True
        keys = keys_asked([codebook for _, codebook in regions])
        if not config.tiling.needed(content):
            return NearestTerm(
                self.encoder, keys, config.nearest, regions, content, question,
                hold=hold, faces=faces, sitter=sitter, again=again, bf16=config.bf16,
            )  # fmt: skip
        size = (content.shape[-2], content.shape[-1])
        total = sum(float(hypercolumns.to_cells(mask, hypercolumns.cells_of(size)).sum()) for mask, _ in regions)
        found = windows_of(size, config.tiling.side, reach(self.encoder, keys))
        inside = torch.zeros(size, device=content.device)

        def cores() -> Iterator[tuple[Tensor, list[Tensor]]]:
            for where, core in found:
                inside.zero_()[core] = 1
                yield question[where], [mask[where] * inside[where] for mask, _ in regions]

        centres = means(self.encoder, keys, cores(), config.bf16)
        terms = []
        for where, core in found:
            inside.zero_()[core] = 1
            parts = [(mask[where], codebook) for mask, codebook in regions]
            if not any(bool((mask * inside[where]).any()) for mask, _ in parts):
                continue
            term = NearestTerm(
                self.encoder, keys, config.nearest, parts, content[where], question[where],
                hold=None if hold is None else hold[where],
                faces=None if faces is None else faces[where],
                sitter=None if sitter is None else sitter.moved(where),
                again=again, bf16=config.bf16, core=inside[where].clone(), total=total, centres=centres,
            )  # fmt: skip
            term.release()
            terms.append((where, term))
        return TiledTerm(keys, terms)


def keys_asked(codebooks: Sequence[Codebook]) -> tuple[Key, ...]:
    """What all the codebooks compare: there may be less of one that is made of a small picture."""
    return max((codebook.metric.keys for codebook in codebooks), key=len)


def reach(encoder: Encoder, keys: Sequence[Key]) -> int:
    """Pixels beyond a cell that its goal may depend on, as a multiple of the coarsest map's stride."""
    step = max(encoder.geometry(name).jump << level for level, name in keys)
    fields = [(encoder.geometry(name), level) for level, name in keys]
    far = max(max(-g.start, g.start + g.field - g.jump, 0) << level for g, level in fields)
    far += step + BESIDE * hypercolumns.STRIDE
    return -(-far // step) * step


def windows_of(size: Size, side: int, margin: int) -> list[tuple[Where, Where]]:
    """Windows over a picture of `size`, with what each has for its own: squares of `side`, and `margin` more around them."""
    spans = []
    for length in size:
        begins = range(0, max(length - length % margin, 1), -(-side // margin) * margin)
        ends = [*begins[1:], length]
        spans.append([(max(0, a - margin), min(length, b + margin), a, b) for a, b in zip(begins, ends)])
    return [
        ((..., slice(top, bottom), slice(left, right)), (..., slice(a, b), slice(c, d)))
        for top, bottom, a, b in spans[0]
        for left, right, c, d in spans[1]
    ]


def means(
    encoder: Encoder, keys: Sequence[Key], parts: Iterable[tuple[Tensor, Sequence[Tensor]]], bf16: bool
) -> list[dict[Key, Tensor]]:
    """{key: (C,)} for each region: the mean hypercolumn of a picture under its mask.

    The picture comes in `parts`: (1, 3, h, w), and for each region the mask (h, w) of what counts of it there.
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
