"""The folders beside the database: one for each thing and job, forced to disk before their rows are."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging.atomic import DISK_FULL

THINGS, JOBS, INCOMING, ASIDE = "things", "jobs", "incoming", "aside"
FILE = "file"
TEMPORARY = ".portrait-nst-*.tmp"  # the names that `imaging.atomic` gives to temporary files


def make(home: Path) -> None:
    """Make the folder `home`, for nobody but this user. Raises InputError."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {home} cannot be made ({error.strerror}); choose another.") from None


@contextlib.contextmanager
def disk_errors(home: Path) -> Iterator[None]:
    """Turn the system's errors in the block into a ResourceError in a line."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise ResourceError(f"The disk of {home} is full: nothing more can be kept. Make room.") from error
        raise ResourceError(f"Nothing can be kept in {home} ({error.strerror or error}).") from error


def place(source: Path, folder: Path) -> None:
    """Make the new `folder` and move the file `source` into it, forced to disk. Raises OSError; nothing of it is left then."""
    folder.mkdir()
    try:
        put(source, folder)
    except BaseException:
        remove(folder)
        raise


def put(source: Path, folder: Path) -> None:
    """Move the file `source` into `folder`, which is there, forced to disk. Raises OSError."""
    with source.open("rb+") as file:
        os.fsync(file.fileno())
    source.replace(folder / FILE)
    sync(folder)
    sync(folder.parent)


def sync(folder: Path) -> None:
    """Force the names in `folder` to disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove(path: Path) -> None:
    """Remove a folder with all that is in it, or a file; what cannot be removed stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def names(folder: Path) -> set[str]:
    """What lies in `folder`."""
    try:
        return {path.name for path in folder.iterdir()}
    except FileNotFoundError:
        return set()


def size(folder: Path) -> int:
    """Bytes of the files in `folder`, as long as it is there."""
    total = 0
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                total += size(Path(entry.path)) if entry.is_dir(follow_symlinks=False) else _bytes(entry)
    return total


def _bytes(entry: os.DirEntry[str]) -> int:
    return entry.stat(follow_symlinks=False).st_size


def length(file: Path) -> int:
    """Bytes of a file; -1 where there is none."""
    with contextlib.suppress(OSError):
        return file.stat().st_size
    return -1


def digest(path: Path) -> str:
    """The sha256 of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
