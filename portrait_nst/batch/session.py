"""A run of a batch, from the lock on its folder to the last row: what the command line and Python have to do with."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from sqlite3 import Row
from typing import Any, Protocol

from portrait_nst import __version__, planning
from portrait_nst.batch import storage
from portrait_nst.batch.manifest.manifest import Manifest, as_path, as_place
from portrait_nst.batch.options import Done, Options
from portrait_nst.batch.overview import check_shared
from portrait_nst.batch.planning import estimate
from portrait_nst.batch.planning.jobs import Order, jobs_of, plan
from portrait_nst.batch.planning.planner import Ledger
from portrait_nst.batch.planning.style_spec import Mixture
from portrait_nst.batch.planning.watch import arrivals, folders_of
from portrait_nst.batch.storage import Place, Url
from portrait_nst.batch.workers.local import LocalEngine
from portrait_nst.batch.workers.worker import Conditions, Outcome, Studio, Task
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings


class Engine(Protocol):
    """What does tasks, somewhere. lost: the numbers of those whose process died, which it does again."""

    lost: list[int]

    def work(self, pull: Callable[[], Task | None]) -> Iterator[Outcome]: ...

    def close(self) -> None: ...


SCRATCH = "scratch"  # of pictures on their way to a store
TYPICAL = (3000, 4000)  # pixels of a photo, to choose the number of workers before one is seen


class Session:
    """One run on one folder; made by `opened`."""

    def __init__(
        self, order: Order, manifest: Manifest, options: Options, studio: Callable[[Conditions], Studio] = Studio
    ) -> None:
        self.order, self.manifest, self.options = order, manifest, options
        self.folder = manifest.folder
        self.ledger = Ledger(manifest, force=options.force, failed=options.failed, redo=options.redo)
        self.painted = self.failed = 0
        self._stopped = False
        self._studio = studio

    def plan(self, *, empty: bool = False) -> None:
        """Enter all jobs. Raises InputError where there are none, unless it may be `empty`."""
        _sweep(self.manifest)
        self.ledger.look_again()
        self.ledger.enter_all(plan(self.order, self.folder), self.options.limit)
        if not self.ledger.counts and not empty:
            raise InputError("There is nothing to paint: the folders hold no pictures, or the file of jobs no rows.")
        if self.ledger.todo:
            self.manifest.publish()

    def refused(self) -> Iterator[Done]:
        """What the plan could not use."""
        query = "SELECT * FROM jobs WHERE run = ? AND state = 'failed' AND todo = ''"
        for row in self.manifest.database.execute(query, (self.manifest.run,)).fetchall():
            self.failed += 1
            yield Done(as_place(row["photo"]), _place(row["style"]), self._output(row), error=row["error"])

    def paint(self, engine: Engine) -> Iterator[Done]:
        """Do all that is to be done, in the order of the plan; pictures come as they are ready.

        Raises ResourceError where the disk is full. What is in work then, or when the caller stops, is done by the next run.
        """
        rows, working = self.manifest.todo(), {}

        def pull() -> Task | None:
            row = None if self._stopped else next(rows, None)
            if row is None:
                return None
            working[row["id"]] = row
            self.manifest.change(row["id"], state="running", attempts=row["attempts"] + 1, **_looked_at(row))
            return self._task(row)

        for outcome in engine.work(pull):
            while engine.lost:
                number = engine.lost.pop()
                self.manifest.change(number, attempts=working[number]["attempts"] + 2)
            row = working.pop(outcome.number)
            if outcome.fatal:
                self._stopped = True
                self.manifest.change(outcome.number, state=row["state"], error=outcome.error)
                continue
            self._record(outcome)
            yield Done(
                as_place(row["photo"]),
                _place(row["style"]),
                self._output(row),
                outcome.seconds,
                outcome.scores,
                outcome.notes,
                outcome.error,
            )
        if self._stopped:
            left = self.manifest.value("SELECT count(*) FROM jobs WHERE run = ? AND todo != ''", self.manifest.run)
            where = self.folder if isinstance(self.folder, Path) else self.manifest.home
            raise ResourceError(
                f"The disk of {where} is full: {self.painted} painted and kept, {left} left. "
                "Make room, then give the same command again."
            )

    def watch(self, engine: Engine, stop: threading.Event | None = None) -> Iterator[Done]:
        """`paint`, and then what arrives in the folders of the order, until `stop` is set or Ctrl-C."""
        folders = folders_of(self.order.inputs)
        yield from self.paint(engine)
        for found in arrivals(folders, self.folder, stop):
            self.ledger.look_again()
            for job in jobs_of(self.order, found):
                self.ledger.enter(job, arrived=True)
            self.manifest.publish()
            self.manifest.commit()
            yield from self.paint(engine)

    def conditions(self) -> tuple[Conditions, int]:
        """What a worker may use, and how many there are to be. Raises ResourceError where none could paint with its share."""
        settings, kind = self.order.settings, self.order.kind
        left = self.options.memory or planning.memory_left() * planning.SPARE
        count = self.options.workers or estimate.workers(
            estimate.make_plan(kind, settings, TYPICAL).peak, left, planning.cores(), settings.device
        )
        if self.options.memory or self.options.engine == "local":
            estimate.check_share(kind, settings, left, count)
        threads = settings.threads
        if threads is None and count > 1:
            threads = max(1, planning.cores() // count)
        only_popart = kind == "popart" and self.order.rows is None
        painters = 1 if only_popart else None
        keep = self.options.keep_metadata
        return Conditions(settings.device, left / count, threads, painters, keep, self._scratch()), count

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine, whose processes end with the block."""
        check_shared(self.order, self.folder)
        conditions, count = self.conditions()
        engine: Engine
        if self.options.engine == "ray":
            from portrait_nst.batch.workers.ray import RayEngine

            here = self.options.address == "local"  # the nodes of another cluster have cores that are not known here
            cpus = conditions.threads or (max(1, planning.cores() // count) if here else 1)
            where = {"address": self.options.address, "gpus": self.options.gpus, "cpus": cpus}
            on_nodes = replace(conditions, budget=self.options.memory and self.options.memory / count, scratch=None)
            engine = RayEngine(on_nodes, count, self._studio, **where)  # type: ignore[arg-type]
        else:
            _check_device(conditions.device)
            engine = LocalEngine(conditions, count, self._studio)
        try:
            yield engine
        finally:
            engine.close()
            _sweep(self.manifest)

    def _record(self, outcome: Outcome) -> None:
        values: dict[str, Any] = {"seconds": outcome.seconds, "notes": json.dumps(outcome.notes), "todo": ""}
        values["version"] = __version__
        if outcome.error:
            self.failed += 1
            self.manifest.change(outcome.number, state="failed", error=outcome.error, **values)
            return
        self.painted += 1
        if outcome.input is not None:
            values |= dict(zip(("input_hash", "input_size", "input_mtime"), outcome.input))
        values |= {"scores": json.dumps(outcome.scores), "written": outcome.written, "painted": outcome.painted}
        self.manifest.change(outcome.number, state="done", error=None, **values)

    def _task(self, row: Row) -> Task:
        values = self.manifest.settings(row["settings"])
        popart = None
        if values["popart"] is not None:
            columns, lines = values["popart"]["grid"]
            popart = PopartSettings(**{**values["popart"], "grid": (columns, lines)})
        settings = Settings.from_dict(values["settings"])
        output = self._output(row)
        assert output is not None
        return Task(
            row["id"],
            as_place(row["photo"]),
            _place(row["style"]),
            _place(row["mask"]),
            row["kind"],
            settings,
            popart,
            output,
            Mixture.from_dict(values["mixture"]) if "mixture" in values else None,
        )

    def _scratch(self) -> Path | None:
        return self.manifest.home / SCRATCH if isinstance(self.folder, Url) else None

    def _output(self, row: Row) -> Place | None:
        return None if row["output"] is None else self.folder / as_path(row["output"])


@contextlib.contextmanager
def opened(
    order: Order, out: str | Path | Url, options: Options | None = None, studio: Callable[[Conditions], Studio] = Studio
) -> Iterator[Session]:
    """A session on the folder `out`, a path or URL, locked until its end. Raises InputError where another one paints there.

    studio: what paints, in the worker processes: `Studio` or one of its kind, importable there.
    """
    with Manifest.open(storage.place(out)) as manifest:
        yield Session(order, manifest, options or Options(), studio)


def run(order: Order, out: str | Path | Url, options: Options | None = None) -> list[Done]:
    """Paint all of `order` into the folder `out`, and tell what was painted and what failed; see `Order` and `Options`."""
    with opened(order, out, options) as session:
        session.plan()
        with session.engine() as engine:
            return [*session.refused(), *session.paint(engine)]


def _check_device(name: str) -> None:
    """Raise ResourceError for a device that is not here, in which every worker would die."""
    if name not in ("auto", "cpu"):  # these are always there, and torch takes long to import
        from portrait_nst.transfer.build_config import choose_device

        choose_device(name)


def _looked_at(row: Row) -> dict[str, Any]:
    """Size and time of the photo when it was taken up: a failed one is tried again by a watch when it has changed."""
    photo = as_place(row["photo"])
    state = storage.stamp(photo) if isinstance(photo, Path) else None  # no watch sees those in stores
    return {} if state is None else {"input_size": state[0], "input_mtime": state[1], "input_hash": None}


def _sweep(manifest: Manifest) -> None:
    """Remove the half-written files that killed workers left beside what they were at; nobody may be writing now."""
    if not isinstance(manifest.folder, Path):
        shutil.rmtree(manifest.home / SCRATCH, ignore_errors=True)
        return
    query = "SELECT DISTINCT output FROM jobs WHERE state = 'running' OR attempts > 1"
    rows = manifest.database.execute(query).fetchall()
    for folder in {(manifest.folder / as_path(row["output"])).parent for row in rows if row["output"] is not None}:
        for file in folder.glob(".portrait-nst-*.tmp"):
            with contextlib.suppress(OSError):
                file.unlink()


def _place(stored: str | bytes | None) -> Place | None:
    return None if stored is None else as_place(stored)
