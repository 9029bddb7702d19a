"""Paint a canvas window by window whose feature maps and optimizer state would not fit in memory.

Only the picture itself stays in memory. A pass first measures the feature statistics of the whole canvas. Then it optimizes
each window in turn for a few steps, with the objective that `objective.windowed` derives. No seams appear: all windows share
the statistics of the whole canvas, changes fade out towards the edges of a window, and the windows of the next pass lie across
these edges.

`objective.tiled` computes the gradient of the whole canvas instead. Compared with it, no vector of the optimizer is as long as
the picture, each window has its own estimate of the curvature, and a step takes one pass through the network and not two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.errors import is_out_of_memory
from portrait_nst.transfer import colour, functional
from portrait_nst.transfer.allocator import give_back, sparing
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.faces.controller import Portrait
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.window_matching import FrameArrays, WindowMatcher
from portrait_nst.transfer.objective import tiled
from portrait_nst.transfer.objective.build import Region, content_weights, plan_style, weighted_mask
from portrait_nst.transfer.objective.scale_problem import SMALLEST_TILE, ScaleProblem, shifts
from portrait_nst.transfer.objective.terms import ContentTerm, Terms
from portrait_nst.transfer.objective.tiles import Tiling, tiles
from portrait_nst.transfer.objective.windowed import (
    BlendedParametrization,
    GlobalStatistic,
    RunningVariance,
    Window,
    WindowObjective,
    windows,
)
from portrait_nst.transfer.optim.factory import make_optimizer
from portrait_nst.transfer.optim.lbfgs import LBFGS
from portrait_nst.transfer.optim.parametrization import Pyramid
from portrait_nst.transfer.rect import Rect
from portrait_nst.types import FloatArray

SIDE, SIDE_GPU = 512, 2048  # side in pixels of the part of a window that may change fully
LEAST_PASSES = 2
MOST_STEPS = (
    6  # steps of a window in one pass: after more of them the statistics of the whole canvas would be out of date
)
USUAL_HALO = 32  # pixels: the reach of the embedded encoder's receptive fields


class Progress(NamedTuple):
    """One step on a canvas: the steps done and planned, the terms of the whole canvas, and a note for the user or ""."""

    done: int
    planned: int
    terms: dict[str, float]
    note: str


class WindowedOptimizer:
    """Paints the canvas of one scale in several passes over its windows.

    frame:                the arrays of the scale; `frame.painted` is changed in place.
    levels, step, halo:   levels of the image pyramid; the grid that windows begin on, and their halo, both in pixels.
    matcher:              finds the nearest features of a window; None where styles are Gram matrices alone.
    terms:                the loss terms of the whole canvas, as they were measured and as the windows have changed them since.
    """

    def __init__(self, encoder: Encoder, config: EngineConfig, frame: FrameArrays, box: Rect) -> None:
        """Prepare the canvas that lies at the rectangle `box` of the frame."""
        self.encoder, self.config, self.frame, self.frame_box, self.box = encoder, config, frame, box, box
        self.side = SIDE_GPU if torch.device(config.device).type == "cuda" else SIDE
        self.content_layers = content_weights(config.weights)
        names = {name for name, weight in config.weights.style_layers if weight}
        geometries = [encoder.geometry(name) for name in names | {name for name, _ in self.content_layers}]
        reach: float = max((max(-g.start, g.start + g.field - g.jump, 1) for g in geometries), default=1)
        self.levels = max((level for targets in frame.targets for level, _ in targets), default=0) + 1
        self.matcher = WindowMatcher(encoder, config, frame, self._tensor) if frame.codebooks else None
        if self.matcher is not None:
            self.levels = max(self.levels, hypercolumns.LEVELS)
            reach = max(reach, self.matcher.margin / 2)  # leave no cell out between the cores of the windows
        self.step = max((g.jump for g in geometries), default=1) << (self.levels - 1)
        self.halo = math.ceil(reach / self.step) * self.step
        self.shifts = shifts(config.seed + frame.content.shape[1])
        self.notes: list[str] = []
        self.curvature: float | None = None
        self.content_factors: dict[str, float] = {}
        self.measured_weight_map: FloatArray | None = None
        self.terms = {"content": 0.0, "style": 0.0, "tv": 0.0}

    def paint_pass(self, number: int, steps: int) -> Iterator[Progress]:
        """Optimize each window once, for `steps` steps; `number` counts the passes from 0.

        Where memory does not suffice, the pass starts again with windows half as large, from the picture painted by then.
        Raises RuntimeError where the smallest windows need too much memory.
        """
        while True:
            give_back()
            try:
                yield from self._optimize_windows(number, steps)
            except RuntimeError as error:
                if not is_out_of_memory(error) or self.side // 2 < SMALLEST_TILE:
                    raise
            else:
                break
            self.side //= 2
            self.notes.append(f"memory did not suffice: painted in windows of {self.side} px")
            if torch.device(self.config.device).type == "cuda":
                torch.cuda.empty_cache()

    def _optimize_windows(self, number: int, steps: int) -> Iterator[Progress]:
        dy, dx = next(self.shifts)
        self.box = replace(self.frame_box, top=self.frame_box.top + dy, left=self.frame_box.left + dx)
        all_windows = windows(self.box.shape, self.side, self.step, self.halo, number % 2 == 1)
        self._measure(all_windows)
        if self.matcher is not None:
            self.matcher.begin(number, self.box, self.side, self.union)
        painted = [window for window in all_windows if bool(window.outer.part(self.union).any())]
        for index, window in enumerate(sparing(painted, 2)):
            for step, (terms, note) in enumerate(self._optimize(window, steps), start=1):
                notes = "; ".join(filter(None, [*self.notes, note]))
                yield Progress(index * steps + step, len(painted) * steps, terms, notes)
                self.notes = []

    def _measure(self, all_windows: Sequence[Window]) -> None:
        """Measure the statistics and the loss terms of the whole canvas in its present state."""
        frame, encoder, weights = self.frame, self.encoder, self.config.weights
        masks = [self._tensor(region, self.box, "zero")[0, 0] for region in frame.regions]
        self.union = sum(masks[1:], masks[0]).clamp(0, 1)
        regions = [Region(mask, targets) for mask, targets in zip(masks, frame.targets)]
        plan, notes = plan_style(encoder, weights, regions, self.levels, self.config.guidance)
        self.notes = list(dict.fromkeys([*self.notes, *notes]))
        del masks, regions
        give_back()
        self._measure_content()
        give_back()
        image = self.union.new_empty(1, 3, *self.union.shape)
        for channel in range(3):
            image[0, channel] = self._tensor(frame.painted[..., channel], self.box)[0, 0]
        whole = Terms(encoder, weights, self.union, self.levels, self.config.bf16, Tiling(self.side))
        whole.style_terms = plan
        self.inside = whole.inside
        self.terms |= {"style": 0.0, "tv": float(tiled.smoothness(whole, image))}
        self.global_statistics: list[list[GlobalStatistic]] = []
        for level, scaled in enumerate(functional.image_levels(image, self.levels)):
            layers = [(term.layer, term.guide) for term in plan[level]]
            found = tiled.total_statistics(encoder, scaled, layers, self.side, self.config.bf16, weights.style_loss)
            self.terms["style"] += float(whole.style(level, found)) if found else 0.0
            self.global_statistics.append([])
            for term, statistics in zip(plan[level], found, strict=True):
                geometry = encoder.geometry(term.layer)
                counted = sum(float(window.cells(geometry, level, term.guide).sum()) for window in all_windows)
                self.global_statistics[-1].append(GlobalStatistic(term, statistics, counted))
        del image, scaled
        give_back()

    def _measure_content(self) -> None:
        """Set the masks and factors of the content layers, and measure the content term of the whole canvas.

        The factors and the term are measured in the first pass, and again only after the weight map has been replaced.
        """
        frame, encoder = self.frame, self.encoder
        geometries = {name: encoder.geometry(name) for name, _ in self.content_layers}
        areas = {name: functional.propagate_guide(self.union[None], each) for name, each in geometries.items()}
        weight_map = frame.content_weight_map
        weights = None if weight_map is None else self._tensor(weight_map, self.box)[0, 0]
        self.weighted_masks = {name: weighted_mask(area, weights, encoder, name) for name, area in areas.items()}
        if not areas or (self.content_factors and self.measured_weight_map is weight_map):
            return
        self.measured_weight_map = weight_map
        variances, errors = {name: RunningVariance() for name in areas}, dict.fromkeys(areas, 0.0)
        for tile in sparing(tiles(self.box.shape, self.side, geometries.values())):
            box = tile.window.moved(self.box.top, self.box.left)
            maps = [self._features(self._tensor(array, box)) for array in (frame.content, frame.painted)]
            for name, geometry in geometries.items():
                target, found = (tile.cells_of_window(geometry, each[name]).float() for each in maps)
                variances[name].add(target, tile.cells(geometry, areas[name]))
                mask = tile.cells(geometry, self.weighted_masks[name])
                errors[name] += float(functional.squared_errors(found, target, mask))
        self.content_factors = {name: weight * variances[name].factor() for name, weight in self.content_layers}
        self.terms["content"] = sum(factor * errors[name] for name, factor in self.content_factors.items())

    def _optimize(self, window: Window, steps: int) -> Iterator[tuple[dict[str, float], str]]:
        """Change the picture in one window; yield the terms of the whole canvas and a note after each step."""
        box = window.outer.moved(self.box.top, self.box.left)
        base, photo = (self._tensor(array, box) for array in (self.frame.painted, self.frame.content))
        canvas = _WindowProblem(self.encoder, photo, self.config, lambda bf16: self._objective(window, photo, bf16))
        coefficients = Pyramid(*window.shape, self.config.pyramid_levels, value_range=self.config.value_range)
        pyramid = BlendedParametrization(coefficients, base, window.fade().to(base.device))
        optimiser = make_optimizer(canvas, pyramid, pyramid.analyse(base), steps)
        assert isinstance(optimiser, LBFGS)
        optimiser.scale = self.curvature
        before = after = canvas.accept(optimiser.value)
        for _ in range(steps):
            note = optimiser.step()
            after = canvas.accept(optimiser.value)
            terms = self._global_terms(canvas.window_objective, before, after)
            yield {**terms, "total": sum(terms.values())}, "; ".join(filter(None, [note, *canvas.notes]))
            canvas.notes = []
        self.terms |= self._global_terms(canvas.window_objective, before, after)
        if self.matcher is not None:
            self.matcher.end(canvas.window_objective.local, after)
        self.curvature = optimiser.curvature
        with torch.no_grad():
            image = pyramid.synthesise(optimiser.x)
            image = colour.grey(image) if self.config.grey else image
        box.paste(image[0].permute(1, 2, 0).float().cpu().numpy(), self.frame.painted)

    def _global_terms(
        self, objective: WindowObjective, before: dict[str, float], after: dict[str, float]
    ) -> dict[str, float]:
        """The terms of the whole canvas after those of one window's `objective` have gone from `before` to `after`."""
        local = {} if self.matcher is None else self.matcher.terms(objective.local, after)
        shared = [name for name in self.terms if name not in local]
        return {name: self.terms[name] + after[name] - before[name] for name in shared} | local

    def _objective(self, window: Window, photo: Tensor, bf16: bool) -> WindowObjective:
        """The objective of one window, whose content is `photo` (1, 3, H, W)."""
        tv_mask = window.outer.part(self.union)
        objective = WindowObjective(self.encoder, self.config.weights, tv_mask, bf16, self.levels)
        objective.inside, objective.pixels = self.inside, self.union.numel()
        for level, statistics in enumerate(self.global_statistics):
            for known in statistics:
                geometry = self.encoder.geometry(known.term.layer)
                objective.add(level, known, window.cells(geometry, level, known.term.guide))
        if self.matcher is not None:
            box = window.outer.moved(self.box.top, self.box.left)
            objective.local = self.matcher.term(window, box, photo, bf16)
        targets = self._features(photo) if self.content_factors else {}
        for name, factor in self.content_factors.items():
            mask = window.cells(self.encoder.geometry(name), 0, self.weighted_masks[name])
            objective.content_terms.append(ContentTerm(name, targets[name], mask, factor))
        return objective

    def _features(self, image: Tensor) -> dict[str, Tensor]:
        """The content layers' feature maps of an `image` (1, 3, H, W), without gradients."""
        with torch.no_grad(), torch.autocast(image.device.type, torch.bfloat16, enabled=self.config.bf16):
            return self.encoder.features(image, [name for name, _ in self.content_layers])

    def _tensor(self, array: FloatArray, box: Rect, outside: str = "reflect") -> Tensor:
        """The part at the rectangle `box` of an array of the frame, as a tensor (1, c, H, W) on the device."""
        return colour.tensor(box.cut(array, outside=outside), self.config.device)


