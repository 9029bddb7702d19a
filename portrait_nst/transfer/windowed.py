"""A canvas that is too large to be held, painted window by window.

Only the picture itself is kept in memory. A pass first takes the statistics of the whole canvas; then each window by itself is
optimised for a few steps towards what the whole lacks; see `objective.windowed`. There is one statistic and not one for each
window, changes fade out towards a window's edges, and the next pass has its windows across them: so there are no seams.

Opposed to `tiled`, which has the same gradient for the whole canvas at once, there are no vectors of an optimiser that are as
long as the picture, each window's steps know the curvature there, and a step takes one pass through the network and not two.
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
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.faces.controller import Portrait
from portrait_nst.transfer.memory import give_back, sparing
from portrait_nst.transfer.nearest import hypercolumns
from portrait_nst.transfer.nearest.window_matching import Pictures, WindowMatcher
from portrait_nst.transfer.objective import tiled
from portrait_nst.transfer.objective.build import Region, content_weights, plan_style, weighted_mask
from portrait_nst.transfer.objective.problem import SMALLEST_TILE, ScaleProblem, shifts
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

SIDE, SIDE_GPU = 512, 2048  # pixels that may change fully in a window
LEAST_PASSES = 2
MOST_STEPS = 6  # of a window in one pass: by then the statistics of the whole canvas are others
USUAL_HALO = 32  # pixels: how far the embedded encoder's fields reach


class Progress(NamedTuple):
    """One step on a canvas: steps done and planned there, the terms of the whole canvas, and a note for the user or ""."""

    done: int
    planned: int
    terms: dict[str, float]
    note: str


class WindowedOptimizer:
    """Paints the canvas of one scale in several passes over its windows."""

    def __init__(self, encoder: Encoder, config: EngineConfig, pictures: Pictures, box: Rect) -> None:
        self.encoder, self.config, self.pictures, self.frame_box, self.box = encoder, config, pictures, box, box
        self.side = SIDE_GPU if config.device == "cuda" else SIDE
        self.contents = content_weights(config.weights)
        names = {name for name, weight in config.weights.style_layers if weight} | {name for name, _ in self.contents}
        geometries = [encoder.geometry(name) for name in names]
        far: float = max((max(-g.start, g.start + g.field - g.jump, 1) for g in geometries), default=1)
        self.levels = max((level for targets in pictures.targets for level, _ in targets), default=0) + 1
        self.asking = WindowMatcher(encoder, config, pictures, self._tensor) if pictures.codebooks else None
        if self.asking is not None:
            self.levels = max(self.levels, hypercolumns.LEVELS)
            far = max(far, self.asking.margin / 2)  # no cell is to be left out between the windows' cores
        self.step = max((g.jump for g in geometries), default=1) << (self.levels - 1)
        self.halo = math.ceil(far / self.step) * self.step
        self.shifts = shifts(config.seed + pictures.content.shape[1])
        self.notes: list[str] = []
        self.scale: float | None = None
        self.factors: dict[str, float] = {}
        self.held: FloatArray | None = None
        self.sums = {"content": 0.0, "style": 0.0, "tv": 0.0}

    def paint_pass(self, number: int, steps: int) -> Iterator[Progress]:
        """Paint each window once, for so many `steps`, in the pass of this `number`.

        Where memory does not suffice it starts again with windows half as large; what is painted by then stays.
        """
        while True:
            give_back()
            try:
                yield from self._paint_all(number, steps)
            except RuntimeError as error:
                if not is_out_of_memory(error) or self.side // 2 < SMALLEST_TILE:
                    raise
            else:
                break
            self.side //= 2
            self.notes.append(f"memory did not suffice: painted in windows of {self.side} px")
            if self.config.device == "cuda":
                torch.cuda.empty_cache()

    def _paint_all(self, number: int, steps: int) -> Iterator[Progress]:
        dy, dx = next(self.shifts)
        self.box = replace(self.frame_box, top=self.frame_box.top + dy, left=self.frame_box.left + dx)
        found = windows(self.box.shape, self.side, self.step, self.halo, number % 2 == 1)
        self._measure(found)
        if self.asking is not None:
            self.asking.begin(number, self.box, self.side, self.union)
        found = [window for window in found if bool(window.outer.part(self.union).any())]
        for place, window in enumerate(sparing(found, 2)):
            for step, (terms, note) in enumerate(self._paint(window, steps), start=1):
                told = "; ".join(filter(None, [*self.notes, note]))
                yield Progress(place * steps + step, len(found) * steps, terms, told)
                self.notes = []

    def _measure(self, all_windows: Sequence[Window]) -> None:
        """Take the statistics of the whole canvas as it is now."""
        pictures, encoder, weights = self.pictures, self.encoder, self.config.weights
        masks = [self._tensor(region, self.box, "zero")[0, 0] for region in pictures.regions]
        self.union = sum(masks[1:], masks[0]).clamp(0, 1)
        regions = [Region(mask, targets) for mask, targets in zip(masks, pictures.targets)]
        plan, notes = plan_style(encoder, weights, regions, self.levels, self.config.guidance)
        self.notes = list(dict.fromkeys([*self.notes, *notes]))
        del masks, regions
        give_back()
        self._hold_content()
        give_back()
        image = self.union.new_empty(1, 3, *self.union.shape)
        for channel in range(3):
            image[0, channel] = self._tensor(pictures.painted[..., channel], self.box)[0, 0]
        whole = Terms(encoder, weights, self.union, self.levels, self.config.bf16, Tiling(self.side))
        whole.style_terms = plan
        self.inside = whole.inside
        self.sums |= {"style": 0.0, "tv": float(tiled.smoothness(whole, image))}
        self.standing: list[list[GlobalStatistic]] = []
        for level, scaled in enumerate(functional.image_levels(image, self.levels)):
            asked = [(term.layer, term.guide) for term in plan[level]]
            found = tiled.total_statistics(encoder, scaled, asked, self.side, self.config.bf16, weights.style_loss)
            self.sums["style"] += float(whole.style(level, found)) if found else 0.0
            self.standing.append([])
            for term, statistics in zip(plan[level], found, strict=True):
                geometry = encoder.geometry(term.layer)
                counted = sum(float(window.cells(geometry, level, term.guide).sum()) for window in all_windows)
                self.standing[-1].append(GlobalStatistic(term, statistics, counted))
        del image, scaled
        give_back()

    def _hold_content(self) -> None:
        """How firmly the content is held where, what there is of it, and how far the picture is from it."""
        pictures, encoder = self.pictures, self.encoder
        areas = {
            name: functional.propagate_guide(self.union[None], encoder.geometry(name)) for name, _ in self.contents
        }
        weight_map = pictures.content_weight_map
        held = None if weight_map is None else self._tensor(weight_map, self.box)[0, 0]
        self.weighted_masks = {name: weighted_mask(area, held, encoder, name) for name, area in areas.items()}
        if not areas or (self.factors and self.held is weight_map):
            return
        self.held = weight_map
        geometries = {name: encoder.geometry(name) for name in areas}
        spreads, errors = {name: RunningVariance() for name in areas}, dict.fromkeys(areas, 0.0)
        for tile in sparing(tiles(self.box.shape, self.side, geometries.values())):
            box = tile.window.moved(self.box.top, self.box.left)
            maps = [self._features(self._tensor(array, box)) for array in (pictures.content, pictures.painted)]
            for name, geometry in geometries.items():
                target, found = (tile.cells_of_window(geometry, each[name]).float() for each in maps)
                spreads[name].add(target, tile.cells(geometry, areas[name]))
                mask = tile.cells(geometry, self.weighted_masks[name])
                errors[name] += float(functional.squared_errors(found, target, mask))
        self.factors = {name: weight * spreads[name].factor() for name, weight in self.contents}
        self.sums["content"] = sum(factor * errors[name] for name, factor in self.factors.items())

    def _paint(self, window: Window, steps: int) -> Iterator[tuple[dict[str, float], str]]:
        """Change the picture in one window; after each step the terms of the whole canvas, and a note."""
        box = window.outer.moved(self.box.top, self.box.left)
        base, photo = (self._tensor(array, box) for array in (self.pictures.painted, self.pictures.content))
        canvas = _WindowProblem(self.encoder, photo, self.config, lambda bf16: self._patch(window, photo, bf16))
        coefficients = Pyramid(*window.shape, self.config.pyramid_levels, value_range=self.config.value_range)
        pyramid = BlendedParametrization(coefficients, base, window.fade().to(base.device))
        optimiser = make_optimizer(canvas, pyramid, pyramid.analyse(base), steps)
        assert isinstance(optimiser, LBFGS)
        optimiser.scale = self.scale
        before = after = canvas.accept(optimiser.value)
        for _ in range(steps):
            note = optimiser.step()
            after = canvas.accept(optimiser.value)
            terms = self._of_whole(canvas.patch, before, after)
            yield {**terms, "total": sum(terms.values())}, "; ".join(filter(None, [note, *canvas.notes]))
            canvas.notes = []
        self.sums |= self._of_whole(canvas.patch, before, after)
        if self.asking is not None:
            self.asking.end(canvas.patch.local, after)
        self.scale = optimiser.curvature
        with torch.no_grad():
            image = pyramid.synthesise(optimiser.x)
            image = colour.grey(image) if self.config.grey else image
        box.paste(image[0].permute(1, 2, 0).float().cpu().numpy(), self.pictures.painted)

    def _of_whole(self, patch: WindowObjective, before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
        """The terms of the whole canvas, when a window's went from `before` to `after`."""
        local = {} if self.asking is None else self.asking.terms(patch.local, after)
        shared = [name for name in self.sums if name not in local]
        return {name: self.sums[name] + after[name] - before[name] for name in shared} | local

    def _patch(self, window: Window, photo: Tensor, bf16: bool) -> WindowObjective:
        """The objective of one window, whose content is `photo` (1, 3, H, W)."""
        patch = WindowObjective(self.encoder, self.config.weights, window.outer.part(self.union), bf16, self.levels)
        patch.inside, patch.pixels = self.inside, self.union.numel()
        for level, entries in enumerate(self.standing):
            for known in entries:
                geometry = self.encoder.geometry(known.term.layer)
                patch.add(level, known, window.cells(geometry, level, known.term.guide))
        if self.asking is not None:
            box = window.outer.moved(self.box.top, self.box.left)
            patch.local = self.asking.term(window, box, photo, bf16)
        targets = self._features(photo) if self.factors else {}
        for name, factor in self.factors.items():
            mask = window.cells(self.encoder.geometry(name), 0, self.weighted_masks[name])
            patch.content_terms.append(ContentTerm(name, targets[name], mask, factor))
        return patch

    def _features(self, image: Tensor) -> dict[str, Tensor]:
        """What the content is compared by, without gradients."""
        with torch.no_grad(), torch.autocast(image.device.type, torch.bfloat16, enabled=self.config.bf16):
            return self.encoder.features(image, [name for name, _ in self.contents])

    def _tensor(self, array: FloatArray, box: Rect, outside: str = "reflect") -> Tensor:
        """What `box` has of an array of the frame, as (1, c, H, W)."""
        return colour.tensor(box.cut(array, outside=outside), self.config.device)


