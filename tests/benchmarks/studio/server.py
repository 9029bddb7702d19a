"""The studio as a user starts it, for the benchmarks that measure it from outside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(folder: str) -> Iterator[tuple[int, str]]:
    """A studio that keeps its things in `folder` and listens on a free port: the number of its process, and its address."""
    command = [sys.executable, "-m", "portrait_nst", "studio", "--port", "0", "--no-browser", "--quiet"]
    with subprocess.Popen([*command, "--folder", folder], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.pid, process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(15)
