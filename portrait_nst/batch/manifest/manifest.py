"""The manifest: a row per job in an SQLite file in the output folder, from which it is known at every moment which jobs are done.

What `kill -9`, a power cut and a full disk do to a batch:

- **A picture is there whole or not at all.** It is written to a temporary file and renamed (`imaging.atomic`). Its row becomes
  "running" before a worker gets the job and "done" after the rename, each in a transaction that is synced to disk.
- **The first process is killed** (only this one writes the manifest): the workers see their pipe end and exit at once, and the
  system frees the lock. The next run paints again what was "running" (its reason is "unfinished") and
  removes the temporary files that were left beside those outputs (`Session.plan`). Nothing that was "done" is painted again.
- **A worker is killed**, for example because memory ran out: only the pictures it was working on are affected. Each is tried
  again, alone in a process; after the third death its row is "failed" (`workers.local`).
- **The disk is full**: the run stops with a ResourceError, and what was in work is left for the next run.
- **The output folder is in a store**: the database lies in the cache folder and is copied to the store twice a minute at most
  (`manifest.mirror`). The same machine goes on exactly; another one repeats what was painted since the last copy.

`tests/batch/test_kill.py` kills batches at random moments and compares the folder with that of an undisturbed run.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from portrait_nst import __version__
from portrait_nst.batch.manifest.database import NAME, locked, read_only, removed_if_empty, translated_errors
from portrait_nst.batch.manifest.mirror import Mirror
from portrait_nst.batch.manifest.paths import as_location, from_folder, to_folder
from portrait_nst.batch.storage import Location, Url
from portrait_nst.errors import InputError, PortraitError

FORMAT = 1
ROWS_AT_ONCE = 20_000  # rows of a plan in one transaction; those that a crash loses are planned again
STATES = ("pending", "running", "done", "failed")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (hash TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,           -- the job's identity: photo, style and kind, or the output that the user named
  photo NOT NULL, style, mask,        -- paths, as `manifest.paths` has them: text, or bytes where they are no UTF-8
  kind TEXT NOT NULL,
  output, output_key TEXT UNIQUE,     -- below the folder of this file; NULL for a row that cannot be used
  settings TEXT NOT NULL,             -- a hash, of the table settings
  style_hash TEXT NOT NULL,           -- of style, mask and all files that the settings name
  input_hash TEXT, input_size INTEGER, input_mtime INTEGER,  -- of the photo that was painted
  state TEXT NOT NULL,
  seconds REAL, scores TEXT, notes TEXT, error TEXT,
  attempts INTEGER NOT NULL DEFAULT 0, -- how often a worker began it, over all runs
  written INTEGER,                    -- bytes of the output, as we wrote it
  painted REAL,                       -- megapixels times steps: what the seconds went into
  version TEXT NOT NULL,              -- of portrait_nst, that painted it
  run INTEGER NOT NULL,               -- the last run that planned it
  todo TEXT NOT NULL DEFAULT ''       -- why that run is to do it: new, changed, failed, unfinished, missing, redo
);
CREATE INDEX IF NOT EXISTS jobs_todo ON jobs (run, id) WHERE todo != '';
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state);
"""


