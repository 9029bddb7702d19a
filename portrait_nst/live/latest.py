"""A place for one thing between two threads: the newest, so that what is late is dropped and never waited for."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds what was put last until it is taken; `dropped` counts what nobody took in time."""

    def __init__(self) -> None:
        """Empty and open."""
        self.dropped = 0
        self.closed = False
        self._held: T | None = None
        self._changed = threading.Condition()

    def put(self, item: T, patience: float = 0.0) -> bool:
        """Put `item` in; what is there after `patience` seconds is replaced. Returns False once it is closed."""
        with self._changed:
            if patience:
                self._changed.wait_for(lambda: self._held is None or self.closed, patience)
            if self.closed:
                return False
            self.dropped += self._held is not None
            self._held = item
            self._changed.notify_all()
            return True

    def is_free(self, patience: float) -> bool:
        """Whether nothing is held any more within `patience` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._held is None or self.closed, patience)
            return self._held is None

    def take(self, patience: float) -> T | None:
        """What was put last; None if nothing comes within `patience` seconds, or once it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._held is not None or self.closed, patience)
            held, self._held = self._held, None
            self._changed.notify_all()
            return None if self.closed else held

    def close(self) -> None:
        """Wake everybody who waits, and take nothing any more."""
        with self._changed:
            self.closed, self._held = True, None
            self._changed.notify_all()
