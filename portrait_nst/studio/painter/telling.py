"""What a job in the making tells the server, a few times a second at most, and what it is asked meanwhile."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

from portrait_nst.imaging import atomic
from portrait_nst.studio.painter.messages import Foretold, News, Previewed, Stepped
from portrait_nst.studio.plain import plain

NAME = "preview.jpg"
STEPS, PREVIEWS = 0.25, 0.5  # seconds between two news at least
WORTH = 20  # previews take a twentieth of the time at most


class CancelledError(BaseException):
    """The job was cancelled. No Exception, so that nothing on the way takes it for an error of its own."""


class Telling:
    """Tells of one job.

    stop: set when the user wants the picture so far. cancelled: set when the user wants nothing.
    """

    def __init__(self, job: str, folder: Path, send: Callable[[News], None]) -> None:
        """folder: where previews are written. send: sends news to the server."""
        self.job, self.folder, self._send = job, folder, send
        self.stop, self.cancelled = threading.Event(), threading.Event()
        self._share, self._phase, self._previews = 0.0, "", 0
        self._step_after = self._preview_after = 0.0

    def check(self) -> None:
        """Raise CancelledError if the job was cancelled."""
        if self.cancelled.is_set():
            raise CancelledError

    def foretell(self, seconds: float, memory: float | None, longest: float) -> None:
        """Tell the forecast."""
        if math.isfinite(seconds):
            self._send(Foretold(self.job, seconds, memory, longest if math.isfinite(longest) else seconds))

    def step(self, phase: str, share: float = 0.0, seconds_left: float | None = None, note: str = "") -> None:
        """Tell how far it is, if it is time or there is something to say. share: 0 to 1; it never falls."""
        self.check()
        now = time.monotonic()
        self._share = min(1.0, max(self._share, share))
        if now < self._step_after and phase == self._phase and not note:
            return
        self._step_after, self._phase = now + STEPS, phase
        if seconds_left is not None and not math.isfinite(seconds_left):  # JSON knows no such numbers
            seconds_left = None
        self._send(Stepped(self.job, self._share, seconds_left, phase, plain(note)))

    def preview(self, make: Callable[[], bytes]) -> None:
        """Show the JPEG that `make` gives, if it is time for one. A full disk leaves the one before."""
        began = time.monotonic()
        if began < self._preview_after:
            return
        data = make()
        try:
            handle, temporary = atomic.open_temporary(self.folder / NAME)
            try:
                with open(handle, "wb") as file:  # noqa: PTH123 - it is open; not forced to disk, since it is soon old
                    file.write(data)
                temporary.replace(self.folder / NAME)
            finally:
                temporary.unlink(missing_ok=True)
        except Exception:  # a preview is not worth a painting
            return
        took = time.monotonic() - began
        self._preview_after = began + max(PREVIEWS, WORTH * took)
        self._previews += 1
        self._send(Previewed(self.job, self._previews))