class Manifest:
    """The rows of one output folder. Only the process that holds the folder's lock writes them.

    home: the local folder of the database, which is `folder` itself unless that is in a store.
    run:  the number of this run, one more than the greatest in the database.
    """

    def __init__(self, folder: Location, database: sqlite3.Connection, mirror: Mirror | None = None) -> None:
        self.folder, self.database, self._mirror = folder, database, mirror
        self.home = folder if isinstance(folder, Path) else Mirror(folder).home
        database.row_factory = sqlite3.Row
        self.run = 1 + (self.value("SELECT max(CAST(run AS INTEGER)) FROM jobs") or 0)  # damage can make it text
        self._pending = 0

    @classmethod
    @contextlib.contextmanager
    def open(cls, folder: Location) -> Iterator[Manifest]:
        """The manifest of `folder`, locked; it is created where there is none, and removed at the end if it holds no job.

        Raises InputError where the folder cannot be used or another process has it, ResourceError where the disk is full.
        """
        mirror = Mirror(folder) if isinstance(folder, Url) else None
        home = folder if isinstance(folder, Path) else Mirror(folder).home
        new = [path for path in (home, *home.parents) if not path.exists()]
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            other = "choose another" if mirror is None else "set PORTRAIT_NST_HOME to one that can"
            raise InputError(f"The folder {home} cannot be made ({error.strerror}); {other}.") from None
        try:
            with locked(home, folder), removed_if_empty(home), translated_errors(folder):
                if mirror is not None:
                    mirror.take_over()
                with contextlib.closing(sqlite3.connect(home / NAME, timeout=30)) as database:
                    database.execute("PRAGMA journal_mode = WAL")
                    database.execute("PRAGMA synchronous = FULL")
                    _prepare(database, folder)
                    manifest = cls(folder, database, mirror)
                    try:
                        yield manifest
                    except BaseException:
                        database.rollback()
                        with contextlib.suppress(PortraitError):  # the first error is the one to report
                            manifest.publish(closed=True)
                        raise
                    try:
                        manifest.publish(closed=True)
                    except PortraitError as error:
                        raise type(error)(
                            f"{error} What is done is known on this machine; give the same command again."
                        ) from error
        finally:
            for path in new:
                with contextlib.suppress(OSError):  # the folder is not empty
                    path.rmdir()

    @classmethod
    @contextlib.contextmanager
    def copy(cls, folder: Location) -> Iterator[Manifest]:
        """A temporary copy of the manifest of `folder`, to plan in; nothing is written into the folder."""
        with (
            translated_errors(folder),
            _newest(folder) as file,
            contextlib.closing(sqlite3.connect("")) as database,  # "" makes a temporary file that is removed at the end
        ):
            if isinstance(folder, Path) and folder.exists() and not folder.is_dir():
                raise InputError(f"{folder} is a file; name a folder for the pictures.")
            if file.is_file():
                with contextlib.closing(read_only(file)) as source:
                    source.backup(database)
            _prepare(database, folder)
            yield cls(folder, database)

    @classmethod
    @contextlib.contextmanager
    def read(cls, folder: Location) -> Iterator[Manifest]:
        """The manifest of `folder`, read-only, also while a batch runs. Raises InputError where there is none."""
        with translated_errors(folder), _newest(folder) as file:
            if not file.is_file():
                raise InputError(f"{folder} is no output folder of a batch: it holds no {NAME}.")
            with contextlib.closing(read_only(file)) as database:
                _check(database, folder)
                yield cls(folder, database)

    def publish(self, *, closed: bool = False) -> None:
        """Upload a copy if the folder is in a store; closed: the run has ended. Raises InputError, ResourceError."""
        if self._mirror is not None and self.value("SELECT 1 FROM jobs") is not None:
            self.commit()
            self._mirror.publish(self.database, closed=closed)

    def value(self, query: str, *values: Any) -> Any:
        """The first column of the first row that `query` gives; None where it gives no row."""
        row = self.database.execute(query, values).fetchone()
        return None if row is None else row[0]

    def find(self, key: str) -> sqlite3.Row | None:
        """The row of the job with this key."""
        row: sqlite3.Row | None = self.database.execute("SELECT * FROM jobs WHERE key = ?", (key,)).fetchone()
        return row

    def owner(self, output_key: str) -> str | None:
        """The key of the job that this output belongs to; None where it is free."""
        found: str | None = self.value("SELECT key FROM jobs WHERE output_key = ?", output_key)
        return found

    def put(self, key: str, values: dict[str, Any], number: int | None = None) -> None:
        """Insert a row for `key`, or change row `number`, as part of this run. It lasts once `commit` was called."""
        values = {**_encodable(values), "key": key, "run": self.run}
        if number is None:
            values["version"] = __version__
            query = f"INSERT INTO jobs ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
            self.database.execute(query, tuple(values.values()))
        else:
            update = ", ".join(f"{name} = ?" for name in values)
            self.database.execute(f"UPDATE jobs SET {update} WHERE id = ?", (*values.values(), number))
        self._pending += 1
        if self._pending >= ROWS_AT_ONCE:
            self.commit()

    def put_settings(self, digest: str, values: dict[str, Any]) -> None:
        """Keep the settings `values` under their `digest`, which rows refer to."""
        self.database.execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)",
            (digest, json.dumps(to_folder(values, self.folder), sort_keys=True)),
        )

    def settings(self, digest: str) -> dict[str, Any]:
        """The settings that were kept under `digest`. Raises InputError where the database is damaged."""
        try:
            found: dict[str, Any] = json.loads(self.value("SELECT json FROM settings WHERE hash = ?", digest))
        except (TypeError, ValueError) as error:
            raise InputError(
                f"{self.folder / NAME} is damaged (settings {digest}: {error}). Move it away to start anew."
            ) from error
        return dict(from_folder(found, self.folder))

    def location(self, stored: str | bytes) -> Location:
        """The path or URL that a column holds."""
        return as_location(stored, self.folder)

    def change(self, number: int, **values: Any) -> None:
        """Change the row `number` and commit at once."""
        update = ", ".join(f"{name} = ?" for name in values)
        self.database.execute(f"UPDATE jobs SET {update} WHERE id = ?", (*_encodable(values).values(), number))
        self.commit()
        if self._mirror is not None:
            self._mirror.publish_if_due(self.database)

    def commit(self) -> None:
        """Make all changes so far last."""
        self.database.commit()
        self._pending = 0

    def todo(self, after: int = 0) -> Iterator[sqlite3.Row]:
        """The rows that this run still has to do, in the order of planning; rows may be added meanwhile."""
        while True:
            query = "SELECT * FROM jobs WHERE run = ? AND todo != '' AND id > ? ORDER BY id LIMIT 200"
            chunk = self.database.execute(query, (self.run, after)).fetchall()
            if not chunk:
                return
            yield from chunk
            after = chunk[-1]["id"]

    def counts(self, where: str = "1") -> dict[str, int]:
        """The number of rows in each state, by the names in `STATES`."""
        found = self.database.execute(f"SELECT state, count(*) FROM jobs WHERE {where} GROUP BY state").fetchall()
        return {state: dict(map(tuple, found)).get(state, 0) for state in STATES}


