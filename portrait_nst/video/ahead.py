"""Items made ahead of their use, in a thread: the next frame is tracked while this one is painted.

cv2, torch, MediaPipe and PyAV work without Python's lock, so that two stages in two threads take two cores.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Generic, TypeVar

Item = TypeVar("Item")

_PATIENCE = 0.1  # seconds after which the thread looks whether it is still wanted


@contextmanager
def core_left() -> Iterator[None]:
    """A context in which torch leaves one core to the thread that works ahead: a fifth faster on two cores than with both."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(max(1, before - 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


class _End:
    """Says that there are no more items, or why."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class Ahead(Generic[Item]):
    """The items of an iterable, up to `depth` of which are made before they are asked for. `ahead` gives it.

    An iterator, and a context manager: at the end of the block the thread has ended.
    """

    def __init__(self, items: Iterable[Item], depth: int) -> None:
        self._items: queue.Queue[Item | _End] = queue.Queue(depth)
        self._unwanted = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._make, args=(items,), name="ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        """The next item. Raises what making it raised, once all items before it are used up."""
        if self._ended:
            raise StopIteration
        found = self._items.get()
        if not isinstance(found, _End):
            return found
        self.close()
        raise found.error or StopIteration

    def __enter__(self) -> Ahead[Item]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the thread, after the item in work; no more items are given. A generator is closed, too."""
        self._ended = True
        self._unwanted.set()
        self._thread.join()

    def _make(self, items: Iterable[Item]) -> None:
        end = _End()
        try:
            for item in items:
                if not self._put(item):
                    break
        except BaseException as error:  # it is raised again where the item is asked for
            end = _End(error)
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                try:
                    close()
                except BaseException as error:
                    end = _End(end.error or error)
        self._put(end)

    def _put(self, item: Item | _End) -> bool:
        """Whether it was taken, or there was room for it."""
        while not self._unwanted.is_set():
            try:
                self._items.put(item, timeout=_PATIENCE)
                return True
            except queue.Full:
                continue
        return False


def ahead(items: Iterable[Item], depth: int = 2) -> Ahead[Item]:
    """The `items`, in their order, made in a thread of their own, up to `depth` before they are asked for.

    Where the makers have states that others read, give them the items up to that moment only: when those are used up, nothing
    more is made. Use it in a `with` statement. Raises ValueError for a depth under 1.
    """
    if depth < 1:
        raise ValueError(f"depth must be 1 or more, not {depth}")
    return Ahead(items, depth)
