"""The one place for a live session: two of them would share two cores, and neither would be fluent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from portrait_nst.errors import ResourceError

GRACE = 3.0  # seconds in which who has the place may be leaving it: a page that stops and starts again is one after the other


class Busy(ResourceError):
    """Another session has the place."""


class Place:
    """Who comes finds it taken, or takes it over: the page asks its user, who knows whether the other window is theirs."""

    def __init__(self) -> None:
        """Free."""
        self._free = asyncio.Lock()
        self._leave = asyncio.Event()
        self._waiting = 0

    @asynccontextmanager
    async def taken(self, take_over: bool) -> AsyncIterator[asyncio.Event]:
        """Have the place; the event is set once somebody else takes it over. Raises Busy."""
        if take_over:
            self._leave.set()
            self._waiting += 1
            try:
                await self._free.acquire()
            finally:
                self._waiting -= 1
        else:
            try:
                async with asyncio.timeout(GRACE):
                    await self._free.acquire()
            except TimeoutError:
                raise Busy(
                    "Live painting is already running in another window. Stop it there, or go on here."
                ) from None
        try:
            self._leave = asyncio.Event()
            if self._waiting:  # the next one has asked already
                self._leave.set()
            yield self._leave
        finally:
            self._free.release()