def _encodable(values: dict[str, Any]) -> dict[str, Any]:
    """`values` with texts that SQLite can hold: a message may name a file whose name is not UTF-8."""
    return {k: v.encode(errors="backslashreplace").decode() if isinstance(v, str) else v for k, v in values.items()}


def _prepare(database: sqlite3.Connection, folder: Location) -> None:
    """Create the tables in a new database; check an old one's format, and add the column that it may lack."""
    if database.execute("PRAGMA user_version").fetchone()[0] == 0:
        database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
    _check(database, folder)
    if "origin" not in {column[1] for column in database.execute("PRAGMA table_info(jobs)")}:
        database.execute(
            "ALTER TABLE jobs ADD COLUMN origin TEXT"
        )  # the line of a file of jobs that the job comes from


def _check(database: sqlite3.Connection, folder: Location) -> None:
    """Raise InputError for a database of another format, or one without tables yet."""
    found = database.execute("PRAGMA user_version").fetchone()[0]
    if found == 0:
        raise InputError(f"{folder / NAME} holds no jobs yet; a batch is about to begin, or never came to its first.")
    if found != FORMAT:
        raise InputError(
            f"{folder / NAME} is a manifest of format {found}; this version reads {FORMAT}. Use another folder."
        )


@contextlib.contextmanager
def _newest(folder: Location) -> Iterator[Path]:
    """The path of the newest database of `folder`; nothing need be there."""
    if isinstance(folder, Path):
        yield folder / NAME
        return
    with Mirror(folder).newest() as file:
        yield file
