"""The web process's side of the process that paints."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from portrait_nst.studio.live.messages import Failed, Frame, Told, Wanted

PATIENCE = 5.0  # seconds for a killed process to be gone
DIED = "The process that paints live has ended by itself; perhaps memory ran out. Start live painting again."

Work = Callable[[Connection, Wanted, str], None]


def _work(pipe: Connection, wanted: Wanted, device: str) -> None:
    from portrait_nst.studio.live.worker import work  # loads torch and MediaPipe: in the new process alone

    work(pipe, wanted, device)


class LiveProcess:
    """Starts with `start`, ends with `close`. What it tells comes to `told`, in a thread of ours; the last thing is a `Failed`.

    Frames never queue: one that comes while another still waits to be sent takes its place.
    """

    def __init__(self, wanted: Wanted, device: str, told: Callable[[Told], None], work: Work = _work) -> None:
        """wanted: how it begins. device: as `Settings.device`. work: what runs in the process."""
        context = multiprocessing.get_context("spawn")
        self._pipe, self._theirs = context.Pipe()
        self._process = context.Process(
            target=work, args=(self._theirs, wanted, device), name="portrait_nst live", daemon=True
        )
        self._told = told
        self._changed = threading.Condition()
        self._wanted: Wanted | None = None
        self._frame: Frame | None = None
        self._closed = False
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]

    @property
    def pid(self) -> int | None:
        """The process's number; None before it began."""
        return self._process.pid

    def start(self) -> None:
        """Begin; returns before it is loaded."""
        self._process.start()
        self._theirs.close()  # only so do we see that the process is gone
        for thread in self._threads:
            thread.start()

    def want(self, wanted: Wanted) -> None:
        """Paint so from now on."""
        with self._changed:
            self._wanted = wanted
            self._changed.notify()

    def paint(self, frame: Frame) -> None:
        """Paint this frame, unless a newer one comes in time."""
        with self._changed:
            self._frame = frame
            self._changed.notify()

    def close(self) -> None:
        """End the process at once: it has nothing to lose."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._process.pid is not None:
            self._process.kill()
            self._process.join(PATIENCE)
            for thread in self._threads:
                thread.join(PATIENCE)
        self._pipe.close()

    def _send(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._closed or self._wanted or self._frame)
                    if self._closed:
                        return
                    wanted, frame, self._wanted, self._frame = self._wanted, self._frame, None, None
                for message in (wanted, frame):
                    if message is not None:
                        self._pipe.send(message)

    def _receive(self) -> None:
        last: Told = Failed(DIED)
        with contextlib.suppress(EOFError, OSError):
            while True:
                message = self._pipe.recv()
                if isinstance(message, Failed):
                    last = message
                    break
                self._told(message)
        self._told(last)
