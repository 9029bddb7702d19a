"""Builds what is optimised at each scale: the start, and the problem of a canvas or of its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import colour
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.content_weights import ContentWeights
from portrait_nst.transfer.faces.controller import Portrait
from portrait_nst.transfer.initialization import first_frame, halved, refined
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.window_matching import FrameArrays
from portrait_nst.transfer.objective.problem import ScaleProblem
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.photo_inputs import PhotoInputs, Size
from portrait_nst.transfer.rect import Rect, union
from portrait_nst.transfer.scale_setup import answered_faces, codebooks, face_terms, matcher
from portrait_nst.transfer.targets import TargetStore
from portrait_nst.transfer.windowed import WindowedOptimizer
from portrait_nst.types import FloatArray


@dataclass(eq=False)
class ScaleStart:
    """Where a scale begins; arrays are those of the frame.

    size:    (height, width) of the frame.
    content: (h, w, 3), what is kept of the photo.
    masks:   (h, w) float32 each, the region of each style.
    box:     of the canvas in the frame.
    frame:   (h, w, 3) float32, the picture that is painted on.
    query:   (h, w, 3), the picture whose nearest features are looked for first; None without nearest features.
    """

    size: Size
    content: FloatArray
    masks: list[FloatArray]
    box: Rect
    frame: FloatArray
    query: NDArray[Any] | None


class ScaleBuilder:
    """Knows everything about a painting that does not change from scale to scale."""

    def __init__(
        self,
        encoder: Encoder,
        config: EngineConfig,
        styles: Sequence[StyleSource],
        inputs: PhotoInputs,
        content_weights: ContentWeights,
        portrait: Portrait | None,
        store: TargetStore,
    ) -> None:
        """Keep references to all of these; see `StyleOptimizer`."""
        self.encoder, self.config, self.styles, self.inputs = encoder, config, styles, inputs
        self.content_weights, self.portrait, self.store = content_weights, portrait, store

    def begin(self, scale: int, frame: FloatArray | None) -> ScaleStart:
        """The start of a scale after the `frame` of the scale before; None at the coarsest."""
        size, nearest = self.inputs.sizes[scale], self.config.nearest
        content, masks, box = self.inputs.at(size)
        query: NDArray[Any] | None = None
        if frame is None:
            frame = first_frame(content, self.config, self.inputs.initial_image)
            query = content if self.inputs.initial_image is None else frame
        elif nearest is None:
            frame = refined(frame, content, box)
        else:
            query = refined(frame, content, box)
            query = query if self.config.mode(scale) == "whole" else halved(query)
            frame = refined(frame, content, box, nearest.detail)
        return ScaleStart(size, content, masks, box, frame, query if nearest is not None else None)

    def targets(self, scale: int) -> list[GramTargets]:
        """The statistics of each style, seen at the size of a scale."""
        size = self.config.sizes[scale]
        return [self.store.of_mixture(self.encoder, style.parts, size, self.config) for style in self.styles]

    def problem(self, scale: int, start: ScaleStart) -> ScaleProblem:
        """The problem of a canvas that is optimised at once, whole or in tiles. Takes the `query` of the `start`."""
        config, box = self.config.for_canvas(scale), start.box
        weights, targets, nearest = self.weights_in(start), self.targets(scale), None
        if start.query is not None:
            query, start.query = start.query, None
            books, faces = self._codebooks(scale, box), self._faces(start.size)
            nearest = matcher(self.encoder, books, box, start.content, query, start.masks, faces, config.device)
        return ScaleProblem(
            self.encoder,
            self.tensor(box.cut(start.content)),
            self._plane(union(start.masks), box),
            weights,
            [self._plane(mask, box) for mask in start.masks],
            targets,
            config,
            *face_terms(self.portrait, self.inputs.crop, config, scale, box),
            nearest,
        )

    def windowed(self, scale: int, start: ScaleStart, targets: Sequence[GramTargets]) -> WindowedOptimizer:
        """The optimizer of a canvas that is painted window by window. Takes the `query` of the `start`."""
        frame = FrameArrays(start.content, start.frame, start.masks, targets, self.content_weights.at(start.size))
        if start.query is not None:
            frame.codebooks, frame.query, start.query = self._codebooks(scale, start.box), start.query, None
            frame.faces = self._faces(start.size)
        return WindowedOptimizer(self.encoder, self.config, frame, start.box)

    def weights_in(self, start: ScaleStart) -> Tensor | None:
        """The content's additional weight on the canvas, (H, W), as it is now; None for none."""
        weights = self.content_weights.at(start.size)
        return None if weights is None else self.tensor(start.box.cut(weights))[0, 0]

    def tensor(self, array: FloatArray) -> Tensor:
        """An array (H, W[, c]) as a tensor (1, c, H, W) on the device."""
        return colour.tensor(array, self.config.device)

    def _codebooks(self, scale: int, box: Rect) -> list[Codebook]:
        return codebooks(self.encoder, self.styles, self.config.sizes[scale], box.shape, self.config)

    def _faces(self, size: Size) -> FloatArray | None:
        return answered_faces(self.inputs.faces, self.styles, size)

    def _plane(self, mask: FloatArray, box: Rect) -> Tensor:
        return self.tensor(box.cut(mask, outside="zero"))[0, 0]
