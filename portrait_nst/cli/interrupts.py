"""Ctrl-C before a command has begun, while Python still imports what it needs.

This module is imported first of all, so that it imports next to nothing itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

MESSAGE = "Interrupted; nothing was written."
STATUS = 130  # of a program that Ctrl-C ended, as shells count: 128 + SIGINT


def end_at_once() -> None:
    """From now on Ctrl-C ends the process with `MESSAGE` and `STATUS`; where it was ignored or caught, it stays so.

    An exception would not do: it is raised in the middle of an import, where some libraries make another error of it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def as_usual() -> None:
    """From now on Ctrl-C is a KeyboardInterrupt again, so that a command can tidy up."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(number: int, frame: FrameType | None) -> None:
    with contextlib.suppress(AttributeError, OSError, ValueError):  # closed
        os.write(sys.stderr.fileno(), f"Error: {MESSAGE}\n".encode())  # past buffers, which may be in use just now
    os._exit(STATUS)
