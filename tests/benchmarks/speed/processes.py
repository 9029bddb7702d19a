"""Other processes, watched: seconds, memory of the whole tree, CPU seconds, and when each line of output came."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

EVERY = 0.1  # seconds between two looks


@dataclass
class Usage:
    """What a command and its children took.

    seconds:       from start to end; `lines` are (seconds since the start, text) of its standard output.
    peak_sum:      bytes, the greatest sum of resident memory over the tree (pages that two share count twice).
    peak_greatest: bytes, the greatest of any single process.
    cpu:           seconds of CPU of all of them, as far as they were seen.
    """

    seconds: float = 0.0
    peak_sum: int = 0
    peak_greatest: int = 0
    processes: int = 0
    cpu: float = 0.0
    status: int = 0
    lines: list[tuple[float, str]] = field(default_factory=list)
    errors: str = ""

    @property
    def busy(self) -> float:
        """Cores that were busy on average."""
        return self.cpu / max(self.seconds, 1e-9)


def watched(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Usage:
    """Run `command` to its end, with `env` on top of this environment."""
    usage = Usage()
    cpu: dict[int, float] = {}
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def read() -> None:
        assert process.stdout is not None
        usage.lines.extend((time.perf_counter() - began, line.rstrip("\n")) for line in process.stdout)

    errors: list[str] = []
    readers = [
        threading.Thread(target=read),
        threading.Thread(target=lambda: errors.append(process.stderr.read() if process.stderr else "")),
    ]
    for reader in readers:
        reader.start()
    while process.poll() is None:
        _look(process.pid, usage, cpu)
        time.sleep(EVERY)
    usage.seconds = time.perf_counter() - began
    for reader in readers:
        reader.join()
    usage.status, usage.errors, usage.cpu = process.returncode, "".join(errors), sum(cpu.values())
    return usage


def _look(pid: int, usage: Usage, cpu: dict[int, float]) -> None:
    sizes = []
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                sizes.append(process.memory_info().rss)
                times = process.cpu_times()
                cpu[process.pid] = times.user + times.system
    usage.peak_sum = max(usage.peak_sum, sum(sizes))
    usage.peak_greatest = max(usage.peak_greatest, max(sizes, default=0))
    usage.processes = max(usage.processes, len(sizes))


def checked(usage: Usage, what: str) -> Usage:
    """`usage`, or the end of this program where the command failed."""
    if usage.status:
        sys.exit(f"{what} ended with exit status {usage.status}:\n{usage.errors[-3000:]}")
    return usage


def peak_memory() -> int:
    """Bytes: the greatest resident memory that this process had so far.

    Linux tells it since the program began; ru_maxrss, the way of others, begins with what the parent had.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        return next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def cores() -> int:
    return len(os.sched_getaffinity(0))


def python(module: str, *arguments: object) -> list[str]:
    """The command that runs `module` with this Python."""
    return [sys.executable, "-m", module, *map(str, arguments)]
