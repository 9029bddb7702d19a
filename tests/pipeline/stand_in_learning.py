"""A stand-in for `Learning` whose steps only count, for tests of what stands around it."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from portrait_nst.instant import Gaussian, Network, learning
from portrait_nst.instant.network import About

USUAL = 4  # steps of a run that minutes would end


class StandIn:
    """Takes what `Learning` takes. Its checkpoint is the number of steps as text.

    runs: (the step that it went on from, the last step) of each run. interrupt_at: a step after which Ctrl-C comes; signals:
    whether as a signal. pause: seconds of a step. timed: whether a run by the clock says that it took the time asked for.
    """

    runs: ClassVar[list[tuple[int, int]]] = []
    interrupt_at: ClassVar[int] = 0
    signals: ClassVar[bool] = False
    pause: ClassVar[float] = 0.0
    timed: ClassVar[bool] = False

    def __init__(
        self,
        paintings: Any,
        settings: Any,
        encoder: Any,
        start: Network,
        material: Any,
        checkpoint: Path | None = None,
        *,
        began: float | None = None,
    ) -> None:
        self.paintings, self.settings, self.encoder, self.start = paintings, settings, encoder, start
        self.notes = list(material.notes)
        self.checkpoint = checkpoint
        there = checkpoint is not None and checkpoint.exists()
        self.step = self.resumed = json.loads(checkpoint.read_text()) if checkpoint is not None and there else 0

    def __iter__(self) -> Iterator[Any]:
        last = self.settings.steps or USUAL
        self.runs.append((self.step, last))
        try:
            while self.step < last:
                time.sleep(self.pause)
                if self.step + 1 == self.interrupt_at and not self.signals:
                    raise KeyboardInterrupt
                self.step += 1
                self.runs[-1] = (self.resumed, self.step)
                if self.step == self.interrupt_at:
                    signal.raise_signal(signal.SIGINT)
                losses = {"covariance": 0.4, "nearest": 2.0, "content": 0.1}
                yield learning.LearnStep(self.step, last, 0.5 * self.step, 0.5 * (last - self.step), losses)
        finally:
            if self.checkpoint is not None:
                self.checkpoint.write_text(json.dumps(self.step))

    def network(self) -> Network:
        target = Gaussian(torch.zeros(128, dtype=torch.float64), torch.eye(128, dtype=torch.float64))
        paintings = tuple(painting.described for painting in self.paintings)
        clock = self.timed and self.settings.steps is None
        seconds = self.settings.seconds * self.step / USUAL if clock else 0.5 * self.step
        about = About(paintings, self.step, seconds, self.settings.as_dict(), self.encoder.sha256)
        return replace(self.start, targets=(target,) * 3, about=about)

    def discard(self) -> None:
        if self.checkpoint is not None:
            self.checkpoint.unlink(missing_ok=True)


def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    """Let `StandIn` take the place of `Learning`, with nothing learned yet."""
    StandIn.runs.clear()
    monkeypatch.setattr(StandIn, "interrupt_at", 0)
    monkeypatch.setattr(learning, "Learning", StandIn, raising=False)
    none = np.zeros((0, 256, 256, 3), np.uint8)
    material = learning.Material(none, none, none[..., 0], "none", ())
    monkeypatch.setattr(learning, "package_material", lambda: material, raising=False)
    return StandIn
