"""How long a painting takes on this machine: the cost of an evaluation, the time of each scale, and the remaining time.

An evaluation (the objective and its gradient) of a canvas of p megapixels takes a + b p seconds: R^2 is 0.9998 over canvases
of 128 to 512 pixels a side. Both numbers are measured on two small canvases, with the encoder, the objective and the optimiser of
the painting. The number of evaluations is known, since hardly any painting settles before the steps of a scale are done.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.planning.extent import Size
from portrait_nst.transfer.config import EngineConfig, StylePart
from portrait_nst.transfer.nearest.codebook import FEW, Codebook, make_codebook
from portrait_nst.transfer.nearest.hypercolumns import keys_for, keys_within
from portrait_nst.transfer.nearest.matching import NearestMatcher
from portrait_nst.transfer.objective.scale_problem import ScaleProblem
from portrait_nst.transfer.objective.style_targets import GramTargets, gram_targets
from portrait_nst.transfer.optim.factory import make_optimizer
from portrait_nst.transfer.optim.parametrization import parametrization
from portrait_nst.transfer.windowed_optimizer import steps_per_pass, windowed_evaluations

SIDES = (64, 160)  # pixels a side of the canvases that are measured; the style picture has the size of the first
SIDES_ELSEWHERE = (256, 768)  # the same on a GPU, which smaller canvases do not keep busy
OWN = (4_000, 80_000)  # least and greatest pixels of a canvas of the painting itself that is measured instead
TARGETS = 0.6  # cost of the statistics of a style picture, in evaluations of the same size; there is no backward pass
ENTER = 1.9  # cost of a scale before its first step, in evaluations: start, content, and planning for new shapes
CODEBOOK = 2.6  # cost of the codebook of a style picture, in evaluations of the same size
ASK = 1.6  # cost of searching the nearest features of a canvas, in evaluations
OVERLAP = 1.4  # pixels of all windows together, divided by those of the canvas
TILED = 4 / 3  # factor for a canvas in tiles, which are processed twice, the first time without a backward pass
TRUST = 0.05  # share of the expected seconds after which the time spent counts as much as the forecast


@dataclass(frozen=True)
class EvaluationCost:
    """Seconds of one evaluation: `fixed`, and `per_megapixel` of the canvas."""

    fixed: float
    per_megapixel: float

    def seconds(self, size: Size, *, tiled: bool = False) -> float:
        """The seconds of an evaluation of a canvas of `size` (h, w), in tiles or whole."""
        whole = self.fixed + self.per_megapixel * size[0] * size[1] / 1e6
        return whole * TILED if tiled else whole


USUAL = EvaluationCost(0.0216, 0.965)  # two cores, embedded encoder; only the ratio of the numbers is used
_known: dict[tuple[object, ...], EvaluationCost] = {}


def measured(
    encoder: Encoder, config: EngineConfig, regions: int = 1, own: Sequence[Size] = (), *, anew: bool = False
) -> EvaluationCost | None:
    """The cost of an evaluation with `encoder`, `config` and a number of `regions`; None if it cannot be measured.

    own: (h, w) of the painting's canvases, coarse to fine. Two small ones among them are measured instead of squares, because
    a CPU plans its convolutions for each shape, and the painting can use these plans. Each cost is measured once in a process,
    unless it shall be measured `anew`.
    """
    general = replace(config, sizes=(), iterations=(), modes=(), seed=0)
    key = (encoder.name, encoder.sha256, general, regions, torch.get_num_threads())
    if anew or key not in _known:
        encoder = encoder.to(torch.device(config.device))
        sides = SIDES if config.device == "cpu" else SIDES_ELSEWHERE
        small = [size for size in own if OWN[0] <= size[0] * size[1] <= OWN[1]][:2] if config.device == "cpu" else []
        shapes = small if len(small) == 2 else [(side, side) for side in sides]
        try:
            targets, book = _targets(encoder, config, sides[0]), _codebook(encoder, config, sides[0])
            spent = [_evaluation(encoder, config, shape, [targets] * regions, book) for shape in shapes]
        except Exception:  # the painting fails for the same reason with a better message, or succeeds with less memory
            return None
        _known[key] = fit_line(shapes, spent)
    return _known[key]


def fit_line(shapes: Sequence[Size], spent: Sequence[float]) -> EvaluationCost:
    """The cost for which canvases of two `shapes` (h, w) take `spent` seconds; a larger canvas never costs less."""
    small, large = (high * wide / 1e6 for high, wide in shapes)
    each = max(0.0, (spent[1] - spent[0]) / (large - small))
    return EvaluationCost(max(0.0, spent[0] - each * small), each)


def _targets(encoder: Encoder, config: EngineConfig, side: int) -> GramTargets:
    names = [name for name, weight in config.weights.style_layers if weight]
    return gram_targets(
        encoder, _noise((side, side), config.device), None, names, config.levels, config.bf16, config.weights.style_loss
    )


def _codebook(encoder: Encoder, config: EngineConfig, side: int) -> Codebook | None:
    """One codebook for all measurements: its number of entries affects searches for nearest features, but not evaluations."""
    if config.nearest is None:
        return None
    style = StylePart(_noise((side, side), config.device)[0].permute(1, 2, 0).cpu().numpy())
    keys = keys_within(keys_for(encoder, config), (side, side))
    return make_codebook(encoder, [style], (side, side), config, keys, config.nearest.entries)


def _evaluation(
    encoder: Encoder, config: EngineConfig, shape: Size, targets: Sequence[GramTargets], book: Codebook | None
) -> float:
    """The seconds of an evaluation of a canvas of `shape` (h, w), including its share of an optimiser's step."""
    whole = torch.ones(shape, device=config.device)
    content = _noise(shape, config.device)
    matcher = None if book is None else NearestMatcher(encoder, [(whole, book)] * len(targets), content, content, None)
    canvas = ScaleProblem(encoder, content, whole, None, [whole] * len(targets), targets, config, matcher=matcher)
    pyramid = parametrization(shape, config.canvas, config.pyramid_levels, config.value_range)
    optimiser = make_optimizer(canvas, pyramid, pyramid.analyse(_noise(shape, config.device).flip(-1)), 2)
    if not canvas.trials:
        optimiser.step()  # the first step takes longer, since the machine plans for new shapes
    before = len(canvas.trials)
    began = time.perf_counter()
    optimiser.step()
    return (time.perf_counter() - began) / (len(canvas.trials) - before)


