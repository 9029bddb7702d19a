"""The queue before the painter: jobs wait in their order, one is in work, and everybody who listens is told.

One thread gives orders to the painter's process and hears its news; requests change flags, which that thread sees.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.studio.events import GONE, Events
from portrait_nst.studio.keeping.keeping import Keeping, Missing
from portrait_nst.studio.models import Forecast, JobModel, JobRequest, Progress
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter import titles
from portrait_nst.studio.painter.line import Full, Line
from portrait_nst.studio.painter.messages import Warm
from portrait_nst.studio.painter.paces import FORETOLD
from portrait_nst.studio.painter.process import Process
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.painter.shown import shown
from portrait_nst.studio.painter.turn import INTERRUPTED, Turn
from portrait_nst.studio.records import FINISHED, Job, JobState

log = logging.getLogger(__name__)
DONE: tuple[JobState, ...] = ("done",)
ATTEMPTS = 3  # times that a job may end the painter's process
MOST = 2_000  # jobs that wait; each is shown, and told when the line moves on
TOLD = 50  # waiting jobs that are told when the line moves on
IDLE = 600.0  # seconds after which the process ends, to give its memory back
LATELY = 2.0  # seconds between two times: jobs of half a second must not keep the server busy with telling
RETRY = 2.0  # seconds between two tries to write to a full disk


class Queue:
    """Jobs and their painter. Its methods may be called from any thread."""

    def __init__(
        self, keeping: Keeping, events: Events, options: Options, make_maker: Callable[[], object] | None = None
    ) -> None:
        """make_maker: makes what makes jobs, in the painter's process; by default `making.Maker`."""
        self.keeping, self.events, self.options = keeping, events, options
        self.process = Process(options.threads, make_maker)
        self._line, self._place = Line(), 0.0
        self.paces = self._line.paces
        self._moved, self._told, self._coming = False, 0.0, 0  # coming: jobs that are being kept, and wait in a moment
        self._changed = threading.Condition(threading.RLock())
        self._turn: Turn | None = None
        self._closing, self._wanted = threading.Event(), False
        self._thread = threading.Thread(target=self._work, name="painter", daemon=True)

    def start(self) -> None:
        """Let what was in work when the studio ended wait again, and begin to paint."""
        for job in reversed(self.keeping.jobs(states=DONE, limit=100)):
            self._line.learn(job)
        for job in self.keeping.jobs(states=("waiting", "running"), limit=None):
            if job.state == "running":
                job = self._again(job, INTERRUPTED.format(attempts=job.attempts))
            if job.state == "waiting":
                self._line.add(job)
            self._place = max(self._place, job.place)
        self._thread.start()

    def close(self) -> None:
        """End the process; what was in work waits for the next start."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(20)
        self.process.kill()

    def warm(self) -> None:
        """Let the painter's process begin, if there is none, and load what it paints with; returns at once."""
        with self._changed:
            self._wanted = True
            self._changed.notify_all()

    def submit(self, request: JobRequest, batch: str = "") -> JobModel:
        """Let a job wait. Raises InputError, Missing for what cannot be made, Full where too many wait, ResourceError."""
        return self.submit_all([request], batch)[0]

    def submit_all(self, requests: Sequence[JobRequest], batch: str = "") -> list[JobModel]:
        """As `submit` with several jobs, all or none."""
        checked = [(request.title, resolve(request, self.keeping, self.options)) for request in requests]
        named = [title or titles.title(resolved) for title, resolved in checked]
        with self._changed:
            if (waiting := len(self._line) + self._coming) + len(requests) > MOST:
                raise Full(
                    f"{waiting} jobs wait already, of {MOST:,} that may, and these are {len(requests)}. "
                    "Wait until some are done, or cancel some."
                )
            self._coming += len(requests)
            now, jobs = time.time(), []
            for title, request in zip(named, requests):
                self._place += 1
                values = request.model_dump(mode="json", include=set(JobRequest.model_fields))
                jobs.append(Job(secrets.token_hex(8), request.kind, values, "waiting", self._place, now, title, batch))
        try:
            self.keeping.put(*jobs)  # without the lock: nobody who only looks waits for the disk to sync
            with self._changed:
                for job in jobs:
                    self._line.add(job)
                self._changed.notify_all()
                models = [self.model(job) for job in jobs]
        finally:
            with self._changed:
                self._coming -= len(requests)
        for model in models:
            self.events.publish("job", model)
        return models

    def stop(self, id: str) -> JobModel:
        """End the job in work with the picture so far. Raises InputError for one that waits, Missing."""
        job = self.keeping.job(id)
        with self._changed:
            if (turn := self._turn) is not None and turn.id == id:
                turn.stop = True
            elif job.state == "waiting":
                raise InputError("Nothing of it is painted yet, so there is nothing to keep; cancel it instead.")
        return self.model(job)

    def cancel(self, *ids: str) -> list[JobModel]:
        """End jobs with nothing: now if they wait, at the next step if in work. Raises Missing, ResourceError."""
        jobs = [self._cancelled(self.keeping.job(id)) for id in ids]
        for job in jobs:
            self.publish(job)
        self._moved = True
        self.tell_line()
        return [self.model(job) for job in jobs]

    def _cancelled(self, job: Job) -> Job:
        with self._changed:
            if (turn := self._turn) is not None and turn.id == job.id:
                turn.cancel = True
                return job
            if not self._line.remove(job.id):
                return job
            try:
                return self.keeping.change(job.id, state="cancelled", ended=time.time())
            except ResourceError:
                self._line.add(job)
                raise

    def forget(self, id: str) -> None:
        """Remove a job with its files, cancelled first where it is not finished. Raises Missing, ResourceError."""
        self.keeping.job(id)
        with self._changed:
            turn = self._turn if self._turn is not None and self._turn.id == id else None
            if turn is not None:
                turn.cancel = turn.at_once = True
            self._line.remove(id)
        if turn is not None and not turn.ended.wait(20):
            raise ResourceError("The painter does not let go of this job; try again.")
        self.keeping.forget(id)
        self.events.publish(GONE, {"id": id})
        self._moved = True
        self.tell_line()

    def change(self, id: str, **values: Any) -> JobModel:
        """Change the title or the star of a job, and tell it. Raises Missing, ResourceError."""
        job = self.keeping.change(id, **values)
        self.publish(job)
        return self.model(job)

    def publish(self, job: Job) -> None:
        """Tell all who listen how a job is."""
        self.events.publish("job", self.model(job))

    def model(self, job: Job) -> JobModel:
        """A job as the API shows it: with its place, when it will begin, and how far it is."""
        place: int | None = None
        starts: float | None = None
        progress: Progress | None = None
        forecast: Forecast | None = None
        with self._changed:
            turn = self._turn
            if turn is not None and turn.id == job.id and job.state not in FINISHED:
                place, starts, progress = 0, 0.0, turn.progress
                forecast = self.paces.expected(job.request, turn.forecast)
            elif job.id in self._line:
                place, starts = self._line.place(job.id)
                forecast = self.paces.expected(job.request)
                if turn is not None:
                    expected = self.paces.expected(turn.job.request, turn.forecast)
                    left = turn.left(None if expected is None else expected.seconds)
                    starts = None if starts is None or left is None else starts + left
        return shown(job, place=place, starts_in=starts, progress=progress, forecast=forecast)

    def _work(self) -> None:
        """The thread: one job after the other."""
        while (job := self._next()) is not None:
            turn = self._turn
            assert turn is not None
            try:
                turn.take(self)
            except Exception:  # the next must go on
                log.exception("The queue failed at the job %s", job.id)
                self.process.kill()
                with contextlib.suppress(Exception):
                    self.end(turn, state="failed", error="Something went wrong in the studio; its terminal says what.")
                turn.ended.set()

    def _next(self) -> Job | None:
        """The job whose turn it is, as soon as there is one; None when the studio ends."""
        with self._changed:
            self._turn = None
            while not self._closing.is_set():
                while (id := self._line.first()) is not None:
                    self._line.remove(id)
                    try:
                        job = self.keeping.job(id)
                    except Missing:
                        continue
                    self._turn = Turn(job)
                    return job
                if self._wanted and self.process.pid is None:
                    self.process.send(Warm())
                self._wanted = False
                if not self._changed.wait(IDLE) and self.process.pid is not None:
                    self.process.kill()
            return None

    def end(self, turn: Turn, **values: Any) -> None:
        """Keep how a turn ended, and tell it; a full disk is waited for."""
        if values.get("result") and (raw := self.paces.raw(turn.job.request) or turn.forecast):
            values["result"] = {**values["result"], FORETOLD: raw.seconds}
        job = self.kept(turn.job, ended=time.time(), **values)
        with self._changed:
            self._turn = None
            if job.state == "done":
                self._line.learn(job)
        self.publish(job)
        turn.ended.set()
        if job.state == "done":
            self._tidy()
        self._moved = True
        self.tell_line()

    def wait_again(self, turn: Turn, error: str, *, counted: bool = True) -> None:
        """Let a job that was in work wait at its place, or fail with `error` where it was in work too often."""
        if counted:
            job = self._again(turn.job, error)
        else:
            job = self.kept(turn.job, state="waiting", began=0.0, attempts=max(0, turn.job.attempts - 1))
        with self._changed:
            self._turn = None
            if job.state == "waiting":
                self._line.add(job)
        self.publish(job)
        turn.ended.set()

    def kept(self, job: Job, **values: Any) -> Job:
        """`job`, changed; while the disk is full it is tried again, since its files are in their place."""
        while True:
            try:
                return self.keeping.change(job.id, **values)
            except ResourceError:
                log.warning("The disk is full: the job %s waits for room", job.id)
                if self._closing.wait(RETRY):
                    return job

    @property
    def closing(self) -> bool:
        """Whether the studio ends."""
        return self._closing.is_set()

    def _again(self, job: Job, error: str) -> Job:
        if job.attempts >= ATTEMPTS:
            return self.kept(job, state="failed", ended=time.time(), error=error)
        return self.kept(job, state="waiting", began=0.0)

    def _tidy(self) -> None:
        try:
            self.keeping.tidy()
        except (InputError, ResourceError) as error:
            log.warning("The studio could not be tidied: %s", error)

    def tell_line(self) -> None:
        """Tell the first of those who wait that they moved on, if they did and were not told a moment ago."""
        if not self._moved or time.monotonic() < self._told + LATELY or not self.events.listeners:
            return
        self._moved, self._told = False, time.monotonic()
        with self._changed:
            ids = self._line.next(TOLD)
        for id in ids:
            try:
                self.publish(self.keeping.job(id))
            except Missing:
                continue