def check_windowed(config: EngineConfig, portrait: Portrait | None = None) -> None:
    """Raise ValueError where `config` has windows for what cannot be painted in them.

    Which canvases are painted in windows is decided by `portrait_nst.planning.make_plan`.
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
    """All the `steps` that a canvas is to have, spread over the passes."""
    passes = min(steps, max(LEAST_PASSES, -(-steps // MOST_STEPS)))
    return [steps // passes + (number < steps % passes) for number in range(passes)]


def windowed_evaluations(size: tuple[int, int], steps: int, device: str) -> float:
    """How many evaluations of a canvas of `size` (h, w) all its windows' `steps` cost; a pass forward is a third of one."""
    side = SIDE_GPU if device == "cuda" else SIDE
    area = sum(window.shape[0] * window.shape[1] for window in windows(size, side, 16, USUAL_HALO, False))
    each = area / (size[0] * size[1])
    return 2 / 3 + sum((count + 1 + 1 / 3) * each + 1 / 3 for count in steps_per_pass(steps))


class _WindowProblem(ScaleProblem):
    """The canvas of one window: the objective is made by `make`, which is told whether features are bfloat16."""

    def __init__(
        self, encoder: Encoder, photo: Tensor, config: EngineConfig, make: Callable[[bool], WindowObjective]
    ) -> None:
        super().__init__(encoder, photo, photo[0, 0], None, [], [], config)
        self.make = make
        self.patch = make(config.bf16)

    def _objective(self, grid: Rect, painted: Tensor) -> WindowObjective:
        if self.patch.bf16 != self.config.bf16:
            self.patch = self.make(self.config.bf16)
        return self.patch

    def _take_tiles(self) -> bool:
        return False
