"""The manifest of an output folder in a store: SQLite needs a file, so it is kept here, and copies are put there.

Whoever opens it takes the copy there, unless that is one of its own: the last one that this machine has put, or one before
it. Each copy has an id, and the database knows the ids of all copies that it was; clocks are not asked.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from portrait_nst.batch import storage
from portrait_nst.batch.manifest.database import NAME, read_only
from portrait_nst.batch.storage import Url
from portrait_nst.errors import PortraitError
from portrait_nst.resources import cache_folder

SECONDS = 30.0  # between copies
SHARE = 0.05  # of the time that copying may take
_SCHEMA = """
CREATE TABLE IF NOT EXISTS copies (
  number INTEGER PRIMARY KEY,         -- grows
  id TEXT NOT NULL,
  closed INTEGER NOT NULL,            -- whether the run ended; else it goes on, or was killed
  arrived INTEGER NOT NULL DEFAULT 0
)"""
_TAKEN_UP = "UPDATE jobs SET state = 'running' WHERE todo != '' AND state = 'pending'"


class Mirror:
    """The manifest of `folder`. home: the local folder where it is kept."""

    def __init__(self, folder: Url) -> None:
        self.folder = folder
        self.home = cache_folder() / "batch" / hashlib.sha256(folder.text.encode()).hexdigest()[:24]
        self._next, self._changes = 0.0, -1

    def take_over(self) -> None:
        """Put what another machine did since into `home`. Only with the lock, and before the database there is opened."""
        with self.newest() as file:
            if file == self.home / NAME:
                return
            self._drop()
            if not file.is_file():
                return
            with contextlib.closing(sqlite3.connect(file)) as database:
                if not _value(database, "SELECT closed FROM copies ORDER BY number DESC"):
                    # It was killed, perhaps: what it was to do may be half done, or done without its being known here.
                    database.execute(_TAKEN_UP)
                    database.commit()
            file.replace(self.home / NAME)

    @contextlib.contextmanager
    def newest(self) -> Iterator[Path]:
        """The database to go on from: that in `home`, or the copy in the folder, downloaded until the end; or one not there."""
        own = self.home / NAME
        known = _ids(own)
        parent = self.home if self.home.is_dir() else None
        with tempfile.TemporaryDirectory(prefix="portrait-nst-", dir=parent) as folder:
            copy = Path(folder) / NAME
            if storage.get(self.folder / NAME, copy):
                there = _ids(copy)
                yield own if there and list(there)[-1] in known else copy
            else:  # it was removed there, or another server has the same name: a new beginning
                yield copy if any(known.values()) else own

    def publish_if_due(self, database: sqlite3.Connection) -> None:
        """`publish` now and then; that it cannot be reached matters at the end only."""
        if time.monotonic() >= self._next:
            with contextlib.suppress(PortraitError):
                self.publish(database)

    def publish(self, database: sqlite3.Connection, *, closed: bool = False) -> None:
        """Put a copy of `database`, which has no open transaction, into the folder."""
        if database.total_changes == self._changes and not closed:
            return
        began = time.monotonic()
        self._next = began + SECONDS
        database.execute(_SCHEMA)
        # Known before it is there: if we are killed in between, it is still ours.
        number = database.execute("INSERT INTO copies (id, closed) VALUES (?, ?)", (uuid.uuid4().hex, closed)).lastrowid
        database.commit()
        with tempfile.TemporaryDirectory(prefix="portrait-nst-", dir=self.home) as folder:
            file = Path(folder) / NAME
            with contextlib.closing(sqlite3.connect(file)) as copy:
                database.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            storage.put(file, self.folder / NAME)
        database.execute("UPDATE copies SET arrived = 1 WHERE number = ?", (number,))
        database.commit()
        self._changes = database.total_changes
        now = time.monotonic()
        self._next = now + max(SECONDS, (now - began) / SHARE)

    def _drop(self) -> None:
        for name in (NAME, f"{NAME}-wal", f"{NAME}-shm"):
            (self.home / name).unlink(missing_ok=True)


def _ids(file: Path) -> dict[str, bool]:
    """The copies that `file` was put as, first to last, and whether they arrived."""
    if not file.is_file():
        return {}
    with contextlib.closing(read_only(file)) as database:
        if _value(database, "SELECT 1 FROM sqlite_master WHERE name = 'copies'") is None:  # never put anywhere
            return {}
        found = database.execute("SELECT id, arrived FROM copies ORDER BY number").fetchall()
    return {name: bool(arrived) for name, arrived in found}


def _value(database: sqlite3.Connection, query: str) -> object:
    row = database.execute(query).fetchone()
    return None if row is None else row[0]
