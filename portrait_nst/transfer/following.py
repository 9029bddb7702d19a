"""Paints the frames of a clip that follow the first one: few steps at the finest scale, from the painting before.

Everything that belongs to the style is computed once: its codebook, its Gram targets, and the mean around which queries are
centred, which is the first frame's. So no statistic of a single frame can make the painting pump.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.planning.extent import Size
from portrait_nst.transfer import colour
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.codebook import Codebook, make_codebook
from portrait_nst.transfer.nearest.hypercolumns import Key, keys_for, keys_within
from portrait_nst.transfer.nearest.matching import NearestMatcher, means
from portrait_nst.transfer.objective.carried import Carried
from portrait_nst.transfer.objective.scale_problem import ScaleProblem
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.optim.factory import make_optimizer
from portrait_nst.transfer.optim.lbfgs import LBFGS
from portrait_nst.transfer.optim.parametrization import parametrization
from portrait_nst.transfer.rect import Rect, rect_around, union
from portrait_nst.transfer.target_store import TargetStore
from portrait_nst.types import FloatArray

Centres = Sequence[Mapping[Key, Tensor]]


@dataclass(frozen=True, eq=False)
class Following:
    """A frame and what the frame before says of it; all arrays have the size of the finest scale.

    content: (h, w, 3) float32 in [0, 1], the frame in the style's colours.
    masks:   (h, w) float32 in [0, 1] each, the region of each style.
    weights: (h, w; >= 0), the additional weight of the content, or None.
    faces:   (h, w) in [0, 1], where faces are that those of a style may match, or None.
    start:   (h, w, 3) float32 in [0, 1], the picture to begin with.
    before:  (h, w, 3), the painting before, carried along the flow; trust: (h, w) in [0, 1], how far it holds.
    work:    (h, w) in [0, 1]: where there is something to do.
    """

    content: FloatArray
    masks: Sequence[FloatArray]
    weights: FloatArray | None
    faces: FloatArray | None
    start: FloatArray
    before: FloatArray
    trust: FloatArray
    work: FloatArray


class Follower:
    """Paints frame after frame of one clip, all of one size and in the same styles."""

    def __init__(
        self, encoder: Encoder, config: EngineConfig, styles: Sequence[StyleSource], store: TargetStore, temporal: float
    ) -> None:
        """`config` is that of the first frame; `temporal` the weight of agreement with the frame before.

        Of `styles` only the pictures are used: where they paint, each frame says.
        """
        self.encoder, self.styles, self.store, self.temporal = encoder, styles, store, temporal
        self.config = replace(
            config, sizes=config.sizes[-1:], iterations=config.iterations[-1:], modes=config.modes[-1:], recolour=0.0
        )
        self.length: float | None = None  # of a step along the gradient that was right in the last frame
        self._codebooks: list[Codebook] = []
        self._targets: list[GramTargets] = []

    @property
    def size(self) -> Size:
        """(height, width) of all frames as they are painted."""
        return self.config.sizes[-1]

    def centres(self, painted: FloatArray, masks: Sequence[FloatArray]) -> Centres:
        """The mean hypercolumn of a painting (h, w, 3) in each region; the codebooks must be made for it."""
        if self.config.nearest is None:
            return []
        keys = max((codebook.metric.keys for codebook in self._books()), key=len)
        image = colour.tensor(painted, self.config.device)
        planes = [colour.tensor(mask, self.config.device)[0, 0] for mask in masks]
        return means(self.encoder, keys, [(image, planes)], self.config.bf16)

    def paint(self, frame: Following, centres: Centres, steps: int, shift: tuple[int, int] = (0, 0)) -> FloatArray:
        """The painting (h, w, 3) of `frame` after a number of `steps`; outside `work` it is the start.

        centres: from the first frame; shift: of the sampling grid, in rows and columns from 0 to 3.
        """
        if not steps or not (frame.work > 0).any():
            return frame.start
        box = rect_around(frame.work, beyond=self.config.beyond, grid=hypercolumns.STRIDE)
        problem = self._problem(frame, box, centres)
        problem.shift = shift if self.config.canvas == "pyramid" else (0, 0)
        pyramid = parametrization(box.shape, self.config.canvas, self.config.pyramid_levels, self.config.value_range)
        optimiser = make_optimizer(problem, pyramid, pyramid.analyse(self._tensor(frame.start, box)), steps)
        if isinstance(optimiser, LBFGS):
            optimiser.scale = self.length
        for _ in range(steps):
            optimiser.step()
        if isinstance(optimiser, LBFGS):
            self.length = optimiser.curvature
        with torch.no_grad():
            image = pyramid.synthesise(optimiser.x)
            image = colour.grey(image) if self.config.grey else image
            canvas = image[0].permute(1, 2, 0).clamp(0, 1).float().cpu().numpy()
        painted = frame.start.copy()
        box.paste(canvas, painted)
        found: FloatArray = frame.start + frame.work[..., None] * (painted - frame.start)
        return found

    def _problem(self, frame: Following, box: Rect, centres: Centres) -> ScaleProblem:
        config = self.config
        masks = [self._plane(mask * (frame.work > 0), box) for mask in frame.masks]
        content, painted = self._tensor(frame.content, box), torch.stack(masks).sum(0).clamp(0, 1)
        weights = None if frame.weights is None else self._tensor(frame.weights, box)[0, 0]
        whole = union(list(frame.masks))
        carried = Carried(
            self._tensor(frame.before, box), self._plane(frame.trust * whole, box), self.temporal, float(painted.sum())
        )
        matcher = None
        if config.nearest is not None:
            matched = any(part.faces is not None for style in self.styles for part in style.parts)
            faces = self._plane(frame.faces, box) if matched and frame.faces is not None else None
            regions = list(zip(masks, self._books()))
            matcher = NearestMatcher(self.encoder, regions, content, content, faces, again=True, centres=centres)
        return ScaleProblem(
            self.encoder,
            content,
            painted,
            weights,
            masks,
            self._style_targets(),
            config.for_canvas(0),
            matcher=matcher,
            carried=carried,
        )

    def _books(self) -> list[Codebook]:
        config = self.config
        if not self._codebooks and config.nearest is not None:
            keys, entries = keys_for(self.encoder, config), config.nearest.entries // len(self.styles)
            keys = keys_within(keys, self.size)
            self._codebooks = [
                make_codebook(self.encoder, style.parts, self.size, config, keys, entries) for style in self.styles
            ]
        return self._codebooks

    def _style_targets(self) -> list[GramTargets]:
        if not self._targets:
            self._targets = [
                self.store.of_mixture(self.encoder, style.parts, self.size, self.config) for style in self.styles
            ]
        return self._targets

    def _tensor(self, array: FloatArray, box: Rect) -> Tensor:
        return colour.tensor(box.cut(array), self.config.device)

    def _plane(self, mask: FloatArray, box: Rect) -> Tensor:
        return colour.tensor(box.cut(np.asarray(mask, np.float32), outside="zero"), self.config.device)[0, 0]
