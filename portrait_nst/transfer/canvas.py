"""The canvas of one scale: its objective on a sampling grid that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.transfer import colour
from portrait_nst.transfer.how import How
from portrait_nst.transfer.lbfgs import Evaluate
from portrait_nst.transfer.objective import GramTargets, Objective, Region
from portrait_nst.transfer.portrait import Sitter
from portrait_nst.transfer.pyramid import Pixels, Pyramid

IdentityTerm = Callable[..., Tensor]  # (canvas without its first rows and columns, shift=how many) -> 0 to 2


class Canvas:
    """One scale's canvas: its objective, on a sampling grid that can be moved, and the terms of each trial.

    Pooling with stride 2 cannot see patterns of period 2 (and 4, after the next one) on its own grid, and optimising
    leaves dots there. Now and then the grid is moved by 0 to 3 pixels, at which such dots become plain errors and go away.
    """

    def __init__(
        self,
        encoder: Encoder,
        content: Tensor,
        union: Tensor,
        hold: Tensor | None,
        masks: Sequence[Tensor],
        targets: Sequence[GramTargets],
        how: How,
        sitter: Sitter | None = None,
        identity: IdentityTerm | None = None,
    ) -> None:
        """All tensors are of the canvas' size; `sitter` and `identity` are those of its faces, where they are wanted."""
        self.sitter, self.identity = sitter, identity
        self.encoder, self.content, self.union, self.masks, self.targets = encoder, content, union, masks, targets
        self.hold, self.how = hold, how
        self.notes: list[str] = []
        self.trials: list[dict[str, float]] = []
        self.shifts = shifts(how.seed)
        self.shift = (0, 0)

    def jitter(self) -> None:
        self.shift = next(self.shifts)

    def objective(self, pyramid: Pyramid | Pixels) -> Evaluate:
        """The objective on the present grid, as a function of the pyramid's coefficients."""
        dy, dx = self.shift
        terms = Objective(
            self.encoder,
            self.content[..., dy:, dx:],
            self.union[dy:, dx:],
            None if self.hold is None else self.hold[dy:, dx:],
            [Region(mask[dy:, dx:], target) for mask, target in zip(self.masks, self.targets)],
            self.how.weights,
            levels=self.how.levels,
            how=self.how.guidance,
            bf16=self.how.bf16,
            tiling=self.how.tiling,
            sitter=None if self.sitter is None else self.sitter.moved(dy, dx),
            identity=None if self.identity is None else partial(self.identity, shift=self.shift),
        )
        self.notes = terms.notes

        def evaluate(x: Tensor) -> tuple[float, Tensor]:
            coefficients = x.detach().requires_grad_(True)
            image = pyramid.synthesise(coefficients)[..., dy:, dx:]
            if self.how.grey:
                image = colour.grey(image)
            losses, gradient = terms(image)
            image.backward(gradient)
            self.trials.append(losses)
            assert coefficients.grad is not None
            return losses["total"], coefficients.grad

        return evaluate

    def accept(self, value: float) -> dict[str, float]:
        """The terms of the trial whose total is `value`; forgets the others."""
        chosen = next((t for t in reversed(self.trials) if t["total"] == value), self.trials[-1])
        self.trials = [chosen]
        return chosen


def shifts(seed: int) -> Iterator[tuple[int, int]]:
    """All sixteen shifts of the grid by 0 to 3 pixels, shuffled, over and over."""
    rng = np.random.default_rng(seed)
    while True:
        for number in rng.permutation(16):
            yield int(number) // 4, int(number) % 4
