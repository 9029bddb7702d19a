"""Builds the start of each scale, and the problem that is solved there: of a whole canvas or of its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.planning.extent import Size
from portrait_nst.transfer import colour
from portrait_nst.transfer.allocator import give_back
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.content_weights import ContentWeights
from portrait_nst.transfer.faces.controller import Portrait
from portrait_nst.transfer.faces.gain_maps import Sitter
from portrait_nst.transfer.initialization import first_frame, halved, refined, sized
from portrait_nst.transfer.nearest.codebook import Codebook, make_codebook
from portrait_nst.transfer.nearest.hypercolumns import keys_for, keys_within
from portrait_nst.transfer.nearest.matching import NearestMatcher
from portrait_nst.transfer.nearest.window_matching import FrameArrays
from portrait_nst.transfer.objective.scale_problem import IdentityTerm, ScaleProblem
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.photo_inputs import PhotoInputs
from portrait_nst.transfer.rect import Rect, union
from portrait_nst.transfer.target_store import TargetStore
from portrait_nst.transfer.windowed_optimizer import WindowedOptimizer
from portrait_nst.types import FloatArray


@dataclass(eq=False)
class ScaleStart:
    """The start of a scale; arrays have the size of the frame.

    size:    (height, width) of the frame.
    content: (h, w, 3), the picture whose content is preserved.
    masks:   (h, w) float32 each, the region of each style.
    box:     the canvas in the frame.
    frame:   (h, w, 3) float32, the painting so far, which the scale continues.
    query:   (h, w, 3), the picture whose nearest features are searched first; None without nearest features.
    """

    size: Size
    content: FloatArray
    masks: list[FloatArray]
    box: Rect
    frame: FloatArray
    query: NDArray[Any] | None


class ScaleBuilder:
    """Everything about a painting that does not change from scale to scale."""

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
        """Keep references to all arguments, which `StyleOptimizer` describes."""
        self.encoder, self.config, self.styles, self.inputs = encoder, config, styles, inputs
        self.content_weights, self.portrait, self.store = content_weights, portrait, store

    def begin(self, scale: int, frame: FloatArray | None) -> ScaleStart:
        """The start of a scale from the `frame` of the scale before, which is None at the coarsest scale."""
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
        """The feature statistics of each style at the size of a scale."""
        size = self.config.sizes[scale]
        return [self.store.of_mixture(self.encoder, style.parts, size, self.config) for style in self.styles]

    def problem(self, scale: int, start: ScaleStart) -> ScaleProblem:
        """The problem of a canvas that is optimised at once, whole or in tiles. It clears the `query` of the `start`."""
        box, weights, targets = start.box, self.weights_in(start), self.targets(scale)
        content = self.tensor(box.cut(start.content))
        masks = [self._plane(mask, box) for mask in start.masks]
        matcher = None
        if start.query is not None:
            query, start.query = start.query, None
            regions, faces = list(zip(masks, self._codebooks(scale, box))), self._faces(start.size)
            there = None if faces is None else self._plane(faces, box)
            matcher = NearestMatcher(self.encoder, regions, content, self.tensor(box.cut(query)), there)
        painted, config = self._plane(union(start.masks), box), self.config.for_canvas(scale)
        sitter, identity = self._face_terms(scale, box)
        return ScaleProblem(self.encoder, content, painted, weights, masks, targets, config, sitter, identity, matcher)

    def windowed(self, scale: int, start: ScaleStart, targets: Sequence[GramTargets]) -> WindowedOptimizer:
        """The optimizer of a canvas that is painted window by window. Takes the `query` of the `start`."""
        frame = FrameArrays(start.content, start.frame, start.masks, targets, self.content_weights.at(start.size))
        if start.query is not None:
            frame.codebooks, frame.query, start.query = self._codebooks(scale, start.box), start.query, None
            frame.faces = self._faces(start.size)
        return WindowedOptimizer(self.encoder, self.config, frame, start.box)

    def weights_in(self, start: ScaleStart) -> Tensor | None:
        """The present additional weight of the content on the canvas, (H, W); None if there is none."""
        weights = self.content_weights.at(start.size)
        return None if weights is None else self.tensor(start.box.cut(weights))[0, 0]

    def tensor(self, array: FloatArray) -> Tensor:
        """An array (H, W[, c]) as a tensor (1, c, H, W) on the device."""
        return colour.tensor(array, self.config.device)

    def _codebooks(self, scale: int, box: Rect) -> list[Codebook]:
        """The codebook of each style; together they are no larger than the codebook of a single style."""
        config = self.config
        assert config.nearest is not None
        keys = keys_within(keys_for(self.encoder, config), box.shape)
        entries = config.nearest.entries // len(self.styles)
        found = []
        for style in self.styles:
            give_back()
            found.append(make_codebook(self.encoder, style.parts, config.sizes[scale], config, keys, entries))
        give_back()
        return found

    def _faces(self, size: Size) -> FloatArray | None:
        """Where the photo's faces are, at `size`, if the pictures of any style have faces that can match them."""
        matched = any(part.faces is not None for style in self.styles for part in style.parts)
        return sized(self.inputs.faces, size) if self.inputs.faces is not None and matched else None

    def _face_terms(self, scale: int, box: Rect) -> tuple[Sitter | None, IdentityTerm | None]:
        """What the portrait adds to the objective of a scale: the sitter for gain maps, and the identity loss."""
        if self.portrait is None:
            return None, None
        portrait, crop, frame = self.portrait, self.inputs.crop, self.config.sizes[scale]
        size = crop.sizes[scale]
        sitter, term = None, None
        if portrait.sitter is not None:
            image, face = (colour.resize(crop.cut(array), size) for array in (portrait.sitter, portrait.face))
            image = colour.grey_array(image) if self.config.grey else image
            sitter = Sitter(self.tensor(box.cut(image)), self._plane(np.clip(face, 0, 1), box))
        identity, (top, left) = portrait.identity, crop.origin(size)
        if identity is not None and identity.sees(frame):

            def term(canvas: Tensor, shift: tuple[int, int]) -> Tensor:
                return identity.distance(canvas, frame, (top + box.top + shift[0], left + box.left + shift[1]))

        return sitter, term

    def _plane(self, mask: FloatArray, box: Rect) -> Tensor:
        return self.tensor(box.cut(mask, outside="zero"))[0, 0]
