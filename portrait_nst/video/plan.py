"""How a clip will be painted, decided before its first frame: at what size, in which shots, in which parts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from portrait_nst.settings import Settings


@dataclass(frozen=True)
class Shot:
    """What lies between two cuts.

    first, end: its frames, from the first to before `end`.
    samples:    those frames of it, all over it, from which is taken what must not change during it.
    """

    first: int
    end: int
    samples: tuple[int, ...]


@dataclass(frozen=True)
class Part:
    """What is painted and kept at once: some seconds of one shot, from the frame `first` to before `end`."""

    number: int
    first: int
    end: int
    shot: int

    @property
    def frames(self) -> int:
        """How many frames it has."""
        return self.end - self.first


def are_independent(settings: Settings) -> bool:
    """Whether a shot can be painted without those before it: not where one person is followed, who is known from them."""
    return settings.person == "all"


def parts_of(shots: Sequence[Shot], times: Sequence[float], seconds: float) -> tuple[Part, ...]:
    """The parts of a clip, none longer than `seconds` if its frames allow it, and those of a shot about equally long.

    times: when each frame is shown, in seconds.
    """
    parts: list[Part] = []
    for number, shot in enumerate(shots):
        frames = shot.end - shot.first
        rate = (times[shot.end - 1] - times[shot.first]) / max(frames - 1, 1)  # seconds a frame, on average
        count = min(frames, max(1, math.ceil(round(frames * rate / seconds, 6))))
        edges = [shot.first + round(i * frames / count) for i in range(count + 1)]
        parts += [Part(len(parts) + i, a, b, number) for i, (a, b) in enumerate(itertools.pairwise(edges))]
    return tuple(parts)


def runs_of(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """The parts of each shot."""
    return [tuple(run) for _, run in itertools.groupby(parts, key=lambda part: part.shot)]
