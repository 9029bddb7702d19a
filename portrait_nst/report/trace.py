"""The course of one run: its losses step by step, and where its scales begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portrait_nst.types import Step


@dataclass(frozen=True, eq=False)
class Trace:
    """The numbers from which a run's curve is drawn.

    name:    its name in a legend.
    losses:  the losses of each step, as in `Step.losses`.
    scales:  (number of the first step from 0, (height, width)) of each scale; empty where that is not known.
    seconds: how long the run took, 0 where that is not known.
    """

    name: str
    losses: Sequence[Mapping[str, float]]
    scales: tuple[tuple[int, tuple[int, int]], ...] = ()
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values, which `from_dict` reads."""
        scales = [[first, list(size)] for first, size in self.scales]
        return {"losses": [dict(step) for step in self.losses], "scales": scales, "seconds": self.seconds}

    @classmethod
    def from_dict(cls, name: str, values: Mapping[str, Any]) -> Trace:
        """The trace that `as_dict` made `values` of."""
        scales = tuple((int(first), (int(size[0]), int(size[1]))) for first, size in values["scales"])
        return cls(name, values["losses"], scales, float(values["seconds"]))


class Recorder:
    """Takes the `Step`s of a run, as `on_step`, and gives its `Trace`; keeps numbers only."""

    def __init__(self) -> None:
        self._losses: list[dict[str, float]] = []
        self._scales: list[tuple[int, tuple[int, int]]] = []
        self._scale = -1
        self._seconds = 0.0

    def __call__(self, step: Step) -> None:
        """Take down the losses of a step."""
        if step.scale != self._scale:
            self._scale = step.scale
            self._scales.append((len(self._losses), step.size))
        self._losses.append(dict(step.losses))
        self._seconds = step.seconds

    def trace(self, name: str = "", seconds: float | None = None) -> Trace:
        """The trace of the steps so far; `seconds` replaces the time of the last one."""
        return Trace(name, self._losses, tuple(self._scales), self._seconds if seconds is None else seconds)
