"""The Ray engine: workers as actors on the machines of a cluster, which share the folders; paths travel, pixels do not."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from portrait_nst.batch.workers.engine import MakeWorker, NextTask, Retries
from portrait_nst.batch.workers.task import Conditions, Outcome, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.errors import InputError, ResourceError, first_line

DIED = "The Ray actors that painted it died {{tries}} times ({error}). Use a smaller --size, or see the logs of the cluster."


class RayEngine:
    """Runs `workers` actors on the cluster at `address`: "auto", "ray://HOST:PORT", or "local" to start one here.

    gpus, cpus: the numbers for each actor, which may be fractions. Tasks of an actor or a node that died are done by others.
    Raises InputError where Ray is not installed, ResourceError where there is no such cluster or it is too small.
    """

    def __init__(
        self,
        conditions: Conditions,
        workers: int,
        worker: MakeWorker = PaintWorker,
        *,
        address: str = "auto",
        gpus: float = 0.0,
        cpus: float = 1.0,
    ) -> None:
        self._ray = _connect(address)
        if address == "local":
            check_room(self._ray.cluster_resources(), workers, cpus, gpus)
        self._capacity = (conditions.paintings or 1) + 2
        options = {"num_cpus": cpus, "num_gpus": gpus, "scheduling_strategy": "SPREAD"}
        options["max_concurrency"] = self._capacity
        self._new_actor: Callable[[], Any] = lambda: self._ray.remote(**options)(_Actor).remote(conditions, worker)
        self._actors = [self._new_actor() for _ in range(workers)]
        self._retries = Retries()
        self.lost = self._retries.lost

    def work(self, next_task: NextTask) -> Iterator[Outcome]:
        """Do the tasks that `next_task` gives, until it gives None, and yield their outcomes as they come."""
        waiting = self._retries.waiting
        working: dict[Any, tuple[int, Task]] = {}
        while True:
            while len(working) < self._capacity * len(self._actors):
                task = waiting.pop(0) if waiting else next_task()
                if task is None:
                    break
                load = Counter(where for where, _ in working.values())
                index = min(range(len(self._actors)), key=lambda number: load[number])
                working[self._actors[index].do.remote(task)] = (index, task)
            if not working:
                return
            for ready in self._ray.wait(list(working), num_returns=1)[0]:
                index, task = working.pop(ready)
                try:
                    yield self._ray.get(ready)
                except self._ray.exceptions.RayError as error:
                    yield from self._lost(task, error)
                    others = [ref for ref, (where, _) in working.items() if where == index]
                    for ref in others:  # the other tasks of the same actor
                        yield from self._settle(ref, working.pop(ref)[1])
                    self._actors[index] = self._new_actor()

    def close(self) -> None:
        """End the actors; a cluster that was there before goes on."""
        for actor in self._actors:
            self._ray.kill(actor)

    def _settle(self, ref: Any, task: Task) -> Iterator[Outcome]:
        """The outcome of a task whose actor died: it may have been done before."""
        try:
            yield self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            yield from self._lost(task, error)

    def _lost(self, task: Task, error: Exception) -> Iterator[Outcome]:
        yield from self._retries.record_death(task, DIED.format(error=first_line(error)))


def check_room(there: dict[str, float], workers: int, cpus: float, gpus: float) -> None:
    """Raise ResourceError where some of the actors could never start, so that their tasks would wait forever.

    there: the resources by name, as Ray gives them. Call it only for a cluster that was started here: another one may grow
    when actors wait for it.
    """
    for name, each in (("CPU", cpus), ("GPU", gpus)):
        found = there.get(name, 0.0)
        if each * workers > found:
            raise ResourceError(
                f"{workers} workers with {each:g} {name} each need {each * workers:g} of them, and Ray finds {found:g} here. "
                f"Use fewer --workers{' or another --gpus' if name == 'GPU' else ''}, or the --address of a larger cluster."
            )


class _Actor:
    """A worker that Ray calls from several threads, so that the stages of different tasks overlap."""

    def __init__(self, conditions: Conditions, make_worker: MakeWorker) -> None:
        self._worker = make_worker(conditions)

    def do(self, task: Task) -> Outcome:
        """Paint `task`; see `PaintWorker.do`."""
        return self._worker.do(task)


def _connect(address: str) -> Any:
    """The module `ray`, connected to the cluster at `address`."""
    try:
        import ray
    except ImportError:
        raise InputError("The Ray engine needs Ray: pip install 'portrait-nst[ray]'.") from None
    if not ray.is_initialized():
        try:
            ray.init(address=None if address == "local" else address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise ResourceError(
                f"There is no Ray cluster at {address!r} ({first_line(error)}). Start one with `ray start --head`, "
                "name its --address, or use --address local."
            ) from error
    return ray
