"""What makes jobs in place of a painter; the photo's name says how: it must be importable in the painter's process."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portrait_nst.errors import MaskError
from portrait_nst.studio.events import Events
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.models import JobModel, JobRequest
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.messages import Order
from portrait_nst.studio.painter.queue import Queue
from portrait_nst.studio.painter.telling import Telling
from portrait_nst.studio.records import FINISHED


class StandIn:
    """Makes a file of the photo's name and a number that each job gets of its process."""

    def __init__(self) -> None:
        self.jobs = 0

    def warm(self) -> None:
        """Nothing to load."""

    def make(self, order: Order, telling: Telling) -> dict[str, Any]:
        self.jobs += 1
        name = order.resolved.photo.name
        telling.foretell(3.0, 1e9, 3.0)
        if name.startswith("die"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("full"):
            raise OSError(errno.ENOSPC, "No space left on device")
        if name.startswith("nobody"):
            raise MaskError(f"Nobody was found in {order.resolved.photo.path}; draw a mask.")
        if name.startswith("wrong"):
            raise ZeroDivisionError("a secret of this machine")
        if name.startswith("deaf"):
            time.sleep(60)
        stopped = False
        for step in range(600 if name.startswith("slow") else 2):
            telling.step("Painting", step / 600, 60.0, "a remark" if step == 0 else "")
            telling.preview(lambda: b"JPEG")
            if stopped := telling.stop.is_set():
                break
            time.sleep(0.02)
        (order.folder / "result.png").write_bytes(f"{name} {order.resolved.settings.seed}".encode())
        (order.folder / "thumb.jpg").write_bytes(b"JPEG")
        (order.folder / "recipe.json").write_bytes(b"{}")
        values = {"width": 64, "height": 64, "seconds": 0.5, "files": ["png"], "interrupted": stopped}
        return {**values, "notes": [f"job {self.jobs} of process {os.getpid()}"]}


def bring(keeping: Keeping, name: str, kind: Any = "photo", *, of: str = "", data: bytes | None = None) -> str:
    """The id of an upload with this name; the bytes are not looked at by the stand-in."""
    path = keeping.incoming()
    path.write_bytes(name.encode() if data is None else data)
    return keeping.add(kind, path, name, width=64, height=64, of=of).id


@contextmanager
def opened(home: Path, **more: Any) -> Iterator[tuple[Keeping, Queue]]:
    """A queue whose painter is the stand-in."""
    with Keeping.open(home, 10**9) as keeping:
        queue = Queue(keeping, Events(), Options(folder=home, threads=1), StandIn, **more)
        queue.start()
        try:
            yield keeping, queue
        finally:
            queue.close()


def request(photo: str, **values: Any) -> JobRequest:
    return JobRequest(photo=photo, **{"style": [{"style": "impasto"}], **values})


def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    """What `true` gives as soon as it is true."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return found


def finished(keeping: Keeping, queue: Queue, id: str, seconds: float = 30) -> JobModel:
    until(lambda: queue.model(keeping.job(id)).state in FINISHED, seconds)
    return queue.model(keeping.job(id))


def running(keeping: Keeping, queue: Queue, id: str) -> JobModel:
    """The job, once its painter has told of it."""

    def told() -> JobModel | None:
        found = queue.model(keeping.job(id))
        return found if found.progress is not None and found.progress.preview else None

    job: JobModel = until(told)
    return job
