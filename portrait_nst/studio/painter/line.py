"""Who waits for the painter, in which order, and when its turn comes, as far as earlier jobs tell."""

from __future__ import annotations

import bisect

from portrait_nst.errors import ResourceError
from portrait_nst.studio.painter.paces import Paces
from portrait_nst.studio.records import Job


class Full(ResourceError):
    """Too many jobs wait; HTTP answers 429."""

    status = 429


class Line:
    """The jobs that wait. Whoever uses it holds a lock."""

    def __init__(self) -> None:
        self._jobs: list[tuple[float, str]] = []  # (place, id), in order
        self._waiting: dict[str, Job] = {}
        self.paces = Paces()
        self._places: dict[str, tuple[int, float | None]] | None = None

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, id: object) -> bool:
        return id in self._waiting

    def add(self, job: Job) -> None:
        """Let a job wait at its `place`."""
        bisect.insort(self._jobs, (job.place, job.id))
        self._waiting[job.id] = job
        self._places = None

    def remove(self, id: str) -> bool:
        """Whether the job waited; it does no longer."""
        if self._waiting.pop(id, None) is None:
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

    def learn(self, job: Job) -> None:
        """A job is done: others like it will take as long, too."""
        self.paces.learn(job)
        self._places = None

    def place(self, id: str) -> tuple[int, float | None]:
        """(place from 1, seconds that those before it will take together or None if that is not known). Raises KeyError."""
        if self._places is None:
            self._places, before = {}, 0.0
            total: float | None = before
            for number, (_, each) in enumerate(self._jobs, 1):
                self._places[each] = number, total
                takes = self.paces.expected(self._waiting[each].request)
                total = None if total is None or takes is None else total + takes.seconds
        return self._places[id]
