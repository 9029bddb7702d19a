"""The resources of this machine: free memory and cores."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from portrait_nst.settings import Settings

SPARE = 0.9  # share of the free memory that a painting may take


def allowed(settings: Settings, given: float | None) -> float | None:
    """The bytes that may be used: the lesser of the limits of `settings` and `given`; None if there is no limit."""
    asked = None if settings.max_memory is None else settings.max_memory * 1e9
    return min((limit for limit in (asked, given) if limit is not None), default=None)


def memory_left() -> float:
    """The free bytes of the machine, or of the memory that the container may use, if that is less."""
    import psutil

    left = float(psutil.virtual_memory().available)
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        try:
            left = min(left, int(Path(limit).read_text()) - int(Path(used).read_text()))
        except (OSError, ValueError):  # there are no such files, or the limit is "max"
            continue
    return left


@functools.cache
def has_bf16_instructions() -> bool:
    """Whether the CPU has instructions for bfloat16, which makes it faster than float32; only Linux can tell without torch."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_tile" in flags


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
