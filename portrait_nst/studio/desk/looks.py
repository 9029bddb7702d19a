"""The photos that the desk has looked at last, and who is in them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from portrait_nst import imaging, segmentation
from portrait_nst.errors import MaskError
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.studio.desk.examine import middle_frame, named
from portrait_nst.types import Face, Photo

KEPT_PIXELS = 60_000_000  # of a photo that stays in memory; a larger one is read anew each time

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The values that were made last, by what they are made of."""

    def __init__(self, most: int) -> None:
        """most: how many are kept."""
        self._most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made now where it is not kept."""
        if key not in self._values:
            self._values[key] = make()
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)
        return self._values[key]

    def drop(self, key: Hashable) -> None:
        """Keep the value of `key` no longer."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Keep nothing longer."""
        self._values.clear()


class Look:
    """A photo, or the middle frame of a clip, and the people in it, each found at its first use."""

    def __init__(self, path: Path, name: str, clip: bool) -> None:
        """name: what messages call it. Raises InputError, ResourceError."""
        with named(path, name):
            self.photo = Photo(middle_frame(path)) if clip else imaging.decode(read_bytes(path), name, path=path)

    @cached_property
    def faces(self) -> tuple[Face, ...]:
        """All faces, the largest first."""
        return tuple(segmentation.faces(self.photo))

    @cached_property
    def group(self) -> segmentation.Group | None:
        """The people; None where nobody is found."""
        _ = self.faces  # found once: the group looks for the same
        try:
            return segmentation.Group(self.photo)
        except MaskError:
            return None


_kept: Kept[Look] = Kept(1)


def forget() -> None:
    """Keep no photo longer."""
    _kept.clear()


def look(path: Path, name: str = "the photo", clip: bool = False) -> Look:
    """The look at the photo or clip in the file `path` of ours, which never changes. Raises InputError, ResourceError."""
    found = _kept.get(path, lambda: Look(path, name, clip))
    if found.photo.height * found.photo.width > KEPT_PIXELS:
        _kept.drop(path)
    return found
