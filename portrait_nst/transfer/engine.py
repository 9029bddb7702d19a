"""The coarse-to-fine engine: it optimises a painting scale by scale and yields a `Step` after each iteration."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from portrait_nst.encoders import Encoder
from portrait_nst.errors import InputError
from portrait_nst.planning.extent import Size
from portrait_nst.transfer import colour, timing
from portrait_nst.transfer.allocator import give_back, keep_freed_memory
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.content_weights import ContentWeights
from portrait_nst.transfer.faces.controller import LikenessController, Portrait
from portrait_nst.transfer.initialization import in_bytes
from portrait_nst.transfer.objective.scale_problem import ScaleProblem
from portrait_nst.transfer.optim.factory import NOT_FINITE, make_optimizer
from portrait_nst.transfer.optim.lbfgs import Optimizer
from portrait_nst.transfer.optim.parametrization import Parametrization, parametrization
from portrait_nst.transfer.photo_inputs import PhotoInputs
from portrait_nst.transfer.rect import Rect
from portrait_nst.transfer.scale_builder import ScaleBuilder, ScaleStart
from portrait_nst.transfer.target_store import TargetStore
from portrait_nst.transfer.timing import ETA, USUAL, TimeEstimate, time_estimate
from portrait_nst.transfer.windowed_optimizer import Progress, check_windowed, steps_per_pass
from portrait_nst.types import FloatArray, Step, UInt8Array

SETTLED_OVER = 8  # steps over which the objective must fall by the tolerance


class StyleOptimizer:
    """One painting in the making.

    `frame` (h, w, 3) float32 holds the whole picture at the scale reached so far: the painting inside the canvas, and the photo
    elsewhere. Iterate over `steps()` to advance; the iteration may stop at any step.
    """

    def __init__(
        self,
        encoder: Encoder,
        photo: FloatArray | UInt8Array,
        styles: Sequence[StyleSource],
        config: EngineConfig,
        content_weight_map: FloatArray | None = None,
        *,
        initial_image: FloatArray | None = None,
        store: TargetStore | None = None,
        portrait: Portrait | None = None,
        faces: FloatArray | None = None,
    ) -> None:
        """Prepare to paint `photo`, (H, W, 3) RGB at its own resolution, uint8 or float32 in [0, 1].

        content_weight_map: (H, W; >= 0), the additional weight of the photo's content: 1 doubles its weight.
        initial_image:      (h, w, 3; [0, 1]), the start of the coarsest scale, instead of the one of ``config.init``.
        store:              where style targets are kept.
        portrait:           the photo's faces, for a goal of likeness, gain maps or an identity loss.
        faces:              (H, W; [0, 1]), where faces are, for styles whose own faces are to be matched with them.

        Raises ValueError if `config` asks for windows and the objective cannot be painted window by window.
        """
        check_windowed(config, portrait)
        if config.device == "cpu":
            keep_freed_memory()
        self.encoder = encoder.to(torch.device(config.device))
        self.styles, self.config = styles, config
        self.inputs = PhotoInputs(photo, styles, config, faces, initial_image)
        self.content_weights = ContentWeights(self.inputs.crop, content_weight_map, portrait)
        self.builder = ScaleBuilder(
            self.encoder, config, styles, self.inputs, self.content_weights, portrait, store or TargetStore()
        )
        self.frame: FloatArray | None = None
        self._box: Rect | None = None
        self._live: tuple[Parametrization, Optimizer] | None = None

    def steps(self, expected: TimeEstimate | None = None) -> Iterator[Step]:
        """Paint, and yield a `Step` after each iteration.

        expected: the result of `estimate_time` for this painting. Without it, the remaining time follows from the time spent.
        """
        began = time.monotonic()
        usual = expected or time_estimate(USUAL, self.config, self.canvas_sizes(), self.style_pictures)
        eta = ETA(usual, absolute=expected is not None)
        scales = len(self.inputs.sizes)
        for scale, size in enumerate(self.inputs.sizes):
            paint = self._paint_windows if self.config.mode(scale) == "windowed" else self._paint_canvas
            for done, planned, losses, note in paint(scale):
                spent = time.monotonic() - began
                left = eta.seconds(scale, done / planned, spent)
                yield Step(scale, scales, done - 1, planned, losses, spent, left, size, self.image, note)
            self._collect(leave=True)

    def canvas_sizes(self) -> list[Size]:
        """The (height, width) of the canvas at each scale, coarse to fine."""
        return self.inputs.canvas_sizes()

    @property
    def style_pictures(self) -> int:
        """The number of pictures of all styles together."""
        return sum(len(style.parts) for style in self.styles)

    def image(self) -> UInt8Array:
        """The frame as it is now, (h, w, 3) uint8."""
        self._collect()
        assert self.frame is not None
        return self.inputs.in_photo(in_bytes(self.frame))

    def finish(self) -> FloatArray:
        """The painting at its finest size, (h, w, 3) float32 in [0, 1], even if it was stopped at a coarser scale."""
        self._collect(leave=True)
        assert self.frame is not None
        size = self.inputs.sizes[-1]
        if self.frame.shape[:2] != size:
            self.frame = colour.resize(self.frame, size)
        return self.inputs.in_photo(np.clip(self.frame, 0, 1))

    def _paint_canvas(self, scale: int) -> Iterator[Progress]:
        """Optimise the whole canvas of one scale at once."""
        planned = self.config.iterations[scale]
        values: list[float] = []  # of the objective since its last change
        optimiser, canvas, start = self._enter(scale)
        notes = list(dict.fromkeys(canvas.notes))
        done, every = 0, self.config.grid_moves_every
        while done < planned:
            if done and every and done % every == 0:
                self._move_grid(canvas, optimiser)
                values.clear()
            if self.content_weights.changed(scale, done, self.image):
                self._weigh_faces(canvas, optimiser, start)
                values.clear()
            try:
                note = optimiser.step()
            except FloatingPointError:
                raise InputError(NOT_FINITE) from None
            losses = canvas.accept(optimiser.value)
            values.append(losses["total"])
            done += 1
            yield Progress(done, planned, losses, "; ".join(filter(None, [note, *notes])))
            notes = []
            if done < planned and not self._settled(values):
                continue
            extra = self.content_weights.extra_steps(scale, self.image)
            planned = done + extra
            if extra:
                self._weigh_faces(canvas, optimiser, start)
                values.clear()

    def _paint_windows(self, scale: int) -> Iterator[Progress]:
        """Optimise the canvas of one scale window by window, in several passes."""
        give_back()
        targets = self.builder.targets(scale)
        give_back()
        start = self._begin(scale)
        optimizer, size = self.builder.windowed(scale, start, targets), start.size
        frame = optimizer.frame
        left = steps_per_pass(self.config.iterations[scale])
        before = number = 0
        while left:
            if number and self.content_weights.changed(scale, LikenessController.every, self.image):
                frame.content_weight_map = self.content_weights.at(size)
            count = left.pop(0)
            windows = 0
            for done, planned, losses, note in optimizer.paint_pass(number, count):
                windows = planned // count
                yield Progress(before + done, before + planned + windows * sum(left), losses, note)
            before, number, frame.query = before + windows * count, number + 1, None
            if not left and self.content_weights.extra_steps(scale, self.image):
                frame.content_weight_map = self.content_weights.at(size)
                left = [count]

    def _begin(self, scale: int) -> ScaleStart:
        """Bring the frame to a scale."""
        start = self.builder.begin(scale, self.frame)
        self.frame, self._box = start.frame, start.box
        return start

    def _enter(self, scale: int) -> tuple[Optimizer, ScaleProblem, ScaleStart]:
        """The canvas of a scale that is optimised at once, its optimiser, and the start of the scale."""
        config, fresh = self.config, self.frame is None
        start = self._begin(scale)
        canvas = self.builder.problem(scale, start)
        pyramid = parametrization(start.box.shape, config.canvas, config.pyramid_levels, config.value_range)
        if config.canvas == "pyramid" and config.jitter_every and not fresh:
            canvas.jitter()
        coefficients = pyramid.analyse(self.builder.tensor(start.box.cut(start.frame)))
        optimiser = make_optimizer(canvas, pyramid, coefficients, config.iterations[scale])
        self._live = pyramid, optimiser
        return optimiser, canvas, start

    def _move_grid(self, canvas: ScaleProblem, optimiser: Optimizer) -> None:
        """Move the objective to another sampling grid, for which nearest features are searched again."""
        if self.config.canvas == "pyramid":
            canvas.jitter()
        assert self._live is not None
        optimiser.renew(canvas.objective(self._live[0]))

    def _weigh_faces(self, canvas: ScaleProblem, optimiser: Optimizer, start: ScaleStart) -> None:
        """Give the content at faces the weight that the goal of likeness now requires."""
        canvas.content_weight_map = self.builder.weights_in(start)
        assert self._live is not None
        optimiser.renew(canvas.objective(self._live[0]))

    def _settled(self, values: list[float]) -> bool:
        """Whether the objective has stopped falling. Only L-BFGS lowers it in every step, so others never settle."""
        if self.config.optimizer != "lbfgs" or self.config.tolerance <= 0 or len(values) <= SETTLED_OVER:
            return False
        return values[-1 - SETTLED_OVER] - values[-1] < self.config.tolerance * abs(values[-1 - SETTLED_OVER])

    def _collect(self, leave: bool = False) -> None:
        """Copy the optimiser's picture into the frame; `leave` drops the optimiser, at the end of a scale."""
        if self._live is not None and self._box is not None and self.frame is not None:
            pyramid, optimiser = self._live
            with torch.no_grad():
                image = pyramid.synthesise(optimiser.x)
                image = colour.grey(image) if self.config.grey else image
                canvas = image[0].permute(1, 2, 0).clamp(0, 1)
            self._box.paste(canvas.float().cpu().numpy(), self.frame)
        self._live = None if leave else self._live


def estimate_time(optimizer: StyleOptimizer) -> TimeEstimate | None:
    """How long `optimizer` will take on this machine; None where that cannot be measured."""
    config, canvases = optimizer.config, optimizer.canvas_sizes()
    cost = timing.measured(optimizer.encoder, config, len(optimizer.styles), canvases[:2])
    return None if cost is None else time_estimate(cost, config, canvases, optimizer.style_pictures)
