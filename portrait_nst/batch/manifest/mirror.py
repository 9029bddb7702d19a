"""The manifest of an output folder that lies in a store.

SQLite needs a local file, so the database is kept in the cache folder and copies of it are uploaded to the store. Whoever opens
the manifest takes the copy from the store, unless this machine uploaded that one itself and so knows at least as much. Each
copy has an id, and the database lists the ids of all its copies; clocks are not compared.
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
SHARE = 0.05  # the greatest part of the time that copying may take
_SCHEMA = """
CREATE TABLE IF NOT EXISTS copies (
  number INTEGER PRIMARY KEY,         -- grows
  id TEXT NOT NULL,
  closed INTEGER NOT NULL,            -- whether the run ended; else it goes on, or was killed
  arrived INTEGER NOT NULL DEFAULT 0
)"""
_TAKEN_UP = "UPDATE jobs SET state = 'running' WHERE todo != '' AND state = 'pending'"


class Mirror:
    """The local database of the output folder `folder` and its copies in the store.

    home: the local folder that holds the database.
    """

    def __init__(self, folder: Url) -> None:
        self.folder = folder
        self.home = cache_folder() / "batch" / hashlib.sha256(folder.text.encode()).hexdigest()[:24]
        self._next, self._changes = 0.0, -1

    def take_over(self) -> None:
        """Replace the local database by a newer one from the store; call it with the lock, before opening the database."""
        with self.newest() as file:
            if file == self.home / NAME:
                return
            for name in (NAME, f"{NAME}-wal", f"{NAME}-shm"):
                (self.home / name).unlink(missing_ok=True)
            if not file.is_file():
                return
            with contextlib.closing(sqlite3.connect(file)) as database:
                if not _value(database, "SELECT closed FROM copies ORDER BY number DESC"):
                    # That run may have been killed: its jobs may be half done, or done without a copy that says so.
                    database.execute(_TAKEN_UP)
                    database.commit()
            file.replace(self.home / NAME)

    @contextlib.contextmanager
    def newest(self) -> Iterator[Path]:
        """The path of the newer database: the local one, or a temporary download; it may be a path where nothing is."""
        own = self.home / NAME
        known = _ids(own)
        parent = self.home if self.home.is_dir() else None
        with tempfile.TemporaryDirectory(prefix="portrait-nst-", dir=parent) as folder:
            copy = Path(folder) / NAME
            if storage.download(self.folder / NAME, copy):
                there = _ids(copy)
                yield own if there and list(there)[-1] in known else copy
            else:  # it was removed there, or another server has the same name: begin anew
                yield copy if any(known.values()) else own

    def publish_if_due(self, database: sqlite3.Connection) -> None:
        """Call `publish` now and then. That the store cannot be reached matters at the end only."""
        if time.monotonic() >= self._next:
            with contextlib.suppress(PortraitError):
                self.publish(database)

    def publish(self, database: sqlite3.Connection, *, closed: bool = False) -> None:
        """Upload a copy of `database`, which must have no open transaction; closed: the run has ended.

        Raises InputError, ResourceError.
        """
        if database.total_changes == self._changes and not closed:
            return
        began = time.monotonic()
        self._next = began + SECONDS
        database.execute(_SCHEMA)
        # The id is written down first: if we are killed during the upload, the copy still counts as ours.
        number = database.execute("INSERT INTO copies (id, closed) VALUES (?, ?)", (uuid.uuid4().hex, closed)).lastrowid
        database.commit()
        with tempfile.TemporaryDirectory(prefix="portrait-nst-", dir=self.home) as folder:
            file = Path(folder) / NAME
            with contextlib.closing(sqlite3.connect(file)) as copy:
                database.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            storage.upload(file, self.folder / NAME)
        database.execute("UPDATE copies SET arrived = 1 WHERE number = ?", (number,))
        database.commit()
        self._changes = database.total_changes
        now = time.monotonic()
        self._next = now + max(SECONDS, (now - began) / SHARE)


def _ids(file: Path) -> dict[str, bool]:
    """The ids of the copies that were made of `file`, first to last, and whether each arrived in the store."""
    if not file.is_file():
        return {}
    with contextlib.closing(read_only(file)) as database:
        if _value(database, "SELECT 1 FROM sqlite_master WHERE name = 'copies'") is None:  # never copied
            return {}
        found = database.execute("SELECT id, arrived FROM copies ORDER BY number").fetchall()
    return {name: bool(arrived) for name, arrived in found}


def _value(database: sqlite3.Connection, query: str) -> object:
    row = database.execute(query).fetchone()
    return None if row is None else row[0]
