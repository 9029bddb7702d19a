"""First-order optimisers over one flat vector, one call a step: torch's own, with a decay of their rate and a way back.

Adam (Kingma & Ba 2015), NAdam (Dozat 2016), RMSprop (Tieleman & Hinton 2012) and plain gradient descent (SGD).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from portrait_nst.transfer.lbfgs import Evaluate

_MAKERS: dict[str, Callable[[list[Tensor], float], torch.optim.Optimizer]] = {
    "adam": lambda x, rate: torch.optim.Adam(x, lr=rate, betas=(0.9, 0.99)),
    "nadam": lambda x, rate: torch.optim.NAdam(x, lr=rate, betas=(0.9, 0.99), momentum_decay=0),
    "rmsprop": lambda x, rate: torch.optim.RMSprop(x, lr=rate),
    "sgd": lambda x, rate: torch.optim.SGD(x, lr=rate),
}
# For a canvas of 0 to 1 and losses of about 1. SGD's is for each pixel of the canvas: the losses are means over pixels.
RATES = {"adam": 0.02, "nadam": 0.02, "rmsprop": 0.005, "sgd": 0.002}


SETTLING, DIVERGED = 10, 30.0


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
        return replace(self, rate=self.rate * pixels, per_pixel=False) if self.per_pixel else self

    def at(self, step: int, steps: int) -> float:
        if self.decay == "constant":
            return self.rate
        if self.decay == "exponential":
            return self.rate * self.factor ** (step / self.every)
        return self.rate * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / max(steps, 1)))))


class Descent:
    """Minimise ``evaluate(x) -> (value, gradient)`` from `x` (n,) by the optimiser called `name`.

    `value` is that of the point before the last step, since these optimisers do not evaluate where they arrive. Arriving
    where the objective is not finite, or `DIVERGED` times the most that it was in the first `SETTLING` steps, it goes back to
    the best point and halves its rate.
    """

    def __init__(self, evaluate: Evaluate, x: Tensor, name: str, schedule: Schedule, steps: int = 100) -> None:
        self.evaluate, self.schedule, self.steps = evaluate, schedule, steps
        self.count, self.slower = 0, 1.0
        self.x = x.detach().clone()
        self.best: tuple[float, Tensor] | None = None
        self.settling, self.most = SETTLING, 0.0
        self.optimiser = _MAKERS[name]([self.x], schedule.rate)
        self.value = float("inf")

    def renew(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate
        if self.best is not None:  # a point to go back to still, but no longer the best
            self.best = float("inf"), self.best[1]

    def step(self) -> str:
        value, gradient = self.evaluate(self.x)
        finite = np.isfinite(value) and bool(torch.isfinite(gradient).all())
        if not finite or (not self.settling and value > DIVERGED * self.most):
            if self.best is None:
                raise FloatingPointError("the objective is not finite at the start")
            self.slower *= 0.5
            if np.isfinite(self.best[0]):
                self.settling, self.most = 0, max(self.best[0], 1e-30)
            self.optimiser.state.clear()
            self.x.copy_(self.best[1])
            problem = "the losses grew without end" if finite else "a value was not finite"
            return f"{problem}: went back to the best point, with half the learning rate"
        if self.best is None or value < self.best[0]:
            self.best = value, self.x.clone()
        if self.settling:
            self.settling, self.most = self.settling - 1, max(self.most, value)
        self.optimiser.param_groups[0]["lr"] = self.slower * self.schedule.at(self.count, self.steps)
        self.x.grad = gradient
        self.optimiser.step()
        self.value, self.count = value, self.count + 1
        return ""
