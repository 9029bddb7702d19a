"""Digests of file contents; a file is read again only when its size or time of change differs."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import InputError
from portrait_nst.resources import file_digest
from portrait_nst.settings import Settings, files_of

_KEPT = 4096


class Digests:
    """Digests of files and objects, remembered for the last few thousand of them."""

    def __init__(self) -> None:
        self._file = functools.lru_cache(_KEPT)(lambda path, size, changed: file_digest(path))
        self._object = functools.lru_cache(_KEPT)(_object_digest)  # each costs a request

    def digest(self, location: Location) -> str:
        """The sha256 of a file's bytes; for an object its size and ETag.

        "-" where it cannot be read: the worker that paints with it will say why.
        """
        if isinstance(location, Url):
            return self._object(location)
        state = storage.fingerprint(location)
        try:
            return "-" if state is None else self._file(location, *state)
        except OSError:
            return "-"

    def digest_all(self, locations: list[Location]) -> str:
        """One digest of 16 hexadecimal digits for all of `locations`, in their order."""
        return hashlib.sha256(" ".join(map(self.digest, locations)).encode()).hexdigest()[:16]


def content_digest(location: Location) -> str:
    """The sha256 of all bytes at `location`. Raises OSError, InputError, ResourceError."""
    return hashlib.sha256(storage.read(location)).hexdigest() if isinstance(location, Url) else file_digest(location)


def _object_digest(url: Url) -> str:
    try:
        state = storage.fingerprint(url)
    except InputError:
        return "-"
    return "-" if state is None else f"{state[0]} {state[1]}"


@functools.lru_cache(1024)
def named_by(settings: Settings, palette: str = "") -> list[Path]:
    """The files that settings, or a palette, name and that exist; the answer is kept, because many jobs share settings."""
    named = [*files_of(settings).values(), *([Path(palette)] if palette else [])]
    return [path for path in named if os.path.isfile(path)]  # noqa: PTH113 - a list of colours is too long for Path's
