"""Match the nearest features of a canvas that is painted window by window.

Each window matches its own cells, and all windows share one codebook. The mean of all queries and the number of matched cells
are properties of the whole canvas, so they are measured over all of it before a pass over the windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.allocator import sparing
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.matching import keys_of_all, means, overlapping_tiles, reach
from portrait_nst.transfer.nearest.term import NearestTerm
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.objective.windowed import Window
from portrait_nst.transfer.rect import Rect
from portrait_nst.types import FloatArray

Crop = Callable[..., Tensor]  # (array of the frame, rectangle, outside="reflect") -> (1, c, h, w)


@dataclass(eq=False)
class FrameArrays:
    """The arrays of one scale, each as large as the frame, and the style targets of its regions.

    content:   (h, w, 3) float16 or float32, the photo; painted: (h, w, 3) float32, the picture that the windows change.
    regions:   masks (h, w) float32 in [0, 1]; targets: the style targets of each region.
    content_weight_map: (h, w; >= 0) float32, the content's additional weight at each pixel, or None for none.
    codebooks: the codebook of each region's style; empty without nearest features.
    query:     (h, w, 3), the picture whose features the first pass matches, or None for `painted`.
    faces:     (h, w) float32, 1 in the photo's faces where a style has faces to match them with, or None.
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
    """Finds the nearest features of each window in turn, in every pass over the windows."""

    def __init__(self, encoder: Encoder, config: EngineConfig, frame: FrameArrays, crop: Crop) -> None:
        """`crop` returns the part of an array of the frame that lies in a rectangle, as a tensor."""
        self.encoder, self.config, self.frame, self.crop = encoder, config, frame, crop
        self.keys = keys_of_all(frame.codebooks)
        self.margin = reach(encoder, self.keys)
        self.painted_terms: dict[str, float] = {}
        self.painted_share = 0.0

    def begin(self, number: int, box: Rect, side: int, union: Tensor) -> None:
        """Begin a pass: measure the mean query over the whole canvas and the number of cells that it matches.

        number: of the pass, from 0; box: the canvas' rectangle in the frame; union: (H, W; [0, 1]), where the canvas is
        painted; side: the side in pixels of the tiles in which features are computed.
        """
        frame = self.frame
        self.again = number > 0
        self.query = frame.painted if self.again or frame.query is None else frame.query

        def parts() -> Iterator[tuple[Tensor, list[Tensor]]]:
            for tile in sparing(overlapping_tiles(box.shape, side, self.margin)):
                window = tile.window.moved(box.top, box.left)
                inside = torch.zeros(window.shape, device=self.config.device)
                tile.core.moved(-tile.window.top, -tile.window.left).part(inside).fill_(1)
                masks = [self.crop(region, window, "zero")[0, 0] * inside for region in frame.regions]
                if any(bool(mask.any()) for mask in masks):
                    yield self.crop(self.query, window), masks

        self.centres = means(self.encoder, self.keys, parts(), self.config.bf16)
        self.matched_cells = float(union.sum()) / hypercolumns.STRIDE**2
        self.painted_terms, self.painted_share = {}, 0.0

    def term(self, window: Window, box: Rect, photo: Tensor, bf16: bool) -> NearestTerm:
        """The nearest features of one window, at the rectangle `box` of the frame, whose content is `photo` (1, 3, h, w)."""
        frame, nearest = self.frame, self.config.nearest
        assert nearest is not None
        regions = [self.crop(region, box, "zero")[0, 0] for region in frame.regions]
        weight_map, faces = (
            None if array is None else self.crop(array, box)[0, 0] for array in (frame.content_weight_map, frame.faces)
        )
        return NearestTerm(
            self.encoder,
            self.keys,
            nearest,
            list(zip(regions, frame.codebooks)),
            photo,
            self.crop(self.query, box),
            content_weight_map=weight_map,
            faces=faces,
            again=self.again,
            bf16=bf16,
            core=self._core(window),
            total=self.matched_cells,
            centres=self.centres,
        )

    def terms(self, local: object, after: dict[str, float]) -> dict[str, float]:
        """The terms of the whole canvas, extrapolated from the windows of this pass up to that of the term `local`.

        `after` holds the present terms of that window.
        """
        share = max(self.painted_share + self._share(local), 1e-6)
        return {name: (self.painted_terms.get(name, 0.0) + after[name]) / share for name in ("nearest", "content")}

    def end(self, local: object, after: dict[str, float]) -> None:
        """Count the window of the term `local` as painted, with the terms `after`."""
        self.painted_terms = {name: self.painted_terms.get(name, 0.0) + after[name] for name in ("nearest", "content")}
        self.painted_share += self._share(local)

    @staticmethod
    def _share(local: object) -> float:
        return local.share if isinstance(local, NearestTerm) else 0.0

    def _core(self, window: Window) -> Tensor:
        """(h, w) in {0, 1}: the pixels whose hypercolumns in a window are those of the whole canvas."""
        core, outer, (height, width) = torch.zeros(window.shape, device=self.config.device), window.outer, window.size
        high, wide = window.shape
        Rect(
            self.margin if outer.top > 0 else 0,
            self.margin if outer.left > 0 else 0,
            high - (self.margin if outer.bottom < height else 0),
            wide - (self.margin if outer.right < width else 0),
        ).part(core).fill_(1)
        return core
