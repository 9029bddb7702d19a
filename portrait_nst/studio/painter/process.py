"""The server's side of the painter's process: it starts with the first order, and is replaced when it dies."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection

from portrait_nst.studio.painter.messages import Cancel, News, Order, Stop, Warm


class Died(Exception):
    """The process is gone. status: its exit status; -9 where the system or somebody killed it."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"exit status {status}")
        self.status = status


class Process:
    """A process that makes jobs. One thread at a time may use it.

    `spawn`, not `fork`: the server has threads. Each side holds one end of the pipe alone, so that each sees when the other dies.
    """

    def __init__(self, threads: int | None, make_maker: Callable[[], object] | None = None) -> None:
        """threads: CPU threads that paint; None for all. make_maker: makes what makes jobs, in the process; `making.Maker`."""
        self._threads, self._make_maker = threads, make_maker
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection

    @property
    def pid(self) -> int | None:
        """The number of the process; None where none runs."""
        return None if self._process is None else self._process.pid

    def send(self, message: Order | Stop | Cancel | Warm) -> None:
        """Send a message, to a new process where none runs. That it died shows in `receive`."""
        if self._process is None:
            self._start()
        with contextlib.suppress(OSError):
            self._pipe.send(message)

    def receive(self, seconds: float) -> News | None:
        """The next news, or None if there is none within so many seconds. Raises Died."""
        if self._process is None:
            raise Died(None)
        try:
            if self._pipe.poll(seconds):
                news: News = self._pipe.recv()
                return news
        except (EOFError, OSError):
            self._process.join(5)  # its status comes a moment after the end of its pipe
            raise Died(self.kill()) from None
        return None

    def kill(self) -> int | None:
        """End the process at once, and return its exit status; None where none runs."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        process.join()
        self._pipe.close()
        return process.exitcode

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        values = (theirs, self._threads, *([] if self._make_maker is None else [self._make_maker]))
        self._process = context.Process(target=_serve, args=values, daemon=True)
        self._process.start()
        theirs.close()


def _serve(pipe: Connection, *values: object) -> None:
    from portrait_nst.studio.painter.serve import serve  # which imports what the server does without

    serve(pipe, *values)  # type: ignore[arg-type]
