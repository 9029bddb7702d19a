"""How each process of the studio begins: Ctrl-C is the server's to answer, the page goes before, and threads are counted."""

from __future__ import annotations

import contextlib
import os
import signal

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # read when numpy and torch are first imported


def begin(threads: int | None = None, nice: int = 0) -> None:
    """Prepare this process. threads: CPU threads of everything, None for all. nice: how far it stands back, 0 to 19."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if nice:
        with contextlib.suppress(AttributeError, OSError):
            os.nice(nice)
    if threads is not None:
        os.environ.update(dict.fromkeys(THREADS, str(threads)))
