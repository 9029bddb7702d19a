"""The nearest features of a canvas that is painted window by window: each window searches its own, in a common codebook.

Two quantities belong to the whole canvas: the mean of all queries, and the number of cells that are matched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.memory import sparing
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.matching import keys_of_all, means, overlapping_tiles, reach
from portrait_nst.transfer.nearest.term import NearestTerm
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.objective.windowed import Window
from portrait_nst.transfer.rect import Rect
from portrait_nst.types import FloatArray

Cut = Callable[..., Tensor]  # (array of the frame, rectangle, outside="reflect") -> its part (1, c, h, w)


@dataclass(eq=False)
class Pictures:
    """The pictures that a scale is painted from and on, as arrays of the frame.

    content, painted: (h, w, 3) float32, the content also float16; the passes change `painted`.
    regions:          (h, w) float32 each; targets: the style's statistics for each of them.
    content_weight_map: (h, w) float32, the additional weight of the content at each place, or None.
    codebooks:        those of each region's style; empty without nearest features.
    query:            (h, w, 3), the picture that the first pass matches; faces: (h, w) float32, the faces to match, or None.
    """

    content: NDArray[Any]
    painted: FloatArray
    regions: Sequence[FloatArray]
    targets: Sequence[GramTargets]
    content_weight_map: FloatArray | None
    codebooks: Sequence[Codebook] = ()
    query: NDArray[Any] | None = None
    faces: FloatArray | None = None


class WindowMatcher:
    """Searches the nearest features of each window in turn, pass by pass."""

    def __init__(self, encoder: Encoder, config: EngineConfig, pictures: Pictures, cut: Cut) -> None:
        """`cut` returns the part of an array of the frame that a rectangle covers."""
        self.encoder, self.config, self.pictures, self.cut = encoder, config, pictures, cut
        self.keys = keys_of_all(pictures.codebooks)
        self.margin = reach(encoder, self.keys)
        self.seen: dict[str, float] = {}
        self.share = 0.0

    def begin(self, number: int, box: Rect, side: int, union: Tensor) -> None:
        """Begin the pass of this `number`: compute the mean of its queries over the whole canvas, and the number of its cells.

        box: the canvas in the frame; union: (H, W), where it is painted; side: pixels of the tiles that are processed at once.
        """
        pictures = self.pictures
        self.again = number > 0
        self.queried = pictures.painted if self.again or pictures.query is None else pictures.query

        def parts() -> Iterator[tuple[Tensor, list[Tensor]]]:
            for tile in sparing(overlapping_tiles(box.shape, side, self.margin)):
                window = tile.window.moved(box.top, box.left)
                inside = torch.zeros(window.shape, device=self.config.device)
                tile.core.moved(-tile.window.top, -tile.window.left).part(inside).fill_(1)
                masks = [self.cut(region, window, "zero")[0, 0] * inside for region in pictures.regions]
                if any(bool(mask.any()) for mask in masks):
                    yield self.cut(self.queried, window), masks

        self.centres = means(self.encoder, self.keys, parts(), self.config.bf16)
        self.matched = float(union.sum()) / hypercolumns.STRIDE**2
        self.seen, self.share = {}, 0.0

    def term(self, window: Window, box: Rect, photo: Tensor, bf16: bool) -> NearestTerm:
        """The nearest features of one window, the `box` of the frame, whose content is `photo` (1, 3, h, w)."""
        pictures, nearest = self.pictures, self.config.nearest
        assert nearest is not None
        regions = [self.cut(region, box, "zero")[0, 0] for region in pictures.regions]
        weight_map, faces = (
            None if array is None else self.cut(array, box)[0, 0]
            for array in (pictures.content_weight_map, pictures.faces)
        )
        return NearestTerm(
            self.encoder,
            self.keys,
            nearest,
            list(zip(regions, pictures.codebooks)),
            photo,
            self.cut(self.queried, box),
            content_weight_map=weight_map,
            faces=faces,
            again=self.again,
            bf16=bf16,
            core=self._core(window),
            total=self.matched,
            centres=self.centres,
        )

    def terms(self, local: object, after: dict[str, float]) -> dict[str, float]:
        """The terms of the whole, as far as this pass has come, if the terms of the window's `local` are `after`."""
        share = max(self.share + self._share(local), 1e-6)
        return {name: (self.seen.get(name, 0.0) + after[name]) / share for name in ("nearest", "content")}

    def end(self, local: object, after: dict[str, float]) -> None:
        """Add the terms `after` of a window that is done."""
        self.seen = {name: self.seen.get(name, 0.0) + after[name] for name in ("nearest", "content")}
        self.share += self._share(local)

    @staticmethod
    def _share(local: object) -> float:
        return local.share if isinstance(local, NearestTerm) else 0.0

    def _core(self, window: Window) -> Tensor:
        """(h, w) in {0, 1}: where hypercolumns of a window see what they see in the whole canvas."""
        core, outer, (height, width) = torch.zeros(window.shape, device=self.config.device), window.outer, window.size
        high, wide = window.shape
        Rect(
            self.margin if outer.top > 0 else 0,
            self.margin if outer.left > 0 else 0,
            high - (self.margin if outer.bottom < height else 0),
            wide - (self.margin if outer.right < width else 0),
        ).part(core).fill_(1)
        return core
