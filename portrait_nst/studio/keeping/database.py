"""The studio's SQLite file: the lock of its folder, opening it, and transactions from many threads.

One connection writes and another reads, each with a lock of its own, so that nobody who only looks waits for the disk to sync.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portrait_nst.batch.manifest.database import locked, read_only, translated_errors
from portrait_nst.errors import InputError
from portrait_nst.studio.keeping.rows import SCHEMA

NAME, LOCK, FORMAT = "studio.sqlite3", ".studio.lock", 1
OURS = int.from_bytes(b"pNST", "big")  # SQLite's application_id, which says whose a file is


class Database:
    """The open database of `home`."""

    def __init__(self, home: Path, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self._home = home
        self._writer, self._reader = writer, reader
        self._writing, self._reading = threading.RLock(), threading.Lock()
        for connection in (writer, reader):
            connection.row_factory = sqlite3.Row

    @classmethod
    @contextlib.contextmanager
    def open(cls, home: Path) -> Iterator[Database]:
        """The database in the folder `home`, which is there; made where there is none, and locked until the end.

        Raises InputError where another process has it, or it is damaged or of another format; ResourceError where the disk is
        full.
        """
        with locked(home, home, LOCK, "studio keeps its pictures in"), contextlib.ExitStack() as stack:
            with _errors(home):
                _check_owner(home)
                writer = stack.enter_context(contextlib.closing(_connection(home)))
                _prepare(writer, home)
                reader = stack.enter_context(contextlib.closing(_connection(home)))
                reader.execute("PRAGMA query_only = 1")
            yield cls(home, writer, reader)

    @contextlib.contextmanager
    def changes(self) -> Iterator[sqlite3.Connection]:
        """A transaction: it lasts, forced to disk, when the block ends, and leaves nothing where that raises.

        Raises ResourceError where the disk is full, InputError where the database is damaged.
        """
        with self._writing, _errors(self._home):
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.commit()
            except BaseException:
                self._writer.rollback()
                raise

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """The rows that `query` gives, with all changes that have ended."""
        with self._reading, _errors(self._home):
            return self._reader.execute(query, values).fetchall()


def _errors(home: Path) -> contextlib.AbstractContextManager[None]:
    return translated_errors(home, NAME, "database of the studio", "its folder")


def _connection(home: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(home / NAME, timeout=30, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _check_owner(home: Path) -> None:
    """Raise InputError for a database of another program, of which nothing is changed then."""
    file = home / NAME
    if not file.exists() or not file.stat().st_size:
        return
    with contextlib.closing(read_only(file)) as database:
        owner, found, tables = (
            database.execute(query).fetchone()[0]
            for query in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
        )
        columns = {row[1] for table in ("things", "jobs") for row in database.execute(f"PRAGMA table_info({table})")}
    if owner not in (0, OURS) or (found == 0 and tables) or (owner == 0 and found and not columns):
        raise InputError(f"{file} is another program's database. Choose another folder, or move that file away.")


def _prepare(connection: sqlite3.Connection, home: Path) -> None:
    """Create the tables in a new database; check an old one. Raises InputError."""
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found == 0:
        if any(path.is_dir() and any(path.iterdir()) for path in (home / "things", home / "jobs")):
            raise InputError(
                f"{home} holds folders that may be a studio's, but no database of one. Move it away to start anew, or choose "
                "another folder."
            )
        connection.executescript(
            f"BEGIN; {SCHEMA} PRAGMA user_version = {FORMAT}; PRAGMA application_id = {OURS}; COMMIT;"
        )
    elif found != FORMAT:
        raise InputError(
            f"{home / NAME} is a studio's database of format {found}; this version reads {FORMAT}. Use another folder."
        )
    elif connection.execute("PRAGMA application_id").fetchone()[0] != OURS:  # made before files were marked
        connection.execute(f"PRAGMA application_id = {OURS}")
    if (damage := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise sqlite3.DatabaseError(str(damage).splitlines()[-1])
