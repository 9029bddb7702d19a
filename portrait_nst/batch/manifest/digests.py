"""What files hold, as short hashes: read once as long as size and time of change stay the same."""

from __future__ import annotations

import functools
import hashlib
import os
from collections import OrderedDict
from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Place, Url
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings, files_of

_KEPT = 4096


class Digests:
    """What tells contents apart, of places; sha256 of files are remembered for the last few thousand."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[Path, int, int], str] = OrderedDict()
        self._object = functools.lru_cache(_KEPT)(_of_object)  # each costs a request

    def of(self, place: Place) -> str:
        """Of a file's bytes; an object's is its size and ETag. "-" where it cannot be read, which its painter will say."""
        if isinstance(place, Url):
            return self._object(place)
        state = storage.stamp(place)
        if state is None:
            return "-"
        key = (place, *state)
        if key not in self._known:
            try:
                self._known[key] = of_file(place)
            except OSError:
                return "-"
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return self._known[key]

    def of_all(self, found: list[Place]) -> str:
        return hashlib.sha256(" ".join(self.of(place) for place in found).encode()).hexdigest()[:16]


def of_content(place: Place) -> str:
    """sha256 of all bytes there. Raises OSError, InputError, ResourceError."""
    return hashlib.sha256(storage.read(place)).hexdigest() if isinstance(place, Url) else of_file(place)


def of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_object(url: Url) -> str:
    try:
        state = storage.stamp(url)
    except InputError:
        return "-"
    return "-" if state is None else f"{state[0]} {state[1]}"


def named_by(settings: Settings, palette: str = "") -> list[Path]:
    """The files that settings name and that are there."""
    named = [*files_of(settings).values(), *([Path(palette)] if palette else [])]
    return [path for path in named if os.path.isfile(path)]  # noqa: PTH113 - a list of colours is too long for Path's
