"""The desk: one process for quick work on pictures, which begins with its first call and ends when nobody needs it."""

from __future__ import annotations

import multiprocessing
import threading
import time
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, Self

from portrait_nst.errors import PortraitError, ResourceError
from portrait_nst.studio.desk import process

IDLE = 600.0  # seconds without a call after which the process ends
LIMIT = 120.0  # seconds that a call may take, once it began
PATIENCE = 10.0  # seconds after which a call that stands back does so no longer
_ENDING = "The studio is ending; start it again."


class Replaced(PortraitError):
    """A later call of the same client took the place of this one, which never began."""

    status = 429

    def __init__(self, message: str = "A later request of this page took the place of this one.") -> None:
        super().__init__(message)


class Desk:
    """Calls functions of this room in a process of their own, one at a time.

    Those that somebody waits for come first, in the order in which they are asked for, then those that stand back.
    Safe to use from any thread. A picture that kills the process is an error of its own call; the next call has a new process.
    """

    def __init__(self, *, threads: int | None = None, idle: float = IDLE, limit: float = LIMIT) -> None:
        """threads: CPU threads of the process at most, see `process.few`. idle, limit: seconds, see `IDLE` and `LIMIT`."""
        self._threads, self._idle, self._limit = threads, idle, limit
        self._lock = threading.RLock()
        self._waiting: list[_Ticket] = []
        self._working: _Ticket | None = None
        self._free = 0.0  # when the last call ended that did not wait for the desk to be idle
        self._pool: ProcessPoolExecutor | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(self, function: str, /, **values: Any) -> Any:
        """What ``portrait_nst.studio.desk.<module>.<function>`` returns for these values, both of which can be pickled.

        function: "module.function". Its PortraitErrors come as they are. Raises ResourceError where the process dies or takes
        longer than the limit.
        """
        return self._in_turn(_Ticket(self._lock), function, values)

    def later(self, function: str, /, *, idle: float = 0.0, **values: Any) -> Any:
        """Like `call`, but it stands back for `PATIENCE` seconds while any call of the others waits.

        idle: seconds that nobody else must have asked for anything, as a call needs that takes long for somebody who is quick.
        """
        return self._in_turn(_Ticket(self._lock, back=True, idle=idle), function, values)

    def latest(self, client: str, function: str, /, **values: Any) -> Any:
        """Like `call`, in the place of a call of the same client and function that still waits, which raises `Replaced`."""
        return self._in_turn(_Ticket(self._lock, (client, function)), function, values)

    def close(self) -> None:
        """End the process at once, also in the middle of a call."""
        with self._lock:
            self._closed = True
            self._end()
            for ticket in self._waiting:
                ticket.called.notify()

    @property
    def pid(self) -> int | None:
        """The number of the process, while there is one."""
        pool = self._pool
        return next(iter(pool._processes), None) if pool is not None and pool._processes else None

    def _in_turn(self, ticket: _Ticket, function: str, values: dict[str, Any]) -> Any:
        with self._lock:
            for other in self._waiting:
                if ticket.client and other.client == ticket.client:
                    other.replaced = True
                    other.called.notify()
            self._waiting.append(ticket)
            try:
                while not self._closed and (pause := self._pause(ticket)) != 0:
                    ticket.called.wait(pause)
                    if ticket.replaced:
                        raise Replaced
                pool = self._ready()
            except BaseException:
                self._leave(ticket)
                raise
            self._waiting.remove(ticket)
            self._working = ticket
        try:
            return self._answer(pool, function, values)
        finally:
            with self._lock:
                self._leave(ticket)

    def _pause(self, ticket: _Ticket) -> float | None:
        """Seconds until this call may begin; None until something changes. Called with the lock held."""
        if self._working is not None or ticket is not self._first():
            return None
        now = time.monotonic()
        return max(0.0, min(ticket.idle - now + self._free, PATIENCE - now + ticket.asked))

    def _first(self) -> _Ticket:
        """Whose turn comes next: of several with the same rank, who waited longest. Called with the lock held."""
        now = time.monotonic()
        return min(self._waiting, key=lambda one: one.rank(now))

    def _answer(self, pool: ProcessPoolExecutor, function: str, values: dict[str, Any]) -> Any:
        try:
            return pool.submit(process.run, function, values).result(self._limit)
        except TimeoutError:
            self._abandon(pool)
            raise ResourceError(
                f"This took longer than {self._limit:.0f} seconds and was given up; use a smaller copy of the picture."
            ) from None
        except (
            BrokenProcessPool,
            CancelledError,
            RuntimeError,
        ):  # a RuntimeError where it was ended before it got the call
            self._abandon(pool)
            if self._closed:
                raise ResourceError(_ENDING) from None
            raise ResourceError(
                "The studio's process died while it looked at this file: it may be damaged, or too large for this machine's "
                "memory. Use a smaller copy, saved anew by another program."
            ) from None

    def _ready(self) -> ProcessPoolExecutor:
        """The process, a new one where there is none; called with the lock held."""
        if self._closed:
            raise ResourceError(_ENDING)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, context, initializer=process.begin, initargs=(self._threads,))
        return self._pool

    def _leave(self, ticket: _Ticket) -> None:
        """Give the turn to the next; called with the lock held."""
        if self._working is ticket:
            self._working = None
            if not ticket.idle:
                self._free = time.monotonic()
        else:
            self._waiting.remove(ticket)
        if self._waiting:
            self._first().called.notify()
        if not self._waiting and self._working is None and self._pool is not None and not self._closed:
            self._timer = threading.Timer(self._idle, self._rest)
            self._timer.daemon = True
            self._timer.start()

    def _rest(self) -> None:
        with self._lock:
            if not self._waiting and self._working is None:
                self._end()

    def _abandon(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._end()

    def _end(self) -> None:
        """Kill the process: it has nothing to save. Called with the lock held."""
        pool, self._pool = self._pool, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if pool is not None:
            for one in list((pool._processes or {}).values()):
                one.kill()
            pool.shutdown(wait=False, cancel_futures=True)


class _Ticket:
    """A call's place in the queue. called: notified when something changed for it, so that a hundred others sleep on."""

    def __init__(
        self, lock: threading.RLock, client: tuple[str, str] | None = None, *, back: bool = False, idle: float = 0.0
    ) -> None:
        self.called = threading.Condition(lock)
        self.client, self.back, self.idle = client, back, idle
        self.asked, self.replaced = time.monotonic(), False

    def rank(self, now: float) -> float:
        """0 for those that come first; the more idle the desk must be for it, the later a call comes."""
        return 0.0 if not self.back or now - self.asked >= PATIENCE else 1.0 + self.idle
