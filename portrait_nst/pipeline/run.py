"""A run of the engine: its steps, one after the other, and then its result."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.pipeline.finishing import LATE
from portrait_nst.recipe import Recipe
from portrait_nst.result import Result, Status
from portrait_nst.types import Forecast, GainMap, Samples, Step, UInt8Array

if TYPE_CHECKING:
    from portrait_nst.transfer import StyleOptimizer, TimeEstimate

OnStep = Callable[[Step], None]
INTERRUPTED = "interrupted: this is the picture so far"
BUSY = (
    "This run is at work in another thread. One thread at a time may take its steps or its result; "
    "only stop() may be called meanwhile."
)


@dataclass(eq=False)
class Progress:
    """The state of a run.

    losses:    those of each step so far.
    notes:     messages for the user so far.
    status:    "interrupted" once it was stopped.
    optimizer: the optimiser; None before the first step, and if nothing is painted in steps.
    since:     the `time.monotonic()` from which seconds are counted.
    painted:   whether the last step is done, or the run was stopped.
    """

    losses: list[dict[str, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    status: Status = "complete"
    optimizer: StyleOptimizer | None = None
    since: float = field(default_factory=time.monotonic)
    painted: bool = False

    @property
    def seconds(self) -> float:
        """Seconds since the run, or the call that it belongs to, began."""
        return time.monotonic() - self.since

    @property
    def has_picture(self) -> bool:
        """Whether the run has a picture that it could end with."""
        return self.optimizer is not None and self.optimizer.frame is not None

    def interrupt(self) -> None:
        """End the painting with the picture so far."""
        self.status, self.painted = "interrupted", True
        self.notes.append(INTERRUPTED)

    def made(
        self,
        rgb: UInt8Array,
        alpha: UInt8Array | None,
        recipe: Recipe,
        native: Samples | None = None,
        gain_map: GainMap | None = None,
    ) -> Result:
        """The result with this picture, (H, W, 3) and (H, W) or None, its samples in the photo's space, and its gain map."""
        notes = tuple(dict.fromkeys(self.notes))
        status: Status = "interrupted" if LATE in notes else self.status
        values = recipe.as_dict()
        if self.status == "interrupted":  # after `LATE` the picture is whole, and so is its recipe
            values["status"] = self.status
        measured = (self.losses, self.seconds, notes, recipe.likeness, status)
        return Result(rgb, alpha, recipe.matte, values, *measured, native, gain_map)


class Work(Protocol):
    """The work of a `Run`: how it begins, and how the painted canvas becomes a result."""

    def begin(self) -> StyleOptimizer | None:
        """The optimiser, not yet started; None if there is nothing to paint."""

    def foretell(self, optimizer: StyleOptimizer, spent: float) -> tuple[TimeEstimate | None, Forecast | None]:
        """The estimate for the steps, and the forecast for the whole call after `spent` seconds; None if they are unknown."""

    def finish(self, progress: Progress) -> Result:
        """The result, after the steps are done or were stopped."""


class Run(Iterator[Step]):
    """An unfinished painting: iterate over its steps, then call `result`.

    run = stylizer.paint(plan)
    for step in run:
        print(step.scale, step.losses["total"], step.seconds_left)
    run.result().save("out.png")

    The next loop, or `result`, continues after a loop that was left by `break`; `stop` ends the painting early. A
    KeyboardInterrupt (Ctrl-C) during a step does the same if there is a picture. One in the body of the loop leaves it,
    as in any Python program: `result` gives the picture so far if it is called while the KeyboardInterrupt is handled (in its
    `except` or `finally` block); later, call `stop` first, because `result` would paint on.

    One thread at a time takes steps or the result; another one gets a ResourceError. `stop` may be called from any thread.
    """

    def __init__(
        self,
        work: Work,
        notes: tuple[str, ...] = (),
        *,
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
        since: float | None = None,
    ) -> None:
        """The first step has the `notes`; `alone` is a context for all computations; seconds are counted from `since`."""
        self.progress = Progress(notes=list(notes), since=time.monotonic() if since is None else since)
        self._work, self._alone = work, alone
        self._steps: Generator[Step, None, None] | None = None
        self._result: Result | None = None
        self._lock, self._stop_asked = threading.Lock(), False

    def __iter__(self) -> Run:
        """The run itself: a second loop continues where the first one was left."""
        return self

    def __next__(self) -> Step:
        """The next step. The first one has a forecast of the run."""
        return self._take(foretell=True)

    def stop(self) -> None:
        """End the painting: `result` is the picture so far. Raises InputError if there is none yet.

        While another thread takes a step, the painting ends after that step.
        """
        if self.progress.painted or self._result is not None:
            return
        if not self.progress.has_picture:
            raise InputError("Nothing is painted yet, so there is no picture to stop at; take a step first.")
        self._stop_asked = True
        if self._lock.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._lock.release()

    def result(self, on_step: OnStep | None = None) -> Result:
        """The finished picture. The remaining steps are taken first, and `on_step` is called with each.

        A KeyboardInterrupt, raised in `on_step` or by Ctrl-C, ends the painting as `stop` does, and so does one that is being
        handled when `result` is called. Raises ResourceError while another thread takes a step.
        """
        if self._result is None:
            if isinstance(sys.exception(), KeyboardInterrupt) and self.progress.has_picture:
                self.stop()
            self._take_all(on_step)
            with self._turn():
                self._result = self._result or self._finished()
        return self._result

    def _finished(self) -> Result:
        if not self.progress.painted:
            raise RuntimeError("This run ended in an error and has no result; paint the plan again.")
        self.progress.painted = False
        with self._alone():
            return self._work.finish(self.progress)

    def _take_all(self, on_step: OnStep | None) -> None:
        try:
            while True:
                step = self._take(foretell=on_step is not None)
                if on_step is not None:
                    on_step(step)
        except StopIteration:
            return
        except KeyboardInterrupt:
            if not self.progress.has_picture:
                raise
            self.stop()

    def _take(self, foretell: bool) -> Step:
        """The next step. Raises StopIteration after the last one, and ResourceError while another thread is at work."""
        with self._turn():
            if self._stop_asked:
                self._end()
            return next(self._started(foretell))

    def _end(self) -> None:
        if not self.progress.painted and self._result is None and self.progress.has_picture:
            self._started().close()
            self.progress.interrupt()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(blocking=False):
            raise ResourceError(BUSY)
        try:
            yield
        finally:
            self._lock.release()

    def _started(self, foretell: bool = False) -> Generator[Step, None, None]:
        if self._steps is None:
            self._steps = _steps(self._work, self.progress, self._alone, foretell)
        return self._steps


def _steps(
    work: Work, progress: Progress, alone: Callable[[], AbstractContextManager[None]], foretell: bool
) -> Generator[Step, None, None]:
    """The steps of `work`, recorded in `progress`; with `foretell`, their time is measured beforehand.

    It has no reference to its run, so that an abandoned run is freed at once, and with it the Stylizer.
    """
    with alone():
        optimizer = progress.optimizer = work.begin()
        if optimizer is not None:
            estimate, ahead = work.foretell(optimizer, progress.seconds) if foretell else (None, None)
            first = list(progress.notes)
            try:
                for step in optimizer.steps(estimate):
                    if step.note:
                        progress.notes.append(step.note)
                    if not progress.losses:
                        step = replace(step, forecast=ahead, note="; ".join(filter(None, [*first, step.note])))
                    progress.losses.append(step.losses)
                    yield step
            except KeyboardInterrupt:
                if optimizer.frame is None:
                    raise
                progress.interrupt()
        progress.painted = True
