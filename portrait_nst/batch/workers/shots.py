"""A film of a batch as the work of several workers: one looks through it, any of them paint its shots, one joins them."""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path

from portrait_nst.batch.workers.task import SURVEY, Outcome, Task
from portrait_nst.errors import PortraitError
from portrait_nst.video import parts
from portrait_nst.video.names import is_film
from portrait_nst.video.plan import are_independent


@dataclass(eq=False)
class _Film:
    """A film in work. at_work: pieces that workers have; lock: on its work folder, while shots are painted."""

    task: Task
    lock: contextlib.ExitStack
    at_work: int = 0
    seconds: float = 0.0
    joining: bool = False
    failed: Outcome | None = None
    waiting: deque[Task] = field(default_factory=deque)


class SharedFilms:
    """Cuts films into tasks, of which each of the `workers` has about one, and puts their outcomes together.

    A film in a store, or one in which one person is followed from shot to shot, stays with one worker. The last task of a film
    is that of all of it: it finds every shot painted, and joins them.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._films: dict[int, _Film] = {}
        self._rows: dict[int, int] = {}  # of the film, by the number of a piece that is at work
        self._numbers = itertools.count(-1, -1)  # rows have those over 0

    def takes(self, task: Task) -> bool:
        """Whether the task is a film that several workers can paint."""
        local = isinstance(task.photo, Path) and isinstance(task.output, Path)
        plain = task.mask is None and not (task.style is not None and task.style.labels)
        return self._workers > 1 and is_film(task.photo.name) and local and plain and are_independent(task.settings)

    def add(self, task: Task) -> None:
        """Take up a film."""
        film = self._films[task.number] = _Film(task, contextlib.ExitStack())
        assert isinstance(task.output, Path)
        try:
            film.lock.enter_context(parts.locked(task.output))
        except PortraitError:  # the worker that gets all of it says why
            self._join(film)
        else:
            film.waiting.append(replace(task, number=next(self._numbers), piece=SURVEY))

    @property
    def waiting(self) -> bool:
        """Whether there is a piece that no worker has."""
        return any(film.waiting for film in self._films.values())

    def next(self) -> Task | None:
        """A piece for a worker; None where each has one, or none is left."""
        film = next((film for film in self._films.values() if film.waiting), None)
        if film is None or len(self._rows) >= self._workers:
            return None
        piece = film.waiting.popleft()
        film.at_work += 1
        self._rows[piece.number] = film.task.number
        return piece

    def row(self, number: int) -> int:
        """The row of the film whose piece has this number; the number itself for all other tasks."""
        return self._rows.get(number, number)

    def received(self, outcome: Outcome) -> Outcome | None:
        """What has become of a film when the last of its pieces is done, and None before; `outcome` where it is no piece's."""
        if outcome.number not in self._rows:
            return outcome
        film = self._films[self._rows.pop(outcome.number)]
        film.at_work -= 1
        film.seconds += outcome.seconds
        if outcome.error and film.failed is None:
            film.failed = outcome
            film.waiting.clear()
        elif outcome.shots > 1 and film.failed is None:
            film.waiting.extend(replace(film.task, number=next(self._numbers), piece=n) for n in range(outcome.shots))
        if film.at_work or film.waiting:
            return None
        if film.failed is None and not film.joining:
            self._join(film)
            return None
        film.lock.close()
        del self._films[film.task.number]
        return replace(film.failed or outcome, number=film.task.number, seconds=film.seconds)

    def close(self) -> None:
        """Let go of films that are not finished; what is painted of them stays."""
        for film in self._films.values():
            film.lock.close()

    def _join(self, film: _Film) -> None:
        film.lock.close()  # who joins takes it
        film.joining = True
        film.waiting.append(film.task)
