"""Keep native code from writing notices to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

_lock = threading.RLock()


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Send file descriptor 2 to nowhere inside the block, and bring it back whatever happens.

    MediaPipe's C++ part writes "Created TensorFlow Lite XNNPACK delegate" and the like past Python, and
    no environment variable stops it. The descriptor belongs to the whole process, so what other
    threads write meanwhile is lost too: keep the block short. One thread at a time is inside.
    """
    with _lock:
        with contextlib.suppress(AttributeError, OSError, ValueError):
            sys.stderr.flush()
        try:
            kept = os.dup(2)
        except OSError:  # a process without standard error has nothing to silence
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(nowhere, 2)
            finally:
                os.close(nowhere)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