def _noise(shape: Size, device: str) -> Tensor:
    return torch.rand(1, 3, *shape, generator=torch.Generator().manual_seed(shape[0])).to(device)


@dataclass(frozen=True)
class TimeEstimate:
    """The seconds of each scale, coarse to fine: those to `enter` it, and those of each `step` of its `steps`."""

    enter: tuple[float, ...]
    step: tuple[float, ...]
    steps: tuple[int, ...]

    @property
    def seconds(self) -> float:
        """The seconds of the whole painting."""
        return sum(self.enter) + sum(each * count for each, count in zip(self.step, self.steps))


def time_estimate(
    cost: EvaluationCost, config: EngineConfig, canvases: Sequence[Size], style_pictures: int
) -> TimeEstimate:
    """The estimate for painting `canvases` (h, w), coarse to fine, if an evaluation has this `cost`."""
    scales = [_scale_seconds(cost, config, scale, canvas, style_pictures) for scale, canvas in enumerate(canvases)]
    enter, step = zip(*scales)
    return TimeEstimate(enter, step, tuple(config.iterations))


def _scale_seconds(
    cost: EvaluationCost, config: EngineConfig, scale: int, canvas: Size, style_pictures: int
) -> tuple[float, float]:
    """The seconds to enter a scale, and of each of its steps."""
    frame, count, mode = config.sizes[scale], config.iterations[scale], config.mode(scale)
    each = cost.seconds(canvas, tiled=mode != "whole")
    seen = (round(frame[0] * config.style_scale), round(frame[1] * config.style_scale))
    style = cost.seconds(seen, tiled=config.tiling.needed_for(seen))
    enter = TARGETS * style_pictures * style
    if config.nearest is not None:
        enter += CODEBOOK * min(style_pictures, FEW) * style + ASK * each
    if mode == "windowed":
        asked = 0.0 if config.nearest is None else OVERLAP * (ASK + 1 / 3) * len(steps_per_pass(count))
        evaluations = windowed_evaluations(canvas, count, config.device) + asked
        return enter, cost.seconds(canvas) * evaluations / max(count, 1)
    moves = (count - 1) // config.grid_moves_every if config.grid_moves_every else 0
    evaluations = count + moves + (0.0 if config.nearest is None else ASK * moves)
    return enter + ENTER * each, each * evaluations / max(count, 1)


class ETA:
    """The remaining time of a painting: its estimate, multiplied by how much slower than the estimate it has been so far."""

    def __init__(self, estimate: TimeEstimate, *, absolute: bool) -> None:
        """Follow `estimate`; unless it is `absolute`, only the proportions of its seconds count."""
        self.estimate, self.trust = estimate, TRUST * estimate.seconds if absolute else 0.0
        self.done = [0.0] * len(estimate.steps)

    def seconds(self, scale: int, share: float, spent: float) -> float:
        """The remaining seconds after `spent` seconds, when a `share` of the steps of `scale` is done."""
        expected = self.estimate
        self.done[scale] = share * expected.steps[scale]
        so_far = sum(expected.enter[: scale + 1]) + sum(n * each for n, each in zip(self.done, expected.step))
        ahead = (1 - share) * expected.steps[scale] * expected.step[scale] + sum(expected.enter[scale + 1 :])
        ahead += sum(n * each for n, each in zip(expected.steps[scale + 1 :], expected.step[scale + 1 :]))
        return ahead * (spent + self.trust) / max(so_far + self.trust, 1e-9)
