"""Who listens to the studio: each listener gets the newest state of every job, however slowly it reads."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel

from portrait_nst.errors import ResourceError

MOST = 100  # listeners at once: a browser has one a tab
GONE = "gone"

Event = tuple[str, str]
"""(event, data): the event's name, and its data as JSON in one line."""


class Crowded(ResourceError):
    """Too many listen already; HTTP answers 429."""

    status = 429


class Events:
    """Tells listeners what changed. `publish` may be called from any thread, `listen` in an event loop.

    What is published is written as JSON once, whoever listens. A listener that does not read keeps one text for each job that
    changed meanwhile, the newest, and no more.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._listeners: set[Listener] = set()
        self._closed = False

    def publish(self, event: str, data: BaseModel | Mapping[str, Any]) -> None:
        """Tell every listener. data: a model or a mapping with an "id"; it takes the place of an older one with that id."""
        with self._lock:
            if not self._listeners:
                return
            if isinstance(data, BaseModel):
                id, line = str(getattr(data, "id", "")), data.model_dump_json()
            else:
                id, line = str(data.get("id", "")), json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            gone = [each for each in self._listeners if not each.put(id, (event, line))]
            self._listeners.difference_update(gone)

    def listen(self) -> Listener:
        """A new listener: iterate over it with ``async for``, and close it. Raises Crowded where there are too many."""
        listener = Listener(self._forget)
        with self._lock:
            if len(self._listeners) >= self._most:
                raise Crowded(
                    f"{self._most} pages or programs listen to the studio already, which is the most; close some of them."
                )
            if self._closed:
                listener.end()
            else:
                self._listeners.add(listener)
        return listener

    def close(self) -> None:
        """End all listeners, so that the server can end; later ones end at once."""
        with self._lock:
            self._closed = True
            listeners, self._listeners = self._listeners, set()
        for listener in listeners:
            listener.end()

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def _forget(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)


class Listener:
    """What one listener has not read yet. It belongs to the event loop in which it was made."""

    def __init__(self, forget: Callable[[Listener], None]) -> None:
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._waiting: dict[str, Event] = {}
        self._wake, self._ended = asyncio.Event(), False

    def put(self, id: str, event: Event) -> bool:
        """Keep `event` in the place of an older one with this id, at the end; whether anybody can read it. From any thread."""
        with self._lock:
            is_awake = bool(self._waiting)
            self._waiting.pop(id, None)
            self._waiting[id] = event
        return not self._loop.is_closed() if is_awake else self._ring()

    def end(self) -> None:
        """End the iteration, after what waits was read. From any thread."""
        self._ended = True
        self._ring()

    def close(self) -> None:
        """Listen no more."""
        self._forget(self)
        self.end()

    def __len__(self) -> int:
        return len(self._waiting)

    def __aiter__(self) -> Listener:
        """The listener itself."""
        return self

    async def __anext__(self) -> Event:
        """The next event; waits until there is one. Raises StopAsyncIteration after `end`."""
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._wake.clear()
            await self._wake.wait()
        with self._lock:
            return self._waiting.pop(next(iter(self._waiting)))

    def rest(self) -> list[Event]:
        """What else waits now, in its order: it can be sent in one piece."""
        with self._lock:
            found, self._waiting = list(self._waiting.values()), {}
        return found

    def _ring(self) -> bool:
        try:
            self._loop.call_soon_threadsafe(self._wake.set)
        except RuntimeError:  # the loop has ended, and nobody reads
            return False
        return True
