"""What happens in the desk's process: how it begins, and how it runs a call."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import logging
import multiprocessing
import os
import re
import sys
import threading
from multiprocessing.connection import wait
from typing import Any

from portrait_nst.errors import PortraitError, ResourceError, first_line, is_out_of_memory
from portrait_nst.studio import beginning

log = logging.getLogger(__name__)
_ROOM = __name__.rpartition(".")[0]
_NAME = re.compile(r"[a-z_]+\.[a-z][a-z_]*")
_QUICK = ("previews", "rehearsal")  # rooms whose calls come one after the other and need the same memory again
MOST_THREADS = 4
_painters = ""  # `cores` as the process began, before it told numpy and torch to use fewer


class Failed(Exception):
    """Something went wrong that no user caused; one line says what."""


def few(most: int | None) -> int:
    """How many CPU threads quick work has: half of the cores, four at most, and no more than `most`.

    A small picture gains little by more. Threads that wait for one that has no core, because a painter has it, cost much: on two
    cores beside one that paints, a preview takes 0.13 seconds with one thread, and 0.44 with two.
    """
    return max(1, min(MOST_THREADS, cores() // 2, most or MOST_THREADS))


def cores() -> int:
    """How many threads a painter has if nobody says another number."""
    said = _painters or os.environ.get(beginning.THREADS[0], "")
    if said.isdecimal() and int(said) > 0:
        return int(said)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def begin(threads: int | None) -> None:
    """Prepare the process; where the server is killed it ends too. threads: CPU threads at most; see `few`."""
    global _painters
    _painters = str(cores())
    beginning.begin(few(threads))
    # Threads that wait sleep instead of spinning: a speed measured while a painter has the cores takes a third of the time.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_end_with, args=(server.sentinel,), daemon=True).start()


def run(function: str, values: dict[str, Any]) -> Any:
    """What the function "module.function" of this room returns.

    Raises its PortraitErrors, ResourceError where memory ends, and Failed for every other exception.
    """
    if not _NAME.fullmatch(function):
        raise Failed(f"no function of the desk: {function!r}")
    module, name = function.split(".")
    try:
        return getattr(importlib.import_module(f"{_ROOM}.{module}"), name)(**values)
    except PortraitError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise ResourceError(
                "This machine has too little free memory for this picture; use a smaller copy."
            ) from None
        log.exception("The desk's function %s failed", function)
        # Of a known type: one that cannot be unpickled would break the connection to the server.
        raise Failed(f"{function}: {type(error).__name__}: {first_line(error)}") from None
    finally:
        if module not in _QUICK:
            _give_back()


def _give_back() -> None:
    """Give freed memory back to the system, which takes some milliseconds: a large photo leaves hundreds of megabytes."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
            ctypes.CDLL(None).malloc_trim(0)


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(0)
