"""The Ray engine: studios as actors on the machines of a cluster. Paths travel, pixels do not; folders are shared."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from portrait_nst.batch.workers.local import TRIES, Make, Pull
from portrait_nst.batch.workers.worker import Conditions, Outcome, Studio, Task
from portrait_nst.errors import InputError, ResourceError

DIED = (
    "The Ray actors that painted it died {tries} times ({error}). Use a smaller --size, or see the logs of the cluster."
)


class RayEngine:
    """`workers` actors on the cluster at `address` ("auto", "ray://HOST:PORT", or "local" to start one here).

    gpus: of each actor, may be a fraction. What an actor or a node that died was at is done by others.
    """

    def __init__(
        self,
        conditions: Conditions,
        workers: int,
        studio: Make = Studio,
        *,
        address: str = "auto",
        gpus: float = 0.0,
        cpus: float = 1.0,
    ) -> None:
        self._ray = _connect(address)
        if address == "local":
            check_room(self._ray.cluster_resources(), workers, cpus, gpus)
        room = (conditions.painters or 1) + 2
        options = {"num_cpus": cpus, "num_gpus": gpus, "max_concurrency": room, "scheduling_strategy": "SPREAD"}
        self._room = room
        self._new = lambda: self._ray.remote(**options)(_Actor).remote(conditions, studio)
        self._actors = [self._new() for _ in range(workers)]
        self.lost: list[int] = []
        self._again: list[Task] = []
        self._tries: dict[int, int] = {}

    def work(self, pull: Pull) -> Iterator[Outcome]:
        """Paint what `pull` gives, no more at a time than are in work, until it gives None; outcomes as they come."""
        working: dict[Any, tuple[int, Task]] = {}
        while True:
            for place, actor in enumerate(self._actors):
                while sum(where == place for where, _ in working.values()) < self._room:
                    task = self._again.pop(0) if self._again else pull()
                    if task is None:
                        break
                    working[actor.do.remote(task)] = (place, task)
            if not working:
                return
            for ready in self._ray.wait(list(working), num_returns=1)[0]:
                place, task = working.pop(ready)
                try:
                    yield self._ray.get(ready)
                except self._ray.exceptions.RayError as error:
                    yield from self._lost(task, error)
                    others = [ref for ref, (where, _) in working.items() if where == place]
                    for ref in others:  # the same actor's
                        yield from self._settle(ref, working.pop(ref)[1])
                    self._actors[place] = self._new()

    def close(self) -> None:
        """End the actors; a cluster that was there before stays."""
        for actor in self._actors:
            self._ray.kill(actor)

    def _settle(self, ref: Any, task: Task) -> Iterator[Outcome]:
        try:
            yield self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            yield from self._lost(task, error)

    def _lost(self, task: Task, error: Exception) -> Iterator[Outcome]:
        self.lost.append(task.number)
        self._tries[task.number] = self._tries.get(task.number, 0) + 1
        if self._tries[task.number] >= TRIES:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            yield Outcome(task.number, DIED.format(tries=TRIES, error=reason), died=True)
        else:
            self._again.append(task)


def check_room(there: dict[str, float], workers: int, cpus: float, gpus: float) -> None:
    """Raise ResourceError where some of the actors could never start: their tasks would be waited for without an end.

    Only for a cluster that was started here. Another may grow when actors wait for it.
    """
    for name, each in (("CPU", cpus), ("GPU", gpus)):
        found = there.get(name, 0.0)
        if each * workers > found:
            raise ResourceError(
                f"{workers} workers with {each:g} {name} each need {each * workers:g} of them, and Ray finds {found:g} here. "
                f"Use fewer --workers{' or another --gpus' if name == 'GPU' else ''}, or the --address of a larger cluster."
            )


class _Actor:
    """A studio that Ray calls from several threads, so that the stages of neighbours overlap."""

    def __init__(self, conditions: Conditions, make: Make) -> None:
        self._studio = make(conditions)

    def do(self, task: Task) -> Outcome:
        return self._studio.do(task)


def _connect(address: str) -> Any:
    try:
        import ray
    except ImportError:
        raise InputError("The Ray engine needs Ray: pip install 'portrait-nst[ray]'.") from None
    if not ray.is_initialized():
        try:
            ray.init(address=None if address == "local" else address, log_to_driver=False, logging_level=logging.ERROR)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise ResourceError(
                f"There is no Ray cluster at {address!r} ({str(error).splitlines()[0]}). Start one with `ray start --head`, "
                "name its --address, or use --address local."
            ) from error
    return ray
