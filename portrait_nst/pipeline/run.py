"""A run of the engine: its steps, one after the other, and then its result."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from portrait_nst.errors import InputError
from portrait_nst.pipeline.finishing import LATE
from portrait_nst.recipe import Recipe
from portrait_nst.result import Result, Status
from portrait_nst.types import Forecast, Step, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.transfer import StyleOptimizer, TimeEstimate

OnStep = Callable[[Step], None]
INTERRUPTED = "interrupted: this is the picture so far"


class Work(Protocol):
    """What a `Run` does: how it begins, and what becomes of the painted canvas."""

    def begin(self) -> StyleOptimizer | None:
        """The optimiser, not yet started; None where nothing is left to paint."""

    def foretell(self, optimizer: StyleOptimizer, spent: float) -> tuple[TimeEstimate | None, Forecast | None]:
        """What the steps, and the whole call, will take after `spent` seconds; None where that cannot be told."""

    def finish(self, run: Run) -> Result:
        """The result of a `run` whose steps are done or were stopped."""


class Run(Iterator[Step]):
    """A painting in the making: iterate over its steps, then ask for its `result`.

    run = stylizer.paint(plan)
    for step in run:
        print(step.scale, step.losses["total"], step.seconds_left)
    run.result().save("out.png")

    A KeyboardInterrupt (Ctrl-C) during a step ends the steps once there is a picture; the result is then the picture so far.
    A run belongs to the thread that began it.

    losses: of each step so far.
    notes:  what the run had to say so far.
    status: "interrupted" once it was stopped.
    """

    def __init__(
        self,
        work: Work,
        notes: tuple[str, ...] = (),
        *,
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
        since: float | None = None,
    ) -> None:
        """`notes` are told with the first step; `alone` is a context for all computing; seconds are counted `since` then."""
        self.losses: list[dict[str, float]] = []
        self.notes = list(notes)
        self.status: Status = "complete"
        self.optimizer: StyleOptimizer | None = None
        self._work, self._alone = work, alone
        self._since = time.monotonic() if since is None else since
        self._steps: Generator[Step, None, None] | None = None
        self._painted = False
        self._result: Result | None = None

    def __iter__(self) -> Run:
        """The run itself: a second loop goes on where the first one was left."""
        return self

    def __next__(self) -> Step:
        """The next step. Its first one tells what the run will take."""
        if self._steps is None:
            self._steps = self._paint(foretell=True)
        return next(self._steps)

    @property
    def seconds(self) -> float:
        """Seconds since the run, or the call that it belongs to, began."""
        return time.monotonic() - self._since

    def stop(self) -> None:
        """End the painting: `result` is the picture so far. Raises InputError where there is none yet."""
        if self._painted:
            return
        if self.optimizer is None or self.optimizer.frame is None:
            raise InputError("Nothing is painted yet, so there is no picture to stop at; take a step first.")
        if self._steps is not None:
            self._steps.close()
        self._interrupt()

    def result(self, on_step: OnStep | None = None) -> Result:
        """The finished picture. Steps that are left are taken first, and each is given to `on_step`.

        A KeyboardInterrupt, raised in `on_step` or by Ctrl-C, ends the painting as `stop` does.
        """
        if self._result is None:
            self._take_all(on_step)
            if not self._painted:
                raise RuntimeError("This run ended in an error and has no result; paint the plan again.")
            self._painted = False
            with self._alone():
                self._result = self._work.finish(self)
        return self._result

    def made(self, rgb: UInt8Array, alpha: UInt8Array | None, recipe: Recipe) -> Result:
        """The result with this picture, (H, W, 3) and (H, W) or None, for `Work.finish`."""
        notes = tuple(dict.fromkeys(self.notes))
        status: Status = "interrupted" if LATE in notes else self.status
        values = recipe.as_dict()
        return Result(rgb, alpha, recipe.matte, values, self.losses, self.seconds, notes, recipe.likeness, status)

    def _take_all(self, on_step: OnStep | None) -> None:
        if self._painted:
            return
        if self._steps is None:
            self._steps = self._paint(foretell=on_step is not None)
        try:
            for step in self._steps:
                if on_step is not None:
                    on_step(step)
        except KeyboardInterrupt:
            if self.optimizer is None or self.optimizer.frame is None:
                raise
            self.stop()

    def _paint(self, foretell: bool) -> Generator[Step, None, None]:
        """The steps of the optimiser; of the time that they take nothing is measured unless they are to `foretell` it."""
        first, before = True, list(self.notes)
        with self._alone():
            optimizer = self.optimizer = self._work.begin()
            if optimizer is not None:
                estimate, ahead = self._work.foretell(optimizer, self.seconds) if foretell else (None, None)
                try:
                    for step in optimizer.steps(estimate):
                        self.losses.append(step.losses)
                        if step.note:
                            self.notes.append(step.note)
                        if first:
                            step = replace(step, forecast=ahead, note="; ".join(filter(None, [*before, step.note])))
                        first = False
                        yield step
                except KeyboardInterrupt:
                    if optimizer.frame is None:
                        raise
                    self._interrupt()
            self._painted = True

    def _interrupt(self) -> None:
        self.status, self._painted = "interrupted", True
        self.notes.append(INTERRUPTED)
