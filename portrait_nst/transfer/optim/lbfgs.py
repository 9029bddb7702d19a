"""L-BFGS over one flat vector, one call for each step.

Nocedal 1980; Liu & Nocedal 1989; in the vector-free form of Chen, Wang & Zhou 2014: the last m steps and gradient changes are
rows of one preallocated matrix, and the two-loop recursion runs on their inner products, a matrix of 2m+1 by 2m+1 in float64.
The long vectors are read twice in each step, instead of 4m times.

Opposed to torch.optim.LBFGS, every step must decrease the objective (Armijo backtracking), its greatest change is bounded, and a
value that is not finite shortens the step instead of ending the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Evaluate = Callable[[Tensor], tuple[float, Tensor]]


class Optimizer(Protocol):
    """Minimises a function of one flat vector `x` (n,), step by step; `value` is that of the last point evaluated."""

    x: Tensor
    value: float

    def step(self) -> str:
        """Advance `x`; returns a note for the user, or ""."""
        ...

    def renew(self, evaluate: Evaluate) -> None:
        """Go on with another objective from the same point."""
        ...


class LBFGS:
    """Minimise ``evaluate(x) -> (value, gradient)`` from `x` (n,) float32.

    first_step: greatest change of any coefficient in the first step (later ones are scaled by curvature).
    max_step:   the same for every step.
    """

    armijo = 1e-4
    tries = 6

    def __init__(
        self, evaluate: Evaluate, x: Tensor, *, memory: int = 12, first_step: float = 0.05, max_step: float = 0.5
    ) -> None:
        self.evaluate, self.memory = evaluate, memory
        self.first_step, self.max_step = first_step, max_step
        self.x = x
        self.history = x.new_zeros(2 * memory, x.numel())  # rows 0..m-1 steps s, rows m..2m-1 gradient changes y
        self.products = np.zeros((2 * memory, 2 * memory))
        self.order: list[int] = []  # slots in use, oldest first
        self.scale: float | None = None  # step length for a gradient, if known from elsewhere, instead of `first_step`
        self.evaluations = 1
        self.value, self.gradient = evaluate(x)
        if not is_finite(self.value, self.gradient):
            raise FloatingPointError("the objective is not finite at the start")

    def renew(self, evaluate: Evaluate) -> None:
        """Go on with a slightly different objective from the same point; its curvature is assumed to be the same."""
        value, gradient = evaluate(self.x)
        self.evaluations += 1
        if is_finite(value, gradient):
            self.evaluate, self.value, self.gradient = evaluate, value, gradient

    def step(self) -> str:
        """Advance `x` to a point with a lower value, if there is one along the direction; returns a note for the user, or ""."""
        direction, slope, length = self._direction()
        note = ""
        for attempt in range(self.tries):
            x = torch.add(self.x, direction, alpha=length)
            value, gradient = self.evaluate(x)
            self.evaluations += 1
            finite = is_finite(value, gradient)
            if finite and value <= self.value + self.armijo * length * slope:
                self._remember(x, gradient)
                self.x, self.value, self.gradient = x, value, gradient
                return note
            if not finite:
                note = "a value was not finite: retried with a shorter step"
            length *= 0.5 if attempt < 2 else 0.2
        self.first_step, self.scale = self.first_step * 0.5, None
        if self.order:
            self.order = []  # the remembered curvature is misleading here: continue with steepest descent
        return note

    def _direction(self) -> tuple[Tensor, float, float]:
        """Direction (n,), its slope and the step length to try first."""
        g = self.gradient
        if self.order:
            with_g = (self.history @ g).double().cpu().numpy()
            weights, weight_g = self._two_loops(with_g)
            direction = torch.from_numpy(weights).to(g) @ self.history
            direction.add_(g, alpha=weight_g)
            slope = float(torch.dot(direction, g))
            if np.isfinite(slope) and slope < 0:
                longest = float(direction.abs().max())
                return direction, slope, min(1.0, self.max_step / max(longest, 1e-12))
            self.order = []
        slope = -float(torch.dot(g, g))
        steepest = max(float(g.abs().max()), 1e-20)
        return (
            -g,
            slope,
            self.first_step / steepest if self.scale is None else min(self.scale, self.max_step / steepest),
        )

    @property
    def curvature(self) -> float | None:
        """s.y / y.y of the newest step, about the step length for a gradient; `scale` if no step is remembered."""
        if not self.order:
            return self.scale
        newest, m = self.order[-1], self.memory
        return float(self.products[newest, m + newest] / self.products[m + newest, m + newest])

    def _two_loops(self, with_g: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """Weights of the history's rows and of the gradient in -H g."""
        m, products = self.memory, self.products
        weights, weight_g = np.zeros(2 * m), -1.0  # q starts as -g

        def against(row: int) -> float:
            return float(weights @ products[:, row] + weight_g * with_g[row])

        alphas = {}
        for i in reversed(self.order):
            alphas[i] = against(i) / products[i, m + i]
            weights[m + i] -= alphas[i]
        newest = self.order[-1]
        scale = products[newest, m + newest] / products[m + newest, m + newest]
        weights *= scale
        weight_g *= scale
        for i in self.order:
            beta = against(m + i) / products[i, m + i]
            weights[i] += alphas[i] - beta
        return weights, weight_g

    def _remember(self, x: Tensor, gradient: Tensor) -> None:
        """Keep the step to `x` and how the gradient changed on it, in place of the oldest if the memory is full."""
        m = self.memory
        slot = self.order[0] if len(self.order) == m else next(i for i in range(m) if i not in self.order)
        self.order = [i for i in self.order if i != slot]
        s = torch.sub(x, self.x, out=self.history[slot])
        y = torch.sub(gradient, self.gradient, out=self.history[m + slot])
        curvature = float(torch.dot(s, y))
        if not curvature > 1e-7 * float(torch.linalg.vector_norm(s)) * float(torch.linalg.vector_norm(y)):
            return  # the condition does not depend on the scale of the objective
        for row in (slot, m + slot):
            fresh = (self.history @ self.history[row]).double().cpu().numpy()
            self.products[row] = self.products[:, row] = fresh
        self.order.append(slot)


def is_finite(value: float, gradient: Tensor) -> bool:
    """Whether both are finite. The extreme entries are NaN if any entry is; this takes a twentieth of isfinite's time."""
    least, greatest = torch.aminmax(gradient)
    return bool(np.isfinite(value)) and bool(torch.isfinite(least) & torch.isfinite(greatest))
