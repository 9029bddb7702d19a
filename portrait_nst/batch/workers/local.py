"""The local engine: worker processes with a studio each. Whatever happens to one of them, the others go on."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import signal
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection, wait

from portrait_nst.batch.workers.worker import Conditions, Outcome, Studio, Task

TRIES = 3  # of a picture whose process died: the first death may have been a neighbour's fault, the second an accident
DIED = "The process that painted it died {tries} times (exit status {status}). {hint}"
KILLED = -9  # as the exit status: by the system or by a user
HINTS = {
    True: "As a rule the system ran out of memory: use a smaller --size or fewer --workers.",
    False: "What it said of that is on standard error.",
}
Pull = Callable[[], Task | None]
Make = Callable[[Conditions], Studio]


class LocalEngine:
    """`workers` processes. A process that dies is replaced, and what it was at is tried again, alone in a process."""

    def __init__(self, conditions: Conditions, workers: int = 1, studio: Make = Studio) -> None:
        self._new = functools.partial(_Worker, conditions, studio)
        self._workers = [self._new() for _ in range(workers)]
        self.lost: list[int] = []
        self._again: list[Task] = []
        self._tries: dict[int, int] = {}

    def work(self, pull: Pull) -> Iterator[Outcome]:
        """Paint what `pull` gives, no more at a time than are in work, until it gives None; outcomes as they come."""
        while True:
            for worker in self._workers:
                self._feed(worker, pull)
            busy = [worker for worker in self._workers if worker.tasks]
            if not busy:
                return
            for ready in wait([worker.pipe for worker in busy]):
                worker = next(worker for worker in busy if worker.pipe is ready)
                try:
                    outcome = worker.pipe.recv()
                except (EOFError, OSError):
                    yield from self._bury(worker)
                    continue
                if isinstance(outcome, int):
                    worker.room = outcome
                    continue
                worker.tasks.pop(outcome.number)
                yield outcome

    def close(self) -> None:
        """End the processes, at once."""
        for worker in self._workers:
            worker.kill()

    def _feed(self, worker: _Worker, pull: Pull) -> None:
        alone = any(number in self._tries for number in worker.tasks)
        while not alone and len(worker.tasks) < worker.room:
            if self._again and (not worker.tasks or self._again[0].number not in self._tries):
                task: Task | None = self._again.pop(0)
            elif self._again:
                return
            else:
                task = pull()
            if task is None:
                return
            worker.give(task)
            alone = task.number in self._tries

    def _bury(self, worker: _Worker) -> Iterator[Outcome]:
        """Replace a dead worker. Which of its tasks was its death is not known: each of them is tried again alone."""
        status = worker.bury()
        for number, task in worker.tasks.items():
            self.lost.append(number)
            self._tries[number] = self._tries.get(number, 0) + 1
            if self._tries[number] == TRIES:
                yield Outcome(number, DIED.format(tries=TRIES, status=status, hint=HINTS[status == KILLED]), died=True)
            else:
                self._again.append(task)
        self._workers[self._workers.index(worker)] = self._new()


class _Worker:
    """A process, started when it gets its first task, and the tasks that it has."""

    def __init__(self, conditions: Conditions, studio: Make) -> None:
        self._given = conditions, studio
        self.room = 1  # until it has told how many it has room for
        self.tasks: OrderedDict[int, Task] = OrderedDict()
        self.pipe: Connection
        self._process: multiprocessing.process.BaseProcess | None = None

    def give(self, task: Task) -> None:
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self.pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, *self._given), daemon=True)
            self._process.start()
            theirs.close()  # ours must be the only other end: when we die, the worker sees it end
        self.tasks[task.number] = task
        with contextlib.suppress(OSError):  # it died: `work` will see that
            self.pipe.send(task)

    def bury(self) -> int | None:
        """`kill`, of a process whose pipe has ended; its own exit status, which comes a moment later."""
        if self._process is not None:
            self._process.join(5)
        return self.kill()

    def kill(self) -> int | None:
        if self._process is None:
            return None
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return self._process.exitcode


def _serve(pipe: Connection, conditions: Conditions, make: Make) -> None:
    """A worker's life: tasks come in, outcomes go out, until the other end is gone; then it ends at once, whatever it is at."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that the user talks to
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    if conditions.threads is not None:  # for all threads here, before torch starts its own
        os.environ["OMP_NUM_THREADS"] = str(conditions.threads)
    studio, saying = make(conditions), threading.Lock()
    with contextlib.suppress(OSError):  # nobody is there any more: `recv` will see that
        pipe.send(studio.room)

    def do(task: Task) -> None:
        outcome = studio.do(task)
        with saying:
            pipe.send(outcome)

    with ThreadPoolExecutor(studio.room) as pool:
        try:
            while True:
                pool.submit(do, pipe.recv())
        except (EOFError, OSError):
            os._exit(1)
