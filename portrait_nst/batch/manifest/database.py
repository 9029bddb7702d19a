"""The SQLite file of a manifest: its lock, opening and removing it, and its errors in words that a user can act on."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from portrait_nst.batch.storage import Location
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.imaging import atomic

NAME, LOCK = "batch.sqlite3", ".batch.lock"
SHARED = 64_000  # bytes: a little less than SQLite's shared-memory file takes


def is_full(error: BaseException | None) -> bool:
    """Whether `error`, or one of its causes, says that the disk is full."""
    if atomic.is_full(error):
        return True
    while error is not None:
        if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
            return True
        error = error.__cause__
    return False


@contextlib.contextmanager
def translated_errors(folder: Location, name: str = NAME, what: str = "manifest", anew: str = "it") -> Iterator[None]:
    """Turn SQLite's errors in the block into an InputError or ResourceError that names `folder`.

    name: the database's file in it. what: the word for that in messages. anew: what has to be moved away to start anew.
    """
    try:
        yield
    except sqlite3.Error as error:
        if is_full(error) or ("I/O" in str(error) and _without_room(folder)):
            raise ResourceError(f"The disk of {folder} is full: the {what} cannot be written. Make room.") from error
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            raise InputError(
                f"{folder / name} is no {what}, or damaged ({error}). Move {anew} away to start anew."
            ) from error
        raise ResourceError(f"The {what} {folder / name} cannot be used: {error}.") from error
    except UnicodeDecodeError as error:  # texts in the file, or SQLite's message that quotes them
        raise InputError(
            f"{folder / name} is damaged: it holds text that is none. Move {anew} away to start anew."
        ) from error


def _without_room(folder: Location) -> bool:
    """Whether `folder` is full: SQLite reports an I/O error where its shared-memory file finds no room."""
    try:
        return isinstance(folder, Path) and shutil.disk_usage(folder).free < SHARED
    except OSError:
        return False


def read_only(file: Path) -> sqlite3.Connection:
    """A read-only connection to `file`, which another process may be writing."""
    name = file.absolute().as_uri()
    try:
        database = sqlite3.connect(f"{name}?mode=ro", uri=True, timeout=30)
        database.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError:  # on a read-only disk, where SQLite cannot create its lock
        database = sqlite3.connect(f"{name}?mode=ro&immutable=1", uri=True)
    return database


@contextlib.contextmanager
def locked(home: Path, folder: Location, name: str = LOCK, holder: str = "batch is painting into") -> Iterator[None]:
    """Hold the lock of a batch, so that one process on this machine paints into `folder` at a time.

    home: the folder of the lock file `name`; folder: the output folder, and holder: what has it, for messages. Raises InputError
    where another process holds the lock or the folder is not writable, ResourceError where the disk is full.
    """
    lock = FileLock(home / name, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(f"Another {holder} {folder}; wait for it, or choose another folder.") from None
    except OSError as error:
        if is_full(error):
            raise ResourceError(f"The disk of {folder} is full: nothing can be written there. Make room.") from error
        raise InputError(
            f"The folder {folder} may not be written ({error.strerror or error}); choose another."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def removed_if_empty(home: Path) -> Iterator[None]:
    """Remove a manifest that was created in the block if it holds no job at the end."""
    was_there = (home / NAME).exists()
    try:
        yield
    finally:
        if not was_there and not _has_jobs(home / NAME):
            for name in (NAME, f"{NAME}-wal", f"{NAME}-shm", LOCK):
                with contextlib.suppress(OSError):
                    (home / name).unlink()


def _has_jobs(file: Path) -> bool:
    if not file.exists():
        return False
    try:
        with contextlib.closing(sqlite3.connect(file)) as database:  # a read-only one would leave files beside it
            return database.execute("SELECT 1 FROM jobs").fetchone() is not None
    except sqlite3.Error:  # it is something else, which stays
        return True


def is_locked(home: Path) -> bool:
    """Whether a process holds the lock in `home`."""
    if not os.access(home / LOCK, os.W_OK):
        return False
    lock = FileLock(home / LOCK, timeout=0)
    try:
        with lock:
            return False
    except (Timeout, OSError):
        return True
