"""The problem of one scale: the objective of its canvas, on a sampling grid that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.errors import is_out_of_memory
from portrait_nst.transfer import colour
from portrait_nst.transfer.allocator import give_back
from portrait_nst.transfer.config import EngineConfig
from portrait_nst.transfer.faces.gain_maps import Sitter
from portrait_nst.transfer.nearest.hypercolumns import SHIFT
from portrait_nst.transfer.nearest.matching import NearestMatcher
from portrait_nst.transfer.objective.backward import backward_from
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.carried import Carried
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.style_targets import GramTargets
from portrait_nst.transfer.objective.tiles import Tiling
from portrait_nst.transfer.optim.lbfgs import Evaluate
from portrait_nst.transfer.optim.parametrization import Parametrization
from portrait_nst.transfer.rect import Rect

SHIFTS = SHIFT + 1  # number of shifts of the grid along each axis
LARGEST_TILE, SMALLEST_TILE = 512, 128  # pixels a side of the tiles that are used after memory was too short
IdentityTerm = Callable[..., Tensor]  # (canvas without its first rows and columns, shift=(rows, columns)) -> 0 to 2


class ScaleProblem:
    """One scale's canvas: its objective, on a sampling grid that can be moved, and the terms of each trial.

    Pooling with stride 2 cannot see patterns of period 2 on its own grid, nor of period 4 after the next pooling, so the
    optimisation leaves dots with these periods. Moving the grid by 0 to 3 pixels from time to time makes them visible as errors.
    """

    def __init__(
        self,
        encoder: Encoder,
        content: Tensor,
        union: Tensor,
        content_weight_map: Tensor | None,
        masks: Sequence[Tensor],
        targets: Sequence[GramTargets],
        config: EngineConfig,
        sitter: Sitter | None = None,
        identity: IdentityTerm | None = None,
        matcher: NearestMatcher | None = None,
        carried: Carried | None = None,
    ) -> None:
        """All tensors are of the canvas' size: `content` (1, 3, H, W), the others (H, W).

        union:   the painted region; masks: the region of each style; targets: the statistics of each style.
        content_weight_map: (>= 0) the additional weight of the content; None if there is none.
        sitter, identity: gain maps and identity loss of the faces, or None.
        matcher: searches nearest features whenever the objective is made.
        carried: the painting of the frame before, in a clip.
        """
        self.matcher, self.carried = matcher, carried
        self.sitter, self.identity = sitter, identity
        self.encoder, self.content, self.union, self.masks, self.targets = encoder, content, union, masks, targets
        self.content_weight_map, self.config = content_weight_map, config
        self.notes: list[str] = []
        self.trials: list[dict[str, float]] = []
        self.shifts = shifts(config.seed + content.shape[-1])
        self.shift = (0, 0)

    def jitter(self) -> None:
        """Move the sampling grid; the next `objective` is on the new one."""
        self.shift = next(self.shifts)

    def objective(self, pyramid: Parametrization) -> Evaluate:
        """The objective on the present grid, as a function of the pyramid's coefficients.

        If memory does not suffice for the maps of the whole canvas, it continues in tiles, and a note says so.
        """
        grid = self._on_grid()
        objective: Objective | None = None

        def evaluate(x: Tensor) -> tuple[float, Tensor]:
            nonlocal objective
            while True:  # a loop instead of recursion: a closure that refers to itself is freed late, and so is all that it holds
                try:
                    coefficients = x.detach().requires_grad_(True)
                    image = grid.part(pyramid.synthesise(coefficients))
                    if self.config.grey:
                        image = colour.grey(image)
                    if objective is None:
                        objective = self._objective(grid, image.detach())
                    losses, gradient = objective(image)
                    backward_from(image, gradient)
                except RuntimeError as error:
                    if not (is_out_of_memory(error) and self._take_tiles()):
                        raise
                    objective = None
                    continue  # leaving the handler frees the maps that did not fit
                self.trials.append(losses)
                assert coefficients.grad is not None
                return losses["total"], coefficients.grad

        return evaluate

    def _on_grid(self) -> Rect:
        """The part of the canvas on the present grid.

        With nearest features, which move the grid often, it has the same number of rows and columns on every grid, because a CPU
        plans its convolutions for each new size of maps, and keeps all plans.
        """
        height, width = self.content.shape[-2:]
        spare = SHIFT if self.matcher is not None and min(height, width) > 8 * SHIFTS else 0
        top, left = self.shift
        return Rect(top, left, min(height, top + height - spare), min(width, left + width - spare))

    def _objective(self, grid: Rect, painted: Tensor) -> Objective:
        """The objective on a `grid`, on which the canvas is `painted` (1, 3, H, W) so far."""
        weight_map = None if self.content_weight_map is None else grid.part(self.content_weight_map)
        sitter = None if self.sitter is None else self.sitter.part(grid)
        local = None
        if self.matcher is not None:
            give_back()  # so that the memory of matching and the memory of the maps are not in use at once
            local = self.matcher(painted, grid, weight_map, sitter, self.config)
            give_back()
        objective = canvas_objective(
            self.encoder,
            grid.part(self.content),
            grid.part(self.union),
            weight_map,
            [Region(grid.part(mask), target) for mask, target in zip(self.masks, self.targets)],
            self.config.weights,
            levels=self.config.levels,
            guidance=self.config.guidance,
            bf16=self.config.bf16,
            tiling=self.config.tiling,
            sitter=sitter,
            identity=None if self.identity is None else partial(self.identity, shift=self.shift),
            local=local,
            carried=None if self.carried is None else self.carried.part(grid),
        )
        self.notes = list(dict.fromkeys([*self.notes, *objective.notes]))
        return objective

    def _take_tiles(self) -> bool:
        """Continue in tiles, or in smaller tiles; returns False if that cannot help."""
        side = self.config.tiling.side // 2 if self.config.tiling.above == 0 else LARGEST_TILE
        if not self.encoder.local or side < SMALLEST_TILE:
            return False
        self.config = replace(self.config, tiling=Tiling(side, 0))
        if self.matcher is not None and not self.trials:
            self.matcher.again = False  # the first query has had no effect yet
        self.notes.append(f"memory did not suffice for all of it at once: painted in tiles of {side} px")
        if self.content.is_cuda:
            torch.cuda.empty_cache()
        return True

    def accept(self, value: float) -> dict[str, float]:
        """The terms of the trial whose total is `value`; the others are forgotten."""
        chosen = next((t for t in reversed(self.trials) if t["total"] == value), self.trials[-1])
        self.trials = [chosen]
        return chosen


def shifts(seed: int) -> Iterator[tuple[int, int]]:
    """All sixteen shifts of the grid by 0 to 3 pixels, shuffled, in endless repetition."""
    rng = np.random.default_rng(seed)
    while True:
        for number in rng.permutation(SHIFTS**2):
            yield int(number) // SHIFTS, int(number) % SHIFTS
