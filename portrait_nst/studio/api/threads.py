"""Threads of their own for what waits for the disk or the desk, so that other requests do not wait behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

T = TypeVar("T")
AT_ONCE = 16  # requests that may hold a thread while the desk is busy with others
_limiter: RunVar[CapacityLimiter] = RunVar("portrait_nst_desk")


async def aside(function: Callable[..., T], /, *values: object, **named: object) -> T:
    """What `function` returns, called in one of `AT_ONCE` threads beside those in which FastAPI runs routes."""
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(AT_ONCE)
        _limiter.set(limiter)
    return await to_thread.run_sync(partial(function, *values, **named), limiter=limiter)
