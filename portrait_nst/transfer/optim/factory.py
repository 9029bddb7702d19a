"""The optimizer of one scale, as the configuration names it."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from portrait_nst.errors import InputError
from portrait_nst.transfer.objective.scale_problem import ScaleProblem
from portrait_nst.transfer.optim.first_order import Descent
from portrait_nst.transfer.optim.lbfgs import LBFGS, Optimizer
from portrait_nst.transfer.optim.parametrization import Parametrization

NOT_FINITE = (
    "The losses are not finite numbers from the start. The weights are too large, or the weights file of the encoder is "
    "damaged: leave --style-weight, --content-weight and --tv-weight at their defaults, or use --encoder embedded."
)
HISTORY_BYTES = 256 << 20  # greatest memory of the history of L-BFGS
FIRST_STEP, LONGEST_STEP = 0.1, 0.5  # greatest change of a coefficient, as a fraction of white


def make_optimizer(canvas: ScaleProblem, pyramid: Parametrization, start: Tensor, iterations: int) -> Optimizer:
    """The optimizer that ``canvas.config`` names, at the coefficients `start`, for `iterations` steps.

    Raises InputError if the losses are not finite there, even in float32.
    """
    config = canvas.config
    if config.optimizer != "lbfgs":
        schedule = config.schedule.for_canvas(canvas.union.numel())
        return Descent(canvas.objective(pyramid), start, config.optimizer, schedule, iterations)
    memory = max(2, min(config.history, iterations, HISTORY_BYTES // (8 * start.numel())))
    first, longest = FIRST_STEP * config.value_range, LONGEST_STEP * config.value_range
    try:
        return LBFGS(canvas.objective(pyramid), start, memory=memory, first_step=first, max_step=longest)
    except FloatingPointError:
        canvas.config = replace(config, bf16=False)
    try:
        optimiser = LBFGS(canvas.objective(pyramid), start, memory=memory, first_step=first, max_step=longest)
    except FloatingPointError:
        raise InputError(NOT_FINITE) from None
    canvas.notes.append("the losses were not finite in bfloat16: this scale is painted in float32")
    return optimiser
