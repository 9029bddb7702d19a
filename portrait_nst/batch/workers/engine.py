"""What every engine has in common: the interface that a session uses, and the tasks of processes that died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from portrait_nst.batch.workers.task import Conditions, Outcome, Task
from portrait_nst.batch.workers.worker import PaintWorker

MAX_TRIES = 3  # the first death may have been a neighbour's fault, and the second an accident
NextTask = Callable[[], Task | None]
MakeWorker = Callable[[Conditions], PaintWorker]


class Engine(Protocol):
    """Runs workers in other processes.

    lost: the numbers of tasks whose process died; the engine does them again, and the caller takes them out of the list.
    """

    lost: list[int]

    def work(self, next_task: NextTask) -> Iterator[Outcome]:
        """Do the tasks that `next_task` gives, until it gives None, and yield their outcomes as they come.

        A task is asked for only when a worker can take it.
        """
        ...

    def close(self) -> None:
        """End the workers at once."""
        ...


class Retries:
    """Tasks whose process died and that are to be tried again, at most `MAX_TRIES` times.

    waiting: these tasks, in the order in which they are tried again; lost: as in `Engine`.
    """

    def __init__(self) -> None:
        self.waiting: list[Task] = []
        self.lost: list[int] = []
        self._deaths: Counter[int] = Counter()

    def is_suspect(self, number: int) -> bool:
        """Whether a process has died with the task `number`."""
        return number in self._deaths

    def record_death(self, task: Task, message: str) -> Iterator[Outcome]:
        """Queue `task` again; after its last try, yield its outcome with the `message` instead ("{tries}" is filled in)."""
        self.lost.append(task.number)
        self._deaths[task.number] += 1
        if self._deaths[task.number] >= MAX_TRIES:
            yield Outcome(task.number, message.replace("{tries}", str(MAX_TRIES)), died=True)
        else:
            self.waiting.append(task)
