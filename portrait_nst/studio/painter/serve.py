"""The painter's process: one job at a time, until the server's end of the pipe is gone; then it ends at once."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from portrait_nst.errors import PortraitError, first_line, is_out_of_memory
from portrait_nst.imaging import atomic
from portrait_nst.studio.beginning import begin
from portrait_nst.studio.painter.making import Maker, Makes
from portrait_nst.studio.painter.messages import Cancel, Cancelled, Done, Failed, News, Order, Stop, Warm
from portrait_nst.studio.painter.telling import CancelledError, Telling
from portrait_nst.studio.plain import plain, plainly

log = logging.getLogger(__name__)
NICE = 5  # the page answers first
MEMORY = "This machine has too little free memory for it; choose a smaller size, or quality draft."
FULL = "The disk is full: the result could not be kept. Make room, then paint it again."


def serve(pipe: Connection, threads: int | None, make_maker: Callable[[], Makes] = Maker) -> None:
    """The main function of the process. threads: CPU threads of everything; None for all."""
    begin(threads, NICE)
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123
    _Painter(pipe, make_maker()).work()


class _Painter:
    """Takes orders in one thread, and carries them out in the main one."""

    def __init__(self, pipe: Connection, maker: Makes) -> None:
        self._pipe, self._maker = pipe, maker
        self._orders: queue.SimpleQueue[Order | Warm] = queue.SimpleQueue()
        self._sending = threading.Lock()
        self._tellings: dict[str, Telling] = {}

    def work(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            order = self._orders.get()
            if isinstance(order, Warm):
                self._warm()
            else:
                self._send(carried_out(self._maker, order, self._tellings[order.job]))

    def _warm(self) -> None:
        try:
            self._maker.warm()
        except Exception as error:  # the job itself will say so
            log.warning("The painter could not load what it paints with: %s", first_line(error))

    def _listen(self) -> None:
        """Hear the server; where it is gone, end the process, whatever is being painted."""
        try:
            while True:
                message = self._pipe.recv()
                if isinstance(message, Order):
                    self._tellings = {message.job: Telling(message.job, message.folder, self._send)}
                    self._orders.put(message)
                elif isinstance(message, Warm):
                    self._orders.put(message)
                elif telling := self._tellings.get(message.job):
                    if isinstance(message, Stop):
                        telling.stop.set()
                    elif isinstance(message, Cancel):
                        telling.cancelled.set()
        except (EOFError, OSError):
            os._exit(1)

    def _send(self, news: News) -> None:
        with self._sending, contextlib.suppress(OSError):  # the server is gone: `_listen` sees that
            self._pipe.send(news)


def carried_out(maker: Makes, order: Order, telling: Telling) -> Done | Failed | Cancelled:
    """How an order ended; of what failed one line says why, and no remark names a folder of this machine."""
    try:
        telling.check()
        result = maker.make(order, telling)
        telling.check()
        return Done(order.job, result | {"notes": plainly(result.get("notes", ()), order.resolved.name_of)})
    except CancelledError:
        clear(order.folder)
        return Cancelled(order.job)
    except PortraitError as error:
        full = atomic.is_full(error)
        return Failed(order.job, FULL if full else plain(str(error), order.resolved.name_of), full)
    except Exception as error:  # one job's failure must not stop the others
        log.exception("The job %s failed", order.job)
        if is_out_of_memory(error):
            return Failed(order.job, MEMORY)
        if atomic.is_full(error):
            return Failed(order.job, FULL, full=True)
        return Failed(
            order.job, plain(f"Something went wrong in the painter: {first_line(error)}", order.resolved.name_of)
        )


def clear(folder: Path) -> None:
    """Remove everything in a job's folder."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
