"""A session is one run of a batch, from locking the output folder to the last picture; `run` is the whole of it."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Row
from typing import Any

from portrait_nst import __version__
from portrait_nst.batch import storage
from portrait_nst.batch.checks import check_shared
from portrait_nst.batch.manifest.leftovers import SCRATCH, remove_leftovers
from portrait_nst.batch.manifest.manifest import Manifest
from portrait_nst.batch.manifest.paths import as_path
from portrait_nst.batch.options import Done, Options
from portrait_nst.batch.planning.aside import RESULTS
from portrait_nst.batch.planning.jobs import Order, jobs_for, plan
from portrait_nst.batch.planning.planner import Planner
from portrait_nst.batch.planning.row_styles import from_stored
from portrait_nst.batch.planning.watch import arrivals, folders_of
from portrait_nst.batch.storage import Location, Url
from portrait_nst.batch.workers.engine import Engine, MakeWorker
from portrait_nst.batch.workers.shots import SharedFilms
from portrait_nst.batch.workers.start import check_engine, start_engine, worker_conditions
from portrait_nst.batch.workers.task import Conditions, Outcome, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.errors import InputError, ResourceError, without_paths
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings


class Session:
    """One run on one output folder; `opened` makes it. Call `plan`, then `paint` or `watch` with an `engine`.

    painted, failed: how many pictures and films so far; films: how many films of those that were painted.
    """

    def __init__(self, order: Order, manifest: Manifest, options: Options, worker: MakeWorker = PaintWorker) -> None:
        self.order, self.manifest, self.options = order, manifest, options
        self.folder = manifest.folder
        self.planner = Planner(manifest, force=options.force, failed=options.failed, redo=options.redo)
        self.painted = self.failed = self.films = 0
        self._disk_full = False
        self._worker, self._workers = worker, 1

    def plan(self, *, empty: bool = False) -> None:
        """Enter all jobs into the manifest. Raises InputError where there are none, unless it may be `empty`."""
        remove_leftovers(self.manifest)
        self.planner.refresh()
        self.planner.enter_all(plan(self.order, self.folder, self.planner.aside), self.options.limit)
        if not self.planner.counts and not empty:
            raise InputError(self._nothing())
        if self.planner.todo:
            self.manifest.publish()

    def _nothing(self) -> str:
        """Why there is nothing to paint."""
        aside = self.planner.aside
        if not aside.counts:
            return "There is nothing to paint: the folders hold no pictures, or the file of jobs no rows."
        hint = (
            " To paint results again, name their files, or a pattern such as 'painted/*.png'."
            if aside.counts[RESULTS]
            else ""
        )
        return f"There is nothing to paint: {aside.in_words()}.{hint}"

    def refused(self) -> Iterator[Done]:
        """The jobs that the plan could not use, with their errors."""
        query = "SELECT * FROM jobs WHERE run = ? AND state = 'failed' AND todo = ''"
        for row in self.manifest.database.execute(query, (self.manifest.run,)).fetchall():
            self.failed += 1
            yield self._done(row, Outcome(row["id"], row["error"]))

    def paint(self, engine: Engine) -> Iterator[Done]:
        """Do all jobs of the plan in its order, and yield each picture when it is ready.

        Raises ResourceError where the disk is full. Jobs that are in work then, or when the caller stops, are left for the next
        run.
        """
        with contextlib.closing(SharedFilms(self._workers)) as films:
            yield from self._paint(engine, films)

    def _paint(self, engine: Engine, films: SharedFilms) -> Iterator[Done]:
        rows = self.manifest.todo()
        working: dict[int, Row] = {}

        def next_task() -> Task | None:
            if self._disk_full:
                return None
            while not films.waiting and (task := next_row()) is not None:
                if not films.takes(task):
                    return task
                films.add(task)
            return films.next()

        def next_row() -> Task | None:
            row = next(rows, None)
            if row is None:
                return None
            working[row["id"]] = row
            values = {
                "state": "running",
                "attempts": row["attempts"] + 1,
                **_photo_columns(self.manifest.location(row["photo"])),
            }
            self.manifest.change(row["id"], **values)
            return self.task(row)

        for outcome in engine.work(next_task):
            given_up = (
                films.row(outcome.number) if outcome.died else None
            )  # its last death was not followed by an attempt
            while engine.lost:
                number = films.row(engine.lost.pop())
                if number == given_up:
                    given_up = None
                    continue
                begun = self.manifest.value("SELECT attempts FROM jobs WHERE id = ?", number)
                self.manifest.change(number, attempts=begun + 1)
            whole = films.received(outcome)
            if whole is None:
                continue
            outcome = whole
            row = working.pop(outcome.number)
            if outcome.fatal:
                self._disk_full = True
                self.manifest.change(outcome.number, state=row["state"], error=without_paths(outcome.error))
                continue
            self._record(outcome)
            yield self._done(row, outcome)
        if self._disk_full:
            left = self.manifest.value("SELECT count(*) FROM jobs WHERE run = ? AND todo != ''", self.manifest.run)
            where = self.folder if isinstance(self.folder, Path) else self.manifest.home
            raise ResourceError(
                f"The disk of {where} is full: {self.painted} painted and kept, {left} left. "
                "Make room, then give the same command again."
            )

    def watch(self, engine: Engine, stop: threading.Event | None = None) -> Iterator[Done]:
        """Do as `paint` does, and then paint what arrives in the order's folders, until `stop` is set or Ctrl-C."""
        folders = folders_of(self.order.inputs)
        yield from self.paint(engine)
        for found in arrivals(folders, self.folder, stop):
            self.planner.refresh()
            for job in jobs_for(self.order, found):
                self.planner.enter(job, arrived=True)
            self.manifest.publish()
            self.manifest.commit()
            yield from self.paint(engine)

    def conditions(self) -> tuple[Conditions, int]:
        """What each worker may use, and the number of workers. Raises ResourceError where none could paint with its share."""
        scratch = self.manifest.home / SCRATCH if isinstance(self.folder, Url) else None
        return worker_conditions(self.order, self.options, scratch)

    def check_engine(self) -> None:
        """Raise InputError or ResourceError for what would keep the engine from starting; nothing is started."""
        check_engine(self.options, self.order.settings.device)

    @contextlib.contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine, whose processes end with the block. Raises InputError, ResourceError where it cannot start."""
        check_shared(self.order, self.folder)
        conditions, self._workers = self.conditions()
        engine = start_engine(self.options, conditions, self._workers, self._worker)
        try:
            yield engine
        finally:
            engine.close()
            remove_leftovers(self.manifest)

    def _record(self, outcome: Outcome) -> None:
        """Write an outcome into its row, and count it."""
        values: dict[str, Any] = {
            "seconds": outcome.seconds,
            "notes": json.dumps([without_paths(note) for note in outcome.notes]),
            "todo": "",
        }
        values["version"] = __version__
        if outcome.error:
            self.failed += 1
            self.manifest.change(outcome.number, state="failed", error=without_paths(outcome.error), **values)
            return
        self.painted += 1
        self.films += "frames" in outcome.scores
        if outcome.input is not None:
            values |= dict(zip(("input_hash", "input_size", "input_mtime"), outcome.input))
        values |= {"scores": json.dumps(outcome.scores), "written": outcome.written, "painted": outcome.painted}
        self.manifest.change(outcome.number, state="done", error=None, **values)

    def task(self, row: Row) -> Task:
        """The task that a row of the manifest stands for."""
        values = self.manifest.settings(row["settings"])
        popart = None
        if values["popart"] is not None:
            columns, lines = values["popart"]["grid"]
            popart = PopartSettings(**{**values["popart"], "grid": (columns, lines)})
        output = self._output(row)
        assert output is not None  # only rows with an output are to be done
        return Task(
            row["id"],
            self.manifest.location(row["photo"]),
            from_stored(self._optional(row["style"]), values.get("mixture")),
            self._optional(row["mask"]),
            row["kind"],
            Settings.from_dict(values["settings"]),
            popart,
            output,
        )

    def _done(self, row: Row, outcome: Outcome) -> Done:
        return Done(
            self.manifest.location(row["photo"]),
            self._optional(row["style"]),
            self._output(row),
            outcome.seconds,
            outcome.scores,
            outcome.notes,
            outcome.error,
            row["origin"] or "",
        )

    def _optional(self, stored: str | bytes | None) -> Location | None:
        return None if stored is None else self.manifest.location(stored)

    def _output(self, row: Row) -> Location | None:
        return None if row["output"] is None else self.folder / as_path(row["output"])


@contextlib.contextmanager
def opened(
    order: Order, out: str | Path | Url, options: Options | None = None, worker: MakeWorker = PaintWorker
) -> Iterator[Session]:
    """A session on the folder `out`, a path or URL, which is locked until the block ends.

    worker: makes what paints in the worker processes; a subclass of `PaintWorker` must be importable there.
    Raises InputError where another session has the folder.
    """
    with Manifest.open(storage.locate(out)) as manifest:
        yield Session(order, manifest, options or Options(), worker)


def run(order: Order, out: str | Path | Url, options: Options | None = None) -> list[Done]:
    """Paint all of `order` into the folder `out`, a path or URL; returns what was painted and what failed.

    Pictures that are done and unchanged are left as they are. Raises InputError, ResourceError for what stops the whole run.
    """
    with opened(order, out, options) as session:
        session.plan()
        with session.engine() as engine:
            return [*session.refused(), *session.paint(engine)]


def _photo_columns(photo: Location) -> dict[str, Any]:
    """The photo's size and time when it is taken up, so that a watch tries a failed photo again once it has changed."""
    state = storage.fingerprint(photo) if isinstance(photo, Path) else None  # stores are not watched
    return {} if state is None else {"input_size": state[0], "input_mtime": state[1], "input_hash": None}
