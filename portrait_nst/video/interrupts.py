"""Ctrl-C while a clip is painted: the first one ends the work after a frame, the second one at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from portrait_nst.video.progress import OnProgress, VideoStep


@contextmanager
def stops_between_frames(on_progress: OnProgress | None) -> Iterator[OnProgress]:
    """A context whose value tells `on_progress`, and raises KeyboardInterrupt there after a Ctrl-C, but not while joining.

    Where a caller has a way of its own with Ctrl-C, or in another thread than the main one, signals are left alone.
    """
    stopped = False

    def progress(step: VideoStep) -> None:
        if on_progress is not None:
            on_progress(step)
        if stopped and step.stage != "join":
            raise KeyboardInterrupt

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        signal.signal(signal.SIGINT, before)

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield progress
        return
    signal.signal(signal.SIGINT, stop)
    try:
        yield progress
    finally:
        signal.signal(signal.SIGINT, before)
