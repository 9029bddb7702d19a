"""A call that does nothing but take its time, for tests and for measures of what a call costs."""

from __future__ import annotations

import os
import time


def wait(seconds: float) -> int:
    """The number of the process, after so many seconds."""
    time.sleep(seconds)
    return os.getpid()
