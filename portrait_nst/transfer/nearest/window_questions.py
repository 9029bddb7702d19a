"""The nearest features of a canvas that is painted window by window: each window asks for its own, of one codebook.

What belongs to the whole is taken for the whole: the mean of all that is asked, and the number of cells that are answered.
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
from portrait_nst.transfer.nearest.questions import keys_asked, means, reach, windows_of
from portrait_nst.transfer.nearest.term import NearestTerm
from portrait_nst.transfer.objective.whole import GramTargets
from portrait_nst.transfer.objective.windowed import Window
from portrait_nst.transfer.rect import Rect
from portrait_nst.types import FloatArray

Cut = Callable[..., Tensor]  # (array of the frame, box, outside="reflect") -> (1, c, h, w)


@dataclass(eq=False)
class Pictures:
    """What is painted from and on at one scale, as arrays of the frame.

    content, painted: (h, w, 3) float32, the content also float16; `painted` is what the sweeps change.
    regions:          (h, w) float32 each; targets: the style's for each of them.
    content_weight_map: (h, w) float32, the content's additional weight, or None.
    codebooks:        of each region's style, where nearest features are painted with.
    question:         (h, w, 3), what the first sweep asks of; faces: (h, w) float32 or None, where styles answer for them.
    """

    content: NDArray[Any]
    painted: FloatArray
    regions: Sequence[FloatArray]
    targets: Sequence[GramTargets]
    content_weight_map: FloatArray | None
    codebooks: Sequence[Codebook] = ()
    question: NDArray[Any] | None = None
    faces: FloatArray | None = None


class WindowQuestions:
    """Asks for each window in turn, sweep by sweep."""

    def __init__(self, encoder: Encoder, config: EngineConfig, pictures: Pictures, cut: Cut) -> None:
        """`cut` gives what a box has of an array of the frame."""
        self.encoder, self.config, self.pictures, self.cut = encoder, config, pictures, cut
        self.keys = keys_asked(pictures.codebooks)
        self.margin = reach(encoder, self.keys)
        self.seen: dict[str, float] = {}
        self.share = 0.0

    def begin(self, number: int, box: Rect, side: int, union: Tensor) -> None:
        """What the sweep of this `number` asks of, the mean of it over the whole canvas, and how many cells that has.

        box: of the canvas in the frame; union: (H, W) where it is painted; side: pixels of what is looked at at once.
        """
        pictures = self.pictures
        self.again = number > 0
        self.asked = pictures.painted if self.again or pictures.question is None else pictures.question

        def parts() -> Iterator[tuple[Tensor, list[Tensor]]]:
            for (_, rows, columns), (_, own_rows, own_columns) in sparing(windows_of(box.shape, side, self.margin)):
                part = Rect(
                    box.top + rows.start, box.left + columns.start, box.top + rows.stop, box.left + columns.stop
                )
                inside = torch.zeros(part.shape, device=self.config.device)
                down, across = (
                    slice(own.start - all_.start, own.stop - all_.start)
                    for own, all_ in ((own_rows, rows), (own_columns, columns))
                )
                inside[down, across] = 1
                masks = [self.cut(region, part, "zero")[0, 0] * inside for region in pictures.regions]
                if any(bool(mask.any()) for mask in masks):
                    yield self.cut(self.asked, part), masks

        self.centres = means(self.encoder, self.keys, parts(), self.config.bf16)
        self.answered = float(union.sum()) / hypercolumns.STRIDE**2
        self.seen, self.share = {}, 0.0

    def term(self, window: Window, box: Rect, photo: Tensor, bf16: bool) -> NearestTerm:
        """The nearest features of one window, the `box` of the frame, whose content is `photo` (1, 3, h, w)."""
        pictures, nearest = self.pictures, self.config.nearest
        assert nearest is not None
        regions = [self.cut(region, box, "zero")[0, 0] for region in pictures.regions]
        more = (
            None if array is None else self.cut(array, box)[0, 0]
            for array in (pictures.content_weight_map, pictures.faces)
        )
        hold, faces = more
        return NearestTerm(
            self.encoder,
            self.keys,
            nearest,
            list(zip(regions, pictures.codebooks)),
            photo,
            self.cut(self.asked, box),
            hold=hold,
            faces=faces,
            again=self.again,
            bf16=bf16,
            core=self._core(window),
            total=self.answered,
            centres=self.centres,
        )

    def terms(self, local: object, after: dict[str, float]) -> dict[str, float]:
        """The terms of the whole, as far as it was seen in this sweep, when those of the window's `local` are `after`."""
        share = max(self.share + self._share(local), 1e-6)
        return {name: (self.seen.get(name, 0.0) + after[name]) / share for name in ("nearest", "content")}

    def end(self, local: object, after: dict[str, float]) -> None:
        """A window is done, with the terms `after`."""
        self.seen = {name: self.seen.get(name, 0.0) + after[name] for name in ("nearest", "content")}
        self.share += self._share(local)

    @staticmethod
    def _share(local: object) -> float:
        return local.share if isinstance(local, NearestTerm) else 0.0

    def _core(self, window: Window) -> Tensor:
        """(h, w) in {0, 1}: where hypercolumns of a window see what they see in the whole canvas."""
        core = torch.zeros(window.shape, device=self.config.device)
        spans = [
            slice(self.margin if begin > 0 else 0, end - begin - (self.margin if end < length else 0))
            for (begin, end), length in zip((window.rows, window.columns), window.size)
        ]
        core[spans[0], spans[1]] = 1
        return core
