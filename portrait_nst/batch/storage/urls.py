"""What places are called: local paths, and URLs of the stores that fsspec knows."""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from portrait_nst.errors import InputError

_URL = re.compile(r"([a-z][a-z0-9+.-]+(?:::[a-z0-9+.-]+)*)://", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Url:
    """A place in a store, as "s3://bucket/photos/me.jpg", with those of a Path's names and ways that are asked of both."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __truediv__(self, other: str | PurePath) -> Url:
        return Url(f"{self.text}/{PurePath(other).as_posix()}")

    @property
    def protocol(self) -> str:
        return self.text.partition("://")[0].lower()

    @property
    def name(self) -> str:
        return self.text.partition("://")[2].rpartition("/")[2]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> Url:
        return Url(self.text.rpartition("/")[0])

    def absolute(self) -> Url:
        return self

    def is_relative_to(self, other: Url) -> bool:
        return self.text.startswith(f"{other.text}/")

    def relative_to(self, other: Url) -> Path:
        """Below the folder `other`, and never out of it: an object's key may begin with "/"."""
        return Path(self.text[len(other.text) + 1 :].lstrip("/"))


Place = Path | Url


def place(name: str | Path | Url) -> Place:
    """What a user's words name; `file://` is a local path. Raises InputError for URLs within URLs."""
    if name == "":
        raise InputError("A name is empty; give a file, a folder or a URL. Is a variable of the shell not set?")
    found = _URL.match(name) if isinstance(name, str) else None
    if not isinstance(name, str) or found is None:
        return Path(name) if isinstance(name, str) else name
    if "::" in found[1]:
        raise InputError(f"{name} names a store within another; give the URL of the store itself, as in s3://bucket/x.")
    if found[1].lower() in ("file", "local"):
        from fsspec.implementations.local import LocalFileSystem

        return Path(LocalFileSystem._strip_protocol(name))
    if not name[found.end() :].strip("/"):
        raise InputError(f"{name} names no bucket; give one, as in s3://bucket/photos.")
    return Url(name.rstrip("/"))


def absolute(name: str | Path | Url) -> Place:
    """Without following links: what they are called is what the user knows them by."""
    found = place(name)
    return Path(os.path.abspath(found)) if isinstance(found, Path) else found  # noqa: PTH100


def join(base: Place, name: str) -> Place:
    """`name`, relative to the folder `base` unless it is absolute or a URL itself."""
    named = place(name)
    if isinstance(base, Path) or isinstance(named, Url):
        return absolute(base / named) if isinstance(base, Path) and isinstance(named, Path) else named
    if named.is_absolute():
        return absolute(named)
    protocol, _, path = (base / name).text.partition("://")
    return Url(f"{protocol}://{os.path.normpath(path)}")


def fixed_part(pattern: Place) -> Place:
    """The folder of a pattern before its first sign."""
    if isinstance(pattern, Url):
        protocol, _, path = pattern.text.partition("://")
        parts = path.split("/")
        first = next(i for i, part in enumerate(parts) if glob.has_magic(part))
        return Url(f"{protocol}://{'/'.join(parts[:first])}")
    return Path(*pattern.parts[: next(i for i, part in enumerate(pattern.parts) if glob.has_magic(part))])
