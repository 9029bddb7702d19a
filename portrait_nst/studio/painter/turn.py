"""A job's turn with the painter: ordered, heard of, ended; whatever happens to the process, the job has an end or waits again."""

from __future__ import annotations

import shutil
import threading
import time
from typing import Any, Protocol

from portrait_nst.errors import PortraitError
from portrait_nst.studio.keeping import folders
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.models import Forecast, JobRequest, Progress
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.messages import (
    Cancel,
    Cancelled,
    Done,
    Failed,
    Foretold,
    News,
    Order,
    Previewed,
    Stepped,
    Stop,
)
from portrait_nst.studio.painter.process import Died, Process
from portrait_nst.studio.painter.resolve import resolve
from portrait_nst.studio.plain import plain
from portrait_nst.studio.records import Job

HEARD = 0.1  # seconds within which a flag is seen
PATIENCE = 10.0  # seconds that the painter has to cancel, before its process is killed
LEAST = 40_000_000  # bytes of the disk that must be free before a job begins; `sources.check_room` wants half of it and more
NO_ROOM = "Waits until the disk has room"
KILLED = -9  # the exit status of a process that the system or a user killed
DIED = "This was begun {tries} times, and each time the painter's process ended with it (exit status {status}). {hint}"
INTERRUPTED = (
    "The studio ended {attempts} times while it made this, so it is not tried again by itself. Paint it again, smaller."
)
HINTS = {
    True: "As a rule the machine ran out of memory: paint it smaller, or with quality draft.",
    False: "The studio's terminal may say why.",
}


class Books(Protocol):
    """What a turn needs of the queue, which keeps the books."""

    keeping: Keeping
    options: Options
    process: Process

    @property
    def closing(self) -> bool:
        """Whether the studio ends."""

    def kept(self, job: Job, **values: Any) -> Job:
        """`job`, changed in the database."""

    def publish(self, job: Job) -> None:
        """Tell all who listen how a job is."""

    def tell_line(self) -> None:
        """Tell those who wait that they moved on, if they did and were not told a moment ago."""

    def end(self, turn: Turn, **values: Any) -> None:
        """Keep how a turn ended, and tell it."""

    def wait_again(self, turn: Turn, error: str, *, counted: bool = True) -> None:
        """Let its job wait again, or fail with `error` where it was in work too often."""


class Turn:
    """The job in work, what is known of it, and what its user asks.

    stop, cancel: set when that is asked; at_once: the process is killed for it. ended: set when the turn is over.
    """

    def __init__(self, job: Job) -> None:
        self.job, self.id = job, job.id
        self.stop = self.cancel = self.at_once = False
        self.ended = threading.Event()
        self.progress = Progress()
        self.forecast: Forecast | None = None
        self._asked_at = 0.0
        self._began = time.monotonic()
        self._told: set[type] = set()

    def left(self, expected: float | None) -> float | None:
        """Seconds that it will still take, as far as that is known. expected: what jobs like it took."""
        if self.progress.seconds_left is not None:
            return self.progress.seconds_left
        return None if expected is None else max(0.0, expected - (time.monotonic() - self._began))

    def take(self, queue: Books) -> None:
        """Make the job; returns when it has ended, or waits again."""
        if not self._has_room(queue):
            return
        self.job = queue.kept(
            self.job, state="running", attempts=self.job.attempts + 1, began=time.time(), ended=0.0, error=""
        )
        queue.publish(self.job)
        try:
            resolved = resolve(JobRequest.model_validate(self.job.request), queue.keeping, queue.options)
            folder = queue.keeping.aside(self.id, "preview.jpg").parent
            folder.mkdir(exist_ok=True)
            for left in folder.glob(folders.TEMPORARY):  # by a painter that died
                folders.remove(left)
        except PortraitError as error:
            queue.end(self, state="failed", error=plain(str(error)))
            return
        queue.process.send(Order(self.id, resolved, folder))
        try:
            while not self._is_over(queue, queue.process.receive(HEARD)):
                pass
        except Died as death:
            if self.cancel:
                _clear(queue, self.id)
                queue.end(self, state="cancelled")
                return
            hint = HINTS[death.status == KILLED]
            queue.wait_again(self, DIED.format(tries=self.job.attempts, status=death.status, hint=hint))

    def _has_room(self, queue: Books) -> bool:
        """Wait until the disk has room: else every job that waits would fail. Whether the job is to be made then."""
        while shutil.disk_usage(queue.options.home).free < LEAST and not (queue.closing or self.cancel):
            if self.progress.phase != NO_ROOM:
                self.progress = Progress(phase=NO_ROOM)
                queue.publish(self.job)
            time.sleep(HEARD)
        if self.cancel:
            queue.end(self, state="cancelled")
        if queue.closing or self.cancel:
            self.ended.set()
            return False
        self.progress = Progress()
        return True

    def _is_over(self, queue: Books, news: News | None) -> bool:
        """Hear `news`, pass on what is asked; whether the turn is over."""
        queue.tell_line()
        if queue.closing:
            queue.process.kill()
            queue.wait_again(self, "", counted=False)
            return True
        if isinstance(news, (Done, Failed, Cancelled)) and news.job == self.id:
            self._end(queue, news)
            return True
        if self.cancel and (self.at_once or self._asked(queue, Cancel(self.id), PATIENCE)):
            queue.process.kill()
            _clear(queue, self.id)
            queue.end(self, state="cancelled")
            return True
        if self.stop:
            self._asked(queue, Stop(self.id))
        if news is not None and news.job == self.id:
            self._hear(queue, news)
        return False

    def _asked(self, queue: Books, message: Stop | Cancel, patience: float = float("inf")) -> bool:
        """Send `message` once; whether so many seconds have passed since."""
        if type(message) not in self._told:
            self._told.add(type(message))
            self._asked_at = time.monotonic()
            queue.process.send(message)
        return time.monotonic() - self._asked_at > patience

    def _hear(self, queue: Books, news: News) -> None:
        if isinstance(news, Foretold):
            self.forecast = Forecast(seconds=news.seconds, memory=news.memory, longest=news.longest)
        elif isinstance(news, Stepped):
            values = {"share": news.share, "seconds_left": news.seconds_left, "phase": news.phase}
            self.progress = self.progress.model_copy(update=values | ({"note": news.note} if news.note else {}))
        elif isinstance(news, Previewed):
            self.progress = self.progress.model_copy(update={"preview": news.number})
        queue.publish(self.job)

    def _end(self, queue: Books, news: Done | Failed | Cancelled) -> None:
        if isinstance(news, Done):
            queue.end(self, state="done", result=news.result, error="")
        elif isinstance(news, Failed) and news.full:
            queue.wait_again(self, news.error)
        elif isinstance(news, Failed):
            queue.end(self, state="failed", error=news.error)
        else:
            queue.end(self, state="cancelled")


def _clear(queue: Books, id: str) -> None:
    """Remove what a killed process left of a job."""
    folder = queue.keeping.aside(id, "preview.jpg").parent
    for name in folders.names(folder):
        folders.remove(folder / name)
