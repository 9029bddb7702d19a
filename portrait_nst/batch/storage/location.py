"""Where a file lies: a path on this machine, or a URL of a store that fsspec knows."""

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
    """An object or folder in a store, such as "s3://bucket/photos/me.jpg".

    It has those properties and methods of a `Path` that this package asks of both. We do not use `UPath` for this: it takes
    fifty times as long to make (a batch makes a hundred thousand), and its glob yields keys that lead out of the folder.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    def __truediv__(self, other: str | PurePath) -> Url:
        return Url(f"{self.text}/{PurePath(other).as_posix()}")

    @property
    def protocol(self) -> str:
        """The part before "://", in lower case."""
        return self.text.partition("://")[0].lower()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.text.partition("://")[2].rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """The suffix of the name, with its dot."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> Url:
        """The folder that holds it."""
        return Url(self.text.rpartition("/")[0])

    def absolute(self) -> Url:
        """The URL itself, which is always absolute."""
        return self

    def is_relative_to(self, other: Url) -> bool:
        """Whether it lies below the folder `other`."""
        return self.text.startswith(f"{other.text}/")

    def relative_to(self, other: Url) -> Path:
        """Its path below the folder `other`; never an absolute one, though an object's key may begin with "/"."""
        return Path(self.text[len(other.text) + 1 :].lstrip("/"))


Location = Path | Url


def locate(name: str | Path | Url) -> Location:
    """The path or URL that a user's text names; "file://" names a local path.

    Raises InputError for an empty name, a URL without a bucket, and a URL within a URL.
    """
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


def absolute(name: str | Path | Url) -> Location:
    """The absolute path, or the URL. Links are not followed, so that users see the names that they know."""
    found = locate(name)
    return Path(os.path.abspath(found)) if isinstance(found, Path) else found  # noqa: PTH100


def join(base: Location, name: str) -> Location:
    """The location of `name`, relative to the folder `base` unless it is absolute or a URL itself."""
    named = locate(name)
    if isinstance(base, Path) or isinstance(named, Url):
        return absolute(base / named) if isinstance(base, Path) and isinstance(named, Path) else named
    if named.is_absolute():
        return absolute(named)
    protocol, _, path = (base / name).text.partition("://")
    return Url(f"{protocol}://{os.path.normpath(path)}")


def glob_root(pattern: Location) -> Location:
    """The folder of a glob pattern: what stands before the first part that has a wildcard."""
    if isinstance(pattern, Url):
        protocol, _, path = pattern.text.partition("://")
        parts = path.split("/")
        first = next(i for i, part in enumerate(parts) if glob.has_magic(part))
        return Url(f"{protocol}://{'/'.join(parts[:first])}")
    return Path(*pattern.parts[: next(i for i, part in enumerate(pattern.parts) if glob.has_magic(part))])
