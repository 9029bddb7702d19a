"""A run of learning: it ends by the clock or after so many steps, is kept as it goes, and goes on where it was broken off."""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from portrait_nst.encoders import Encoder
from portrait_nst.errors import InputError
from portrait_nst.instant.learning import checkpoint as kept
from portrait_nst.instant.learning import recipe
from portrait_nst.instant.learning.crops import Crops
from portrait_nst.instant.learning.learner import Learner
from portrait_nst.instant.learning.material import Material
from portrait_nst.instant.learning.paintings import Blend
from portrait_nst.instant.learning.settings import LearnSettings
from portrait_nst.instant.learning.targets import make_targets
from portrait_nst.instant.network import About, Network
from portrait_nst.transfer import choose_device, has_fast_bf16
from portrait_nst.transfer.allocator import give_back, keep_freed_memory

EVERY = 20.0  # seconds between two checkpoints: what a kill costs at most
PACED = 8  # steps by which the time that is left is told: the first ones prepare memory, and are twice as slow
ENDING = 1.0  # seconds that are left for saving the network


@dataclass(frozen=True)
class LearnStep:
    """A step of learning that is done.

    step, steps:  its number from 1, and how many there will be; by the clock an estimate.
    seconds, seconds_left: of wall time, those of a run that was broken off included.
    losses:       weighted, averaged over the last steps.
    """

    step: int
    steps: int
    seconds: float
    seconds_left: float
    losses: dict[str, float]


class Learning:
    """Learns a network for one painting, or one for several.

    Iterate over it to learn; `network()` is what is learned so far, also after KeyboardInterrupt or where the loop is left.

    notes: remarks for the user. step: steps that are done. resumed: those of them that an earlier run had done.
    """

    def __init__(
        self,
        paintings: Blend,
        settings: LearnSettings,
        encoder: Encoder,
        start: Network,
        material: Material,
        checkpoint: Path | None = None,
        *,
        began: float | None = None,
        side: int = recipe.CROP,
    ) -> None:
        """Look at the paintings, and go on from the `checkpoint` if that file is of the same run.

        encoder: the embedded one. start: whose weights and scale to begin with, as a rule the universal network.
        checkpoint: a file that is written every `EVERY` seconds; one for each run, see `fingerprint`.
        began: `time.monotonic()` from which the minutes count; now, if it is not given. side: of the crops, in pixels.

        Raises InputError without paintings, MaskError where nothing of one counts, ResourceError for a device that is not there.
        """
        self._began = time.monotonic() if began is None else began
        if not paintings:
            raise InputError("No painting was given: name at least one picture.")
        if settings.threads is not None:
            torch.set_num_threads(settings.threads)
        self.device = torch.device(choose_device(settings.device))
        fast = settings.precision == "bfloat16" or (settings.precision == "auto" and has_fast_bf16(str(self.device)))
        dtype = torch.bfloat16 if fast else torch.float32
        self.paintings, self.settings, self.encoder, self.start = tuple(paintings), settings, encoder, start
        if self.device.type == "cpu":
            keep_freed_memory()
        encoder.to(self.device)
        self.targets = make_targets(self.paintings, encoder, settings.size, self.device, dtype, settings.seed)
        give_back()
        self._learner = Learner(
            encoder,
            Crops(material, self.device),
            self.targets,
            start.decoder,
            start.scale,
            dtype=dtype,
            seed=settings.seed,
            side=side,
        )
        self.notes = list(material.notes)
        self._checkpoint = checkpoint
        self._fingerprint = fingerprint(paintings, settings, encoder, start, material)
        before = None if checkpoint is None else kept.restore(checkpoint, self._learner, self._fingerprint)
        self._before = self._taken = 0.0 if before is None else before
        self.resumed = self._learner.step

    @property
    def step(self) -> int:
        """Steps that are done."""
        return self._learner.step

    @property
    def seconds(self) -> float:
        """Seconds of wall time that learning has taken, those of a run that was broken off included."""
        return self._before + time.monotonic() - self._began

    def __iter__(self) -> Iterator[LearnStep]:
        """Learn, step by step; the checkpoint is written as it goes, and where the loop is left. Raises PortraitError."""
        entered = written = time.monotonic()
        pace, ends = 0.0, deque([(self.step, entered)], PACED)  # the last steps and when each ended
        while not self._over(pace):
            self._learner.advance(self._part)
            self._taken = self.seconds
            now = time.monotonic()
            pace = (now - ends[0][1]) / (self.step - ends[0][0])
            ends.append((self.step, now))
            try:
                yield self._progress(pace)
            except GeneratorExit:  # the loop is left between two steps
                self._keep()
                raise
            if time.monotonic() - written > EVERY:
                self._keep()
                written = time.monotonic()
        self._keep()

    def network(self) -> Network:
        """What is learned so far, with the weights averaged over the last steps; the start where nothing is."""
        about = About(
            tuple(painting.described for painting in self.paintings),
            self.step,
            round(self._taken, 1),
            self.settings.as_dict(),
            self.encoder.sha256,
        )
        return Network(self._learner.averaged(), self.targets.gaussians, self.start.scale, recipe.GRAIN, about)

    def discard(self) -> None:
        """Remove the checkpoint, once the network is kept."""
        if self._checkpoint is not None:
            kept.forget(self._checkpoint)

    @property
    def _limit(self) -> float:
        return max(1.0, self.settings.seconds - ENDING)

    @property
    def _part(self) -> float:
        """How much of the run is over, in [0, 1]."""
        steps = self.settings.steps
        return self.step / steps if steps is not None else min(1.0, self.seconds / self._limit)

    def _over(self, pace: float) -> bool:
        """Whether the run ends before another step of `pace` seconds; at least one step is made."""
        if self.settings.steps is not None:
            return self.step >= self.settings.steps
        return self.step > 0 and self.seconds + pace > self._limit

    def _progress(self, pace: float) -> LearnStep:
        steps = self.settings.steps
        if steps is None:
            left = max(0.0, self._limit - self.seconds)
            steps = self.step + int(left / max(pace, 1e-6))
        else:
            left = (steps - self.step) * pace
        return LearnStep(self.step, steps, self.seconds, left, dict(self._learner.losses))

    def _keep(self) -> None:
        if self._checkpoint is None:
            return
        if not kept.save(self._checkpoint, self._learner, self.seconds, self._fingerprint):
            self.notes.append(
                f"{self._checkpoint} cannot be written, so that this run cannot go on where it is broken off"
            )
            self._checkpoint = None


def fingerprint(paintings: Blend, settings: LearnSettings, encoder: Encoder, start: Network, material: Material) -> str:
    """24 hex digits for all that decides what is learned: a run that was broken off goes on only with the same."""
    weights = hashlib.sha256()
    for weight in start.decoder.parameters():
        weights.update(weight.detach().cpu().contiguous().numpy().tobytes())
    orders = {k: v for k, v in settings.as_dict().items() if k not in ("device", "threads")}
    parts = [
        recipe.VERSION,
        [painting.key for painting in paintings],
        orders,
        encoder.sha256,
        weights.hexdigest(),
        start.scale,
        material.key,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]
