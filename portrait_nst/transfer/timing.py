"""How long a painting takes here: this machine's pace, what the scales cost by it, and what is left while it runs.

An evaluation (the objective and its gradient) of a canvas of p megapixels takes a + b p seconds: R^2 is 0.9998 over canvases
of 128 to 512 pixels a side. Both are measured on two small canvases, with the encoder, the objective and the optimiser of the
painting to come. How many evaluations there will be is known: hardly any painting settles before a scale's steps are done.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.config import EngineConfig, StylePart, StyleSource
from portrait_nst.transfer.initialization import sized
from portrait_nst.transfer.nearest.codebook import Codebook, make_codebook
from portrait_nst.transfer.nearest.hypercolumns import keys_for, keys_within
from portrait_nst.transfer.nearest.matching import NearestMatcher
from portrait_nst.transfer.objective.problem import ScaleProblem
from portrait_nst.transfer.objective.style_targets import GramTargets, gram_targets
from portrait_nst.transfer.objective.tiles import NO_TILES
from portrait_nst.transfer.optim.factory import make_optimizer
from portrait_nst.transfer.optim.parametrization import parametrization
from portrait_nst.transfer.rect import BEYOND, MARGIN, rect_around, union
from portrait_nst.transfer.windowed import can_sweep, evaluations, spread
from portrait_nst.types import FloatArray

if TYPE_CHECKING:
    from portrait_nst.transfer.engine import StyleOptimizer

Size = tuple[int, int]

SIDES = (64, 160)  # pixels a side of the canvases that are measured; of the first is the style picture too
SIDES_ELSEWHERE = (256, 768)  # on a GPU, which such small ones do not keep busy
OWN = (4_000, 80_000)  # pixels of a canvas of the painting's own that is measured instead of those
TARGETS = 0.6  # of an evaluation of as many pixels: the statistics of a style picture, forward only
ENTER = 1.9  # evaluations: what a scale takes before its first step, for one of the start, the content and new shapes
CODEBOOK = 2.6  # evaluations of as many pixels: the codebook of a style picture
ASK = 1.6  # evaluations: to ask for the nearest features of a canvas
OVERLAP = 1.4  # windows' pixels over the canvas'
TILED = 4 / 3  # times: a canvas in tiles, which is not one in sweeps, is looked at twice, the first time forward only
TRUST = 0.05  # of the whole forecast: after so much, what was measured counts as much as what was forecast


@dataclass(frozen=True)
class Pace:
    """Seconds of one evaluation: `fixed`, and `each` for a megapixel of the canvas."""

    fixed: float
    each: float

    def seconds(self, size: Size, config: EngineConfig) -> float:
        """Of an evaluation of a canvas of `size` (h, w)."""
        plain = self.fixed + self.each * size[0] * size[1] / 1e6
        return plain * TILED if config.tiling.needed_for(size) else plain


USUAL = Pace(0.0216, 0.965)  # two cores of a server, embedded encoder: for what is relative only
_known: dict[tuple[object, ...], Pace] = {}


def measured(encoder: Encoder, config: EngineConfig, regions: int = 1, own: Sequence[Size] = ()) -> Pace | None:
    """The pace at which `encoder` does what `config` says here, for so many `regions`; None where that cannot be measured.

    own: (h, w) of the canvases to come, coarse to fine: two small ones among them are measured instead of squares, for a CPU's
    convolutions are planned for each shape, and these plans are then there. Measured once in a process.
    """
    general = replace(config, sizes=(), iterations=(), seed=0)
    key = (encoder.name, encoder.sha256, general, regions, torch.get_num_threads())
    if key not in _known:
        encoder = encoder.to(torch.device(config.device))
        sides = SIDES if config.device == "cpu" else SIDES_ELSEWHERE
        small = [size for size in own if OWN[0] <= size[0] * size[1] <= OWN[1]][:2] if config.device == "cpu" else []
        shapes = small if len(small) == 2 else [(side, side) for side in sides]
        try:
            targets, book = _targets(encoder, config, sides[0]), _codebook(encoder, config, sides[0])
            spent = [_evaluation(encoder, config, shape, [targets] * regions, book) for shape in shapes]
        except (
            Exception
        ):  # such weights or so little memory that painting fails too, or goes on otherwise: it will tell
            return None
        _known[key] = line(shapes, spent)
    return _known[key]


def line(shapes: Sequence[Size], spent: Sequence[float]) -> Pace:
    """The pace at which canvases of two `shapes` (h, w) take `spent` seconds; a larger one never takes less."""
    small, large = (high * wide / 1e6 for high, wide in shapes)
    each = max(0.0, (spent[1] - spent[0]) / (large - small))
    return Pace(max(0.0, spent[0] - each * small), each)


def _targets(encoder: Encoder, config: EngineConfig, side: int) -> GramTargets:
    names = [name for name, weight in config.weights.style_layers if weight]
    return gram_targets(
        encoder, _noise((side, side), config.device), None, names, config.levels, config.bf16, config.weights.style_loss
    )


def _codebook(encoder: Encoder, config: EngineConfig, side: int) -> Codebook | None:
    """One for all canvases: how many entries it has counts when nearest features are asked for, not in an evaluation."""
    if config.nearest is None:
        return None
    style = StylePart(_noise((side, side), config.device)[0].permute(1, 2, 0).cpu().numpy())
    keys = keys_within(keys_for(encoder, config), (side, side))
    return make_codebook(encoder, [style], (side, side), config, keys, config.nearest.entries)


def _evaluation(
    encoder: Encoder, config: EngineConfig, shape: Size, targets: Sequence[GramTargets], book: Codebook | None
) -> float:
    """Seconds of an evaluation of a canvas of `shape` (h, w), with its part of an optimiser's step."""
    whole = torch.ones(shape, device=config.device)
    content = _noise(shape, config.device)
    matcher = None if book is None else NearestMatcher(encoder, [(whole, book)] * len(targets), content, content, None)
    canvas = ScaleProblem(encoder, content, whole, None, [whole] * len(targets), targets, config, matcher=matcher)
    pyramid = parametrization(shape, config.canvas, config.pyramid_levels, config.unit)
    optimiser = make_optimizer(canvas, pyramid, pyramid.analyse(_noise(shape, config.device).flip(-1)), 2)
    if not canvas.trials:
        optimiser.step()  # what is new to the machine takes longer
    before = len(canvas.trials)
    began = time.perf_counter()
    optimiser.step()
    return (time.perf_counter() - began) / (len(canvas.trials) - before)


