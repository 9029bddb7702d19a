"""The coarse-to-fine engine: optimises a painting scale by scale and yields a `Step` after each iteration."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.errors import InputError
from portrait_nst.transfer import colour
from portrait_nst.transfer.config import EngineConfig, StyleSource
from portrait_nst.transfer.crop import Crop
from portrait_nst.transfer.faces.controller import LikenessController, Portrait
from portrait_nst.transfer.initialization import content_of, first_frame, halved, in_bytes, refined, sized
from portrait_nst.transfer.memory import give_back, keep_freed_memory
from portrait_nst.transfer.nearest.codebook import Codebook
from portrait_nst.transfer.nearest.matching import NearestMatcher
from portrait_nst.transfer.nearest.window_matching import Pictures
from portrait_nst.transfer.objective.problem import ScaleProblem
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.optim.factory import NOT_FINITE, make_optimizer
from portrait_nst.transfer.optim.lbfgs import Optimizer
from portrait_nst.transfer.optim.parametrization import Parametrization, parametrization
from portrait_nst.transfer.rect import Rect, rect_around, union
from portrait_nst.transfer.scale_setup import answered_faces, codebooks, face_terms, matcher
from portrait_nst.transfer.targets import TargetStore
from portrait_nst.transfer.timing import ETA, USUAL, TimeEstimate, time_estimate
from portrait_nst.transfer.windowed import Progress, WindowedOptimizer, can_sweep, spread
from portrait_nst.types import FloatArray, Step, UInt8Array

WINDOW = 8


class StyleOptimizer:
    """One painting in the making.

    `frame` (h, w, 3) float32 holds the whole picture at the scale reached so far, painted inside the box and the
    photo elsewhere. Iterate over `steps()` to advance; stop whenever you like.
    """

    def __init__(
        self,
        encoder: Encoder,
        photo: FloatArray | UInt8Array,
        styles: Sequence[StyleSource],
        config: EngineConfig,
        hold: FloatArray | None = None,
        *,
        start: FloatArray | None = None,
        store: TargetStore | None = None,
        portrait: Portrait | None = None,
        faces: FloatArray | None = None,
    ) -> None:
        """`photo` is (H, W, 3) RGB at its own resolution, uint8 or float32 in [0, 1].

        `hold` (H, W; >= 0) says where the photo's content is to be held more firmly: 1 doubles its weight.
        `start` (h, w, 3; [0, 1]) is what it begins from, instead of what ``config.init`` says. `store` keeps style targets.
        `portrait` tells of the photo's faces, for a goal of likeness, gain maps or an identity loss; `faces` (H, W; [0, 1]) where
        they are, for styles whose own faces are to answer for them.
        """
        if config.device == "cpu":
            keep_freed_memory()
        self.encoder = encoder.to(torch.device(config.device))
        self.styles, self.config = styles, config
        size, large = (photo.shape[0], photo.shape[1]), config.tiling.needed_for(config.sizes[-1])
        self.view = view = Crop(size, config.sizes, [style.region for style in styles], whole=not large)
        self.base = None if view.all else in_bytes(photo)
        self.regions = [view.cut(style.region) for style in styles]
        self.hold = None if hold is None else view.cut(hold)
        self.faces = None if faces is None else view.cut(faces)
        self.store = store or TargetStore()
        viewed = view.cut(photo)
        if photo.dtype == np.uint8:
            viewed /= np.float32(255)
        self.content, recoloured = content_of(viewed, styles, self.regions, config)
        self.start = view.cut(start) if start is not None else recoloured if config.init == "statistics" else None
        if large:
            self.content = halved(self.content)
        self.portrait = portrait
        self.sweeps = can_sweep(config, portrait)
        self.keeper: LikenessController | None = None
        if portrait is not None and portrait.goal and portrait.measure is not None:
            self.keeper = LikenessController(portrait.goal, portrait.measure)
        self.frame: FloatArray | None = None
        self.question: NDArray[Any] | None = None
        self._box: Rect | None = None
        self._live: tuple[Parametrization, Optimizer] | None = None

    def steps(self, expected: TimeEstimate | None = None) -> Iterator[Step]:
        """`expected` is what `pace.estimate_time` says of this painting; without it what is left goes by what was done only."""
        began = time.monotonic()
        usual = expected or time_estimate(USUAL, self.config, self.view.sizes, self.regions, self.styles)
        remaining = ETA(usual, absolute=expected is not None)
        scales = len(self.view.sizes)
        for scale, size in enumerate(self.view.sizes):
            work = self._sweep if self.sweeps and self.config.tiling.needed_for(size) else self._descend
            for done, planned, losses, note in work(scale, size):
                spent = time.monotonic() - began
                left = remaining.seconds(scale, done / planned, spent)
                yield Step(scale, scales, done - 1, planned, losses, spent, left, size, self.image, note)
            self._collect(leave=True)

    def _descend(self, scale: int, size: tuple[int, int]) -> Iterator[Progress]:
        """Paint the whole canvas of one scale at once."""
        planned = self.config.iterations[scale]
        values: list[float] = []
        optimiser, canvas = self._enter(scale, size)
        notes = list(dict.fromkeys(canvas.notes))
        done, moves = 0, self.config.jitter_every if self.config.canvas == "pyramid" or self.config.nearest else 0
        while done < planned:
            if done and moves and done % moves == 0:
                self._move_grid(canvas, optimiser, size)
                values.clear()  # on another grid the objective is another
            if self._look(scale, done):
                self._hold_faces(canvas, optimiser, size)
                values.clear()
            try:
                note = optimiser.step()
            except FloatingPointError:
                raise InputError(NOT_FINITE) from None
            losses = canvas.accept(optimiser.value)
            values.append(losses["total"])
            done += 1
            yield done, planned, losses, "; ".join(filter(None, [note, *notes]))
            notes = []
            if done < planned and not self._settled(values):
                continue
            more = self._more(scale)
            planned = done + more
            if more:
                self._hold_faces(canvas, optimiser, size)
                values.clear()

    def _sweep(self, scale: int, size: tuple[int, int]) -> Iterator[Progress]:
        """Paint the canvas of one scale window by window."""
        give_back()
        targets = self._targets(scale)
        give_back()
        content, masks, box = self._begin(scale, size)
        assert self.frame is not None
        pictures = Pictures(content, self.frame, masks, targets, self._held(size))
        if self.config.nearest is not None:
            pictures.codebooks, pictures.query, self.question = self._codebooks(size), self.question, None
            pictures.faces = answered_faces(self.faces, self.styles, size)
        sweeper = WindowedOptimizer(self.encoder, self.config, pictures, box)
        left = spread(self.config.iterations[scale])
        before = number = 0
        while left:
            if number and self._look(scale, LikenessController.every):
                pictures.content_weight_map = self._held(size)
            count = left.pop(0)
            windows = 0
            for done, planned, losses, note in sweeper.sweep(number, count):
                windows = planned // count
                yield before + done, before + planned + windows * sum(left), losses, note
            before, number, pictures.query = before + windows * count, number + 1, None
            if not left and self._more(scale):
                pictures.content_weight_map = self._held(size)
                left = [count]

    def image(self) -> UInt8Array:
        """The frame as it is now, (h, w, 3) uint8."""
        self._collect()
        assert self.frame is not None
        return self._whole(in_bytes(self.frame))

    def finish(self) -> FloatArray:
        """The painting at its finest size, (h, w, 3) float32 in [0, 1], also when it was stopped at a coarser one."""
        self._collect(leave=True)
        assert self.frame is not None
        size = self.view.sizes[-1]
        if self.frame.shape[:2] != size:
            self.frame = colour.resize(self.frame, size)
        return self._whole(np.clip(self.frame, 0, 1))

    def _whole(self, part: NDArray[Any]) -> NDArray[Any]:
        """The view's `part` (h, w, 3) in the whole photo at that scale."""
        return part if self.base is None else self.view.paste(part, self.base)

    @property
    def firmness(self) -> float:
        """How many times more firmly than without a goal of likeness the faces are held now."""
        return 1.0 if self.keeper is None else self.keeper.firmness

    def _move_grid(self, canvas: ScaleProblem, optimiser: Optimizer, size: tuple[int, int]) -> None:
        if self.config.canvas == "pyramid":
            canvas.jitter()
        assert self._live is not None
        optimiser.renew(canvas.objective(self._live[0]))

    def _look(self, scale: int, iteration: int) -> bool:
        """Whether the faces, looked at now, are to be held otherwise than so far."""
        if self.keeper is None or not self.keeper.due(scale, len(self.view.sizes), iteration):
            return False
        return self.keeper.look(self.image())

    def _hold_faces(self, canvas: ScaleProblem, optimiser: Optimizer, size: tuple[int, int]) -> None:
        """Hold the faces as firmly as the keeper has it now."""
        assert self._live is not None
        canvas.content_weight_map = self._held_in_box(size)
        optimiser.renew(canvas.objective(self._live[0]))

    def _held(self, size: tuple[int, int]) -> FloatArray | None:
        """How much more firmly the photo is held, over a frame of `size`."""
        hold = None if self.hold is None else sized(self.hold, size)
        if self.keeper is not None and self.portrait is not None:
            hold = self.keeper.weight_map(hold, colour.resize(self.view.cut(self.portrait.face), size))
        return hold

    def _held_in_box(self, size: tuple[int, int]) -> Tensor | None:
        hold = self._held(size)
        assert self._box is not None
        return None if hold is None else self._tensor(self._box.cut(hold))[0, 0]

    def _more(self, scale: int) -> int:
        """How many iterations more the faces need at the end of a scale."""
        last = scale + 1 == len(self.view.sizes)
        return self.keeper.more(self.image()) if self.keeper is not None and last else 0

    def _settled(self, values: list[float]) -> bool:
        goes_down = self.config.optimizer == "lbfgs"  # step by step, as the others do not
        if not goes_down or self.config.tolerance <= 0 or len(values) <= WINDOW:
            return False
        return values[-1 - WINDOW] - values[-1] < self.config.tolerance * abs(values[-1 - WINDOW])

    def _begin(self, scale: int, size: tuple[int, int]) -> tuple[FloatArray, list[FloatArray], Rect]:
        """Set the frame and the box of one scale, warm-started from the one before; the content and the regions there."""
        content, masks = sized(self.content, size), [sized(region, size) for region in self.regions]
        self._box = box = rect_around(union(masks), beyond=self.config.beyond, grid=self.config.grid)
        nearest = self.config.nearest
        if self.frame is None:
            self.frame = first_frame(content, self.config, self.start)
            self.question = content if self.start is None else self.frame
        elif nearest is None:
            self.frame = refined(self.frame, content, box)
        else:
            self.question = refined(self.frame, content, box)
            if self.config.tiling.needed_for(size):
                self.question = halved(self.question)
            self.frame = refined(self.frame, content, box, nearest.detail)
        return content, masks, box

    def _targets(self, scale: int) -> list[GramTargets]:
        return [
            self.store.of_mixture(self.encoder, s.parts, self.config.sizes[scale], self.config) for s in self.styles
        ]

    def _enter(self, scale: int, size: tuple[int, int]) -> tuple[Optimizer, ScaleProblem]:
        """Set up the canvas of one scale and its optimiser."""
        config, fresh = self.config, self.frame is None
        content, masks, box = self._begin(scale, size)
        assert self.frame is not None
        canvas = ScaleProblem(
            self.encoder,
            self._tensor(box.cut(content)),
            self._tensor(box.cut(union(masks), outside="zero"))[0, 0],
            self._held_in_box(size),
            [self._tensor(box.cut(mask, outside="zero"))[0, 0] for mask in masks],
            self._targets(scale),
            config,
            *face_terms(self.portrait, self.view, self.config, scale, box),
            self._asker(size, content, masks, box),
        )
        pyramid = parametrization(box.shape, config.canvas, config.pyramid_levels, config.unit)
        if config.canvas == "pyramid" and config.jitter_every and not fresh:
            canvas.jitter()
        start = pyramid.analyse(self._tensor(box.cut(self.frame)))
        optimiser = make_optimizer(canvas, pyramid, start, config.iterations[scale])
        self._live = pyramid, optimiser
        return optimiser, canvas

    def _codebooks(self, size: tuple[int, int]) -> list[Codebook]:
        assert self._box is not None
        frame, canvas = self.config.sizes[self.view.sizes.index(size)], self._box.shape
        return codebooks(self.encoder, self.styles, frame, canvas, self.config)

    def _asker(
        self, size: tuple[int, int], content: FloatArray, masks: Sequence[FloatArray], box: Rect
    ) -> NearestMatcher | None:
        if self.config.nearest is None:
            return None
        assert self.question is not None
        question, self.question = self.question, None
        faces = answered_faces(self.faces, self.styles, size)
        return matcher(self.encoder, self._codebooks(size), box, content, question, masks, faces, self.config.device)

    def _collect(self, leave: bool = False) -> None:
        """Bring the optimiser's picture into the frame, at the end of a scale for the last time."""
        if self._live is not None and self._box is not None and self.frame is not None:
            pyramid, optimiser = self._live
            with torch.no_grad():
                image = pyramid.synthesise(optimiser.x)
                image = colour.grey(image) if self.config.grey else image
                canvas = image[0].permute(1, 2, 0).clamp(0, 1)
            self._box.paste(canvas.float().cpu().numpy(), self.frame)
        self._live = None if leave else self._live

    def _tensor(self, array: NDArray[np.float32]) -> Tensor:
        return colour.tensor(array, self.config.device)
