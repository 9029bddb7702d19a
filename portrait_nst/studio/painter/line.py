"""Who waits for the painter, in which order, and how long it will take, as far as earlier jobs tell."""

from __future__ import annotations

import bisect
import json
from collections.abc import Mapping
from typing import Any

from portrait_nst.studio.records import Job

_NOT_THE_RECIPE = ("photo", "mask", "title", "decided")
MOST_KNOWN = 500  # recipes whose seconds are remembered


class Line:
    """The jobs that wait. Whoever uses it holds a lock."""

    def __init__(self) -> None:
        self._jobs: list[tuple[float, str]] = []  # (place, id), in order
        self._keys: dict[str, tuple[str, str]] = {}
        self._seconds: dict[str, float] = {}
        self._places: dict[str, tuple[int, float | None]] | None = None

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, id: object) -> bool:
        return id in self._keys

    def add(self, job: Job) -> None:
        """Let a job wait at its `place`."""
        bisect.insort(self._jobs, (job.place, job.id))
        self._keys[job.id] = keys(job.kind, job.request)
        self._places = None

    def remove(self, id: str) -> bool:
        """Whether the job waited; it does no longer."""
        if self._keys.pop(id, None) is None:
            return False
        self._jobs = [entry for entry in self._jobs if entry[1] != id]
        self._places = None
        return True

    def first(self) -> str | None:
        """Whose turn is next."""
        return self._jobs[0][1] if self._jobs else None

    def next(self, count: int) -> list[str]:
        """The first `count` ids."""
        return [id for _, id in self._jobs[:count]]

    def learn(self, job: Job, seconds: float) -> None:
        """A job took so many seconds: others like it will, too."""
        for key in keys(job.kind, job.request):
            self._seconds.pop(key, None)
            self._seconds[key] = seconds
        while len(self._seconds) > MOST_KNOWN:
            self._seconds.pop(next(iter(self._seconds)))
        self._places = None

    def expected(self, kind: str, request: Mapping[str, Any]) -> float | None:
        """Seconds that a job took which had the same recipe, or else the same quality; None if there was none."""
        return self._expected(keys(kind, request))

    def place(self, id: str) -> tuple[int, float | None]:
        """(place from 1, seconds that those before it will take together or None if that is not known). Raises KeyError."""
        if self._places is None:
            self._places, before = {}, 0.0
            total: float | None = before
            for number, (_, each) in enumerate(self._jobs, 1):
                self._places[each] = number, total
                takes = self._expected(self._keys[each])
                total = None if total is None or takes is None else total + takes
        return self._places[id]

    def _expected(self, names: tuple[str, str]) -> float | None:
        return next((self._seconds[key] for key in names if key in self._seconds), None)


def keys(kind: str, request: Mapping[str, Any]) -> tuple[str, str]:
    """What jobs that take equally long have in common: the recipe without its photo; or else the kind and the quality."""
    recipe = {name: value for name, value in request.items() if name not in _NOT_THE_RECIPE}
    settings = request.get("settings") or {}
    rough = [kind, request.get("preset"), settings.get("quality"), settings.get("size"), bool(request.get("popart"))]
    return json.dumps(recipe, sort_keys=True), json.dumps(rough)