def _noise(shape: Size, device: str) -> Tensor:
    return torch.rand(1, 3, *shape, generator=torch.Generator().manual_seed(shape[0])).to(device)


@dataclass(frozen=True)
class TimeEstimate:
    """Seconds of each scale, coarse to fine: to `enter` it, and of each `step` of so many `steps`."""

    enter: tuple[float, ...]
    step: tuple[float, ...]
    steps: tuple[int, ...]

    @property
    def seconds(self) -> float:
        return sum(self.enter) + sum(each * count for each, count in zip(self.step, self.steps))


def estimate_time(painter: StyleOptimizer) -> TimeEstimate | None:
    """What `painter` will take here, or None where that cannot be told."""
    region = union(painter.regions)
    own = [
        rect_around(sized(region, size), beyond=painter.config.beyond, grid=painter.config.grid).shape
        for size in painter.view.sizes[:2]
    ]
    pace = measured(painter.encoder, painter.config, len(painter.styles), own)
    if pace is None:
        return None
    return time_estimate(pace, painter.config, painter.view.sizes, painter.regions, painter.styles)


def time_estimate(
    pace: Pace,
    config: EngineConfig,
    sizes: Sequence[Size],
    regions: Sequence[FloatArray],
    styles: Sequence[StyleSource],
) -> TimeEstimate:
    """What painting `regions` (h, w; of the view at its finest) takes at `pace`; `sizes` are the view's at each scale."""
    parts = sum(len(style.parts) for style in styles)
    enter, step = [], []
    for frame, box, count in zip(config.sizes, boxes(regions, sizes), config.iterations):
        each = pace.seconds(box, config)
        seen = (round(frame[0] * config.style_scale), round(frame[1] * config.style_scale))
        enter.append(ENTER * each + TARGETS * parts * pace.seconds(seen, config))
        moving = config.canvas == "pyramid" or config.nearest is not None
        moves = (count - 1) // config.jitter_every if config.jitter_every and moving else 0
        step.append(each * (count + moves) / max(count, 1))
        if config.nearest is not None:
            enter[-1] += CODEBOOK * min(parts, 4) * pace.seconds(seen, config) + ASK * each
            step[-1] += ASK * each * moves / max(count, 1)
        if can_sweep(config) and config.tiling.needed_for(frame):
            whole = pace.seconds(box, replace(config, tiling=NO_TILES))
            enter[-1] -= ENTER * each
            asks = 0.0 if config.nearest is None else OVERLAP * (ASK + 1 / 3) * len(spread(count))
            step[-1] = whole * (evaluations(box, count, config.device) + asks) / max(count, 1)
    return TimeEstimate(tuple(enter), tuple(step), tuple(config.iterations))


def boxes(regions: Sequence[FloatArray], sizes: Sequence[Size]) -> list[Size]:
    """(height, width) at each of the `sizes` of the box around `regions` (h, w), within 4 pixels; see `plan.rect_around`."""
    found = []
    for axis in (0, 1):
        painted = np.flatnonzero(np.any([(region > 0).any(1 - axis) for region in regions], 0))
        total = regions[0].shape[axis]
        first, last = (painted[0] / total, (painted[-1] + 1) / total) if len(painted) else (0.0, 1.0)
        found.append(
            [
                round(min(size[axis] + BEYOND, last * size[axis] + MARGIN) - max(-BEYOND, first * size[axis] - MARGIN))
                for size in sizes
            ]
        )
    return list(zip(found[0], found[1]))


class ETA:
    """What is left of a painting: its `time_estimate`, times how much slower than that it was so far."""

    def __init__(self, time_estimate: TimeEstimate, *, absolute: bool) -> None:
        """Unless the outlook is `absolute`, only the proportions of its seconds count."""
        self.time_estimate, self.trust = time_estimate, TRUST * time_estimate.seconds if absolute else 0.0
        self.done = [0.0] * len(time_estimate.steps)

    def seconds(self, scale: int, share: float, spent: float) -> float:
        """Left after `spent` seconds, when `share` of the steps of `scale` are done."""
        expected = self.time_estimate
        self.done[scale] = share * expected.steps[scale]
        so_far = sum(expected.enter[: scale + 1]) + sum(n * each for n, each in zip(self.done, expected.step))
        ahead = (1 - share) * expected.steps[scale] * expected.step[scale] + sum(expected.enter[scale + 1 :])
        ahead += sum(n * each for n, each in zip(expected.steps[scale + 1 :], expected.step[scale + 1 :]))
        return ahead * (spent + self.trust) / max(so_far + self.trust, 1e-9)
