"""The local engine: worker processes on this machine. Whatever happens to one of them, the others go on.

We do not use `pebble.ProcessPool`, which replaces dead processes too. It gives a process one task at a time, so that loading,
painting and saving could not overlap; it ends the whole pool when a worker cannot start; when the first process is killed,
its workers finish their tasks first, and could write beside the next run; and it would not try a task again.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection, wait

from portrait_nst.batch.workers.engine import MakeWorker, NextTask, Retries
from portrait_nst.batch.workers.task import Conditions, Outcome, Task
from portrait_nst.batch.workers.worker import PaintWorker

DIED = "The process that painted it died {{tries}} times (exit status {status}). {hint}"
KILLED = -9  # the exit status of a process that the system or a user killed
HINTS = {
    True: "As a rule the system ran out of memory: use a smaller --size or fewer --workers.",
    False: "What it said of that is on standard error; set PORTRAIT_NST_CHATTER=1 to see it.",
}


class LocalEngine:
    """Runs `workers` processes. One that dies is replaced, and each of its tasks is tried again, alone in a process.

    devices: what the processes are dealt to in turn, so that each has one device to itself or shares it; () for that of
    `conditions`.
    """

    def __init__(
        self,
        conditions: Conditions,
        workers: int = 1,
        worker: MakeWorker = PaintWorker,
        devices: Sequence[str] = (),
    ) -> None:
        dealt = itertools.islice(itertools.cycle(devices or (conditions.device,)), workers)
        self._processes = [_WorkerProcess(replace(conditions, device=device), worker) for device in dealt]
        self._retries = Retries()
        self.lost = self._retries.lost

    def work(self, next_task: NextTask) -> Iterator[Outcome]:
        """Do the tasks that `next_task` gives, until it gives None, and yield their outcomes as they come."""
        while True:
            while any(self._feed(process, next_task) for process in self._by_load):
                pass  # whoever has least comes first
            busy = [process for process in self._processes if process.tasks]
            if not busy:
                return
            for ready in wait([process.pipe for process in busy]):
                process = next(process for process in busy if process.pipe is ready)
                try:
                    message = process.pipe.recv()
                except (EOFError, OSError):
                    yield from self._replace(process)
                    continue
                if isinstance(message, int):
                    process.capacity = message
                    continue
                process.tasks.pop(message.number)
                yield message

    def close(self) -> None:
        """End the processes at once."""
        for process in self._processes:
            process.kill()

    @property
    def _by_load(self) -> list[_WorkerProcess]:
        return sorted(self._processes, key=lambda process: len(process.tasks))

    def _feed(self, process: _WorkerProcess, next_task: NextTask) -> bool:
        """Give `process` a task if it has room for one; a task that is tried again stays alone there. Whether it got one."""
        waiting = self._retries.waiting
        if len(process.tasks) >= process.capacity or any(map(self._retries.is_suspect, process.tasks)):
            return False
        if waiting and process.tasks:
            return False  # it waits for a process that has nothing else
        task = waiting.pop(0) if waiting else next_task()
        if task is not None:
            process.give(task)
        return task is not None

    def _replace(self, process: _WorkerProcess) -> Iterator[Outcome]:
        """Replace a dead process. Which of its tasks killed it is not known, so all of them are tried again."""
        status = process.wait()
        for task in process.tasks.values():
            yield from self._retries.record_death(task, DIED.format(status=status, hint=HINTS[status == KILLED]))
        self._processes[self._processes.index(process)] = process.again()


class _WorkerProcess:
    """A process, which starts when it gets its first task, and the tasks that it has."""

    def __init__(self, conditions: Conditions, worker: MakeWorker) -> None:
        self.conditions, self._worker = conditions, worker
        self.capacity = 1  # until the process has sent its own
        self.tasks: dict[int, Task] = {}
        self.pipe: Connection
        self._process: multiprocessing.process.BaseProcess | None = None

    def again(self) -> _WorkerProcess:
        """Another process of the same kind, on the same device."""
        return _WorkerProcess(self.conditions, self._worker)

    def give(self, task: Task) -> None:
        """Send `task` to the process."""
        if self._process is None:
            context = multiprocessing.get_context("spawn")
            self.pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs, self.conditions, self._worker), daemon=True)
            self._process.start()
            theirs.close()  # only the worker holds that end now, and only we hold ours: each sees when the other dies
        self.tasks[task.number] = task
        with contextlib.suppress(OSError):  # it died, which `work` will see
            self.pipe.send(task)

    def wait(self) -> int | None:
        """The exit status of a process whose pipe has ended, which comes a moment later."""
        if self._process is not None:
            self._process.join(5)
        return self.kill()

    def kill(self) -> int | None:
        """End the process, and return its exit status; None where it was never started."""
        if self._process is None:
            return None
        self._process.kill()
        self._process.join()
        self.pipe.close()
        return self._process.exitcode


def _serve(pipe: Connection, conditions: Conditions, make_worker: MakeWorker) -> None:
    """The main function of a worker process: do tasks from the pipe until its other end is gone, then exit at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that the user talks to
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    if conditions.threads is not None:  # this must be set before torch starts its threads
        os.environ["OMP_NUM_THREADS"] = str(conditions.threads)
    worker, sending = make_worker(conditions), threading.Lock()
    with contextlib.suppress(OSError):  # the first process is gone: `recv` will see that
        pipe.send(worker.capacity)

    def do(task: Task) -> None:
        outcome = worker.do(task)
        with sending:
            pipe.send(outcome)

    with ThreadPoolExecutor(worker.capacity) as pool:
        try:
            while True:
                pool.submit(do, pipe.recv())
        except (EOFError, OSError):
            os._exit(1)
