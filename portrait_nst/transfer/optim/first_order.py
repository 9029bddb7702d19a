"""First-order optimisers over one flat vector, one call for each step: torch's own, with a decaying rate and backtracking.

Adam (Kingma & Ba 2015), NAdam (Dozat 2016), RMSprop (Tieleman & Hinton 2012) and plain gradient descent (SGD).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from portrait_nst.transfer.optim.lbfgs import Evaluate, is_finite

_MAKERS: dict[str, Callable[[list[Tensor], float], torch.optim.Optimizer]] = {
    "adam": lambda x, rate: torch.optim.Adam(x, lr=rate, betas=(0.9, 0.99)),
    "nadam": lambda x, rate: torch.optim.NAdam(x, lr=rate, betas=(0.9, 0.99), momentum_decay=0),
    "rmsprop": lambda x, rate: torch.optim.RMSprop(x, lr=rate),
    "sgd": lambda x, rate: torch.optim.SGD(x, lr=rate),
}
# Rates for values of 0 to 1 and losses of about 1. SGD's rate is multiplied by the number of pixels: losses are means over them.
RATES = {"adam": 0.02, "nadam": 0.02, "rmsprop": 0.005, "sgd": 0.002}

ROUGH, FAR, CLEARLY, LITTLE = 1e6, 30.0, 1.5, 0.05
HALVINGS = 64
BACK = "went back to the best point and halved the learning rate until it held"
NOT_FINITE = f"a value was not finite: {BACK}"
GREW = f"the losses grew without end: {BACK}"
ENDED = "the losses ended clearly above the lowest: kept the point that had those"


@dataclass(frozen=True)
class Schedule:
    """The learning rate over the steps of a scale.

    decay: "cosine" (from `rate` down a half-cosine to a tenth of it at the last step), "exponential" (`rate` x
           `factor` ^ (step / every), as Keras' ExponentialDecay) or "constant".
    per_pixel: whether `rate` is to be multiplied by the canvas' number of pixels.
    """

    rate: float
    decay: str = "cosine"
    factor: float = 0.96
    every: int = 100
    per_pixel: bool = False

    def for_canvas(self, pixels: int) -> Schedule:
        """The schedule for a canvas with this number of `pixels`."""
        return replace(self, rate=self.rate * pixels, per_pixel=False) if self.per_pixel else self

    def at(self, step: int, steps: int) -> float:
        """The rate of a `step`, counted from 0, in a run of `steps`."""
        if self.decay == "constant":
            return self.rate
        if self.decay == "exponential":
            return float(self.rate * self.factor ** (step / self.every))
        return self.rate * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(steps, 1)))))


class Descent:
    """Minimise ``evaluate(x) -> (value, gradient)`` from `x` (n,) by the optimizer called `name`, in `steps` steps.

    `value` is that of the point before the last step, since these optimisers do not evaluate the point that they reach. Only
    after the last step, the new point is evaluated too, because no later step could correct it.

    A rate that is too great is recognised by its effect. Published recipes may begin roughly: from the photo, which minimises a
    heavy term, Adam's first step makes the value twenty or a thousand times worse, and it falls again afterwards. Later the value
    may rise to three times its lowest now and then. So at the start the value may be `ROUGH` times the first one; this limit
    falls to `FAR` times. From halfway on, the value may not be above `CLEARLY` times the first one for a quarter of the steps.
    If a limit is exceeded, or the value is not finite, the optimiser returns to the best point, and halves the rate as long as
    that improves the step from there. From then on, and at the end of any run, the limit is `CLEARLY` times the best value, or a
    `LITTLE` of the first one.
    """

    def __init__(self, evaluate: Evaluate, x: Tensor, name: str, schedule: Schedule, steps: int = 100) -> None:
        self.evaluate, self.schedule, self.steps = evaluate, schedule, steps
        self.count, self.slower = 0, 1.0
        self.x = x.detach().clone()
        self.first, self.above = 0.0, 0
        self.best: tuple[float, Tensor] | None = None
        self.renewed = False
        self.noted: set[str] = set()
        self.optimiser = _MAKERS[name]([self.x], schedule.rate)
        self.value = float("inf")

    def renew(self, evaluate: Evaluate) -> None:
        """Go on with another objective: the present point counts as its best, unless it was clearly worse than the old one's."""
        self.evaluate = evaluate
        self.renewed = self.best is not None and self.value <= self._most(self.best[0])

    def step(self) -> str:
        """Advance `x`; returns a note for the user, or "". Raises FloatingPointError if the value is not finite at the start."""
        value, gradient = self.evaluate(self.x)
        if self.best is None:
            if not is_finite(value, gradient):
                raise FloatingPointError("the objective is not finite at the start")
            self.first = value
        self.above = self.above + 1 if value > CLEARLY * self.first else 0
        problem = _problem(value, gradient, self._bearable(), GREW)
        if not problem:
            if self.best is None or self.renewed or value < self.best[0]:
                self.best, self.renewed = (value, self.x.clone()), False
            self._move(gradient)
            self.value = value
            if self.count + 1 >= self.steps:
                problem = _problem(*self.evaluate(self.x), self._most(self.best[0]), ENDED)
        if problem:
            self._go_back()
        self.count += 1
        note = "" if problem in self.noted else problem
        self.noted.add(problem)
        return note

    def _most(self, best: float) -> float:
        """The greatest value that is not clearly worse than the `best` one."""
        return max(CLEARLY * best, LITTLE * self.first)

    def _bearable(self) -> float:
        """The greatest value that is accepted at this step."""
        if self.best is not None and self.slower < 1:
            return self._most(self.best[0])
        done = self.count / self.steps
        if done >= 0.5 and self.above > self.steps / 4:
            return CLEARLY * self.first
        return float(self.first * max(FAR, ROUGH ** (1 - 2 * done)))

    def _move(self, gradient: Tensor) -> None:
        """Take a step along the `gradient`, by the rate of the schedule."""
        self.optimiser.param_groups[0]["lr"] = self.slower * self.schedule.at(self.count, self.steps)
        self.x.grad = gradient
        self.optimiser.step()

    def _go_back(self) -> None:
        """Return to the best point, and take a step from there whose rate is halved as long as that improves it."""
        assert self.best is not None
        start = self.best[1]
        self.value, gradient = self.evaluate(start)  # the objective may have changed since
        if not is_finite(self.value, gradient):
            raise FloatingPointError("the objective is not finite at the best point")
        self.best, self.renewed = (self.value, start), False
        lowest = self.value
        for _ in range(HALVINGS):
            self.slower *= 0.5
            self._move_from(start, gradient)
            value, slope = self.evaluate(self.x)
            if lowest < self.value and not value < lowest:
                self.slower *= 2
                self._move_from(start, gradient)
                return
            lowest = value if is_finite(value, slope) and value < lowest else lowest
        self.x.copy_(start)

    def _move_from(self, start: Tensor, gradient: Tensor) -> None:
        """Take a step from `start`, without any memory of earlier steps."""
        self.optimiser.state.clear()
        self.x.copy_(start)
        self._move(gradient)


def _problem(value: float, gradient: Tensor, most: float, above: str) -> str:
    """A note for the user on a bad point: `above` if its value is greater than `most`; "" if the point is good."""
    if not is_finite(value, gradient):
        return NOT_FINITE
    return above if value > most else ""