def check_windowed(config: EngineConfig, portrait: Portrait | None = None) -> None:
    """Raise ValueError where `config` asks for windows and for something that they cannot paint.

    `portrait_nst.planning.make_plan` decides which canvases are painted in windows.
    """
    if "windowed" not in config.modes:
        return
    if config.optimizer != "lbfgs" or config.canvas != "pyramid" or config.weights.form != "relative":
        raise ValueError("Windows are painted by L-BFGS, on a pyramid, with losses of the relative form.")
    if portrait is not None and (portrait.sitter is not None or portrait.identity is not None):
        raise ValueError(
            "Gain maps and an identity loss look at all of a face at once, and cannot be painted in windows."
        )


def steps_per_pass(steps: int) -> list[int]:
    """The steps of each pass, which together make up all `steps` of a canvas."""
    passes = min(steps, max(LEAST_PASSES, -(-steps // MOST_STEPS)))
    return [steps // passes + (number < steps % passes) for number in range(passes)]


def windowed_evaluations(size: tuple[int, int], steps: int, device: str) -> float:
    """What `steps` steps in windows cost, in evaluations of the whole canvas of `size` (h, w).

    An evaluation is a forward and a backward pass through the network; a forward pass counts as a third of it.
    """
    side = SIDE_GPU if torch.device(device).type == "cuda" else SIDE
    area = sum(window.shape[0] * window.shape[1] for window in windows(size, side, 16, USUAL_HALO, False))
    each = area / (size[0] * size[1])
    return 2 / 3 + sum((count + 1 + 1 / 3) * each + 1 / 3 for count in steps_per_pass(steps))


class _WindowProblem(ScaleProblem):
    """The optimization problem of one window; `make` makes its objective and takes whether features are bfloat16."""

    def __init__(
        self, encoder: Encoder, photo: Tensor, config: EngineConfig, make: Callable[[bool], WindowObjective]
    ) -> None:
        super().__init__(encoder, photo, photo[0, 0], None, [], [], config)
        self.make = make
        self.window_objective = make(config.bf16)

    def _objective(self, grid: Rect, painted: Tensor) -> WindowObjective:
        if self.window_objective.bf16 != self.config.bf16:
            self.window_objective = self.make(self.config.bf16)
        return self.window_objective

    def _take_tiles(self) -> bool:
        return False
