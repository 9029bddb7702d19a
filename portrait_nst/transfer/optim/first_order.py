"""First-order optimisers over one flat vector, one call a step: torch's own, with a decay of their rate and a way back.

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
# For a canvas of 0 to 1 and losses of about 1. SGD's is for each pixel of the canvas: the losses are means over pixels.
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
    per_pixel: whether `rate` is to be taken times the canvas' number of pixels.
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

    `value` is that of the point before the last step, since these optimisers do not evaluate where they arrive; where the last
    step arrives is looked at nevertheless, since nothing that comes after it would put it right.

    A rate that is too great is found by what it does. Published recipes may begin roughly (from the photo, the minimum of a
    heavy term, Adam's first step makes things twenty or a thousand times worse), and come down again; later they leap up to
    three times their lowest now and then. So the value may be `ROUGH` times the first one at the start, less and less until it is
    `FAR` times it, and from halfway on not be `CLEARLY` above it for a quarter of the steps. Where it is, or is not finite, it
    goes back to the best point and halves the rate for as long as a step from there gets better by it. From then on, and where
    any run ends, the best point is the measure: `CLEARLY` times its value, or a `LITTLE` of the first one, is the most.
    """

    def __init__(self, evaluate: Evaluate, x: Tensor, name: str, schedule: Schedule, steps: int = 100) -> None:
        self.evaluate, self.schedule, self.steps = evaluate, schedule, steps
        self.count, self.slower = 0, 1.0
        self.x = x.detach().clone()
        self.first, self.above = 0.0, 0
        self.best: tuple[float, Tensor] | None = None
        self.renewed = False
        self.told: set[str] = set()
        self.optimiser = _MAKERS[name]([self.x], schedule.rate)
        self.value = float("inf")

    def renew(self, evaluate: Evaluate) -> None:
        """Go on with another objective: the point reached is the best of it, unless it was clearly not that of the old one."""
        self.evaluate = evaluate
        self.renewed = self.best is not None and self.value <= self._most(self.best[0])

    def step(self) -> str:
        """Advance `x`; returns a note for the user, or "". Raises FloatingPointError where nothing is finite from the start."""
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
        note = "" if problem in self.told else problem
        self.told.add(problem)
        return note

    def _most(self, best: float) -> float:
        """The greatest value that is not clearly worse than the `best` one."""
        return max(CLEARLY * best, LITTLE * self.first)

    def _bearable(self) -> float:
        """The greatest value with which it goes on."""
        if self.best is not None and self.slower < 1:
            return self._most(self.best[0])
        done = self.count / self.steps
        if done >= 0.5 and self.above > self.steps / 4:
            return CLEARLY * self.first
        return float(self.first * max(FAR, ROUGH ** (1 - 2 * done)))

    def _move(self, gradient: Tensor) -> None:
        self.optimiser.param_groups[0]["lr"] = self.slower * self.schedule.at(self.count, self.steps)
        self.x.grad = gradient
        self.optimiser.step()

    def _go_back(self) -> None:
        """Go to the best point, and from there a step by a rate that is halved for as long as that makes it better."""
        assert self.best is not None
        start = self.best[1]
        self.value, gradient = self.evaluate(start)  # of the objective as it is now
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
        """The first step of all, from `start`."""
        self.optimiser.state.clear()
        self.x.copy_(start)
        self._move(gradient)


def _problem(value: float, gradient: Tensor, most: float, above: str) -> str:
    """What is wrong with a point, as a note for the user: `above` where it is over `most`, "" where nothing is."""
    if not is_finite(value, gradient):
        return NOT_FINITE
    return above if value > most else ""
