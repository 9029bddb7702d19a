"""How far a clip is: what `stylize_video` tells while it works."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from portrait_nst.types import Forecast

Stage = Literal["survey", "paint", "join"]
OF_CYCLES = 6  # frames at least that are measured where some are much cheaper than others
SETTLED = 3  # frames after which the time that is left is known: the first one loads what the others share


@dataclass(frozen=True)
class VideoStep:
    """A step of the work on a clip.

    stage:    "survey" while the clip is looked through, "paint" with each painted frame, "join" once when all are.
    frame:    frames so far in this stage, with those of an earlier run that was broken off.
    frames:   how many there are; None while that is not known.
    seconds:  since the call.
    rate:     frames painted a second, in this run; 0 before it is known.
    seconds_left: of the painting; None before it is known.
    forecast: of the whole run, once, as soon as a few frames are painted; its memory is what the process has taken.
    note:     a remark for the user, or "".
    """

    stage: Stage
    frame: int
    frames: int | None
    seconds: float
    rate: float = 0.0
    seconds_left: float | None = None
    forecast: Forecast | None = None
    note: str = ""


OnProgress = Callable[[VideoStep], None]


class Pace:
    """Counts painted frames, and tells how many a second there are and how long the others will take.

    The first frame of a run does not count: networks and targets are loaded with it.

    settled: frames after which the rate is known.
    """

    def __init__(self, frames: int, done: int, began: float, cycle: int = 1) -> None:
        """`done` of the `frames` were painted by an earlier run; the call `began` at this `time.monotonic()`.

        cycle: after so many frames the cost of one repeats, as where drawings are held; whole cycles are measured.
        """
        self.frames, self.done, self.began = frames, done, began
        self.settled = SETTLED if cycle == 1 else 1 + cycle * math.ceil(OF_CYCLES / cycle)
        self._cycle = cycle
        self._earlier, self._first, self._measured, self._until = done, 0.0, 0, 0.0

    def painted(self, note: str = "") -> VideoStep:
        """One more frame is painted."""
        now = time.monotonic()
        self.done += 1
        here = self.done - self._earlier
        if here == 1:
            self._first = now
        if here > 1 and (here - 1) % self._cycle == 0:
            self._measured, self._until = here - 1, now
        known = here >= self.settled and self._until > self._first
        rate = self._measured / (self._until - self._first) if known else 0.0
        left = (self.frames - self.done) / rate if known else None
        forecast = None
        if here == self.settled and left is not None:
            forecast = Forecast(now - self.began + left, _memory_taken(), now - self.began + left)
        return VideoStep("paint", self.done, self.frames, now - self.began, rate, left, forecast, note)


def _memory_taken() -> float:
    """Bytes of memory that this process has."""
    import psutil

    return float(psutil.Process().memory_info().rss)
