"""Things and jobs as rows of the database: their tables, and the way there and back."""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from portrait_nst.errors import InputError, first_line
from portrait_nst.studio.records import Job, Thing

SCHEMA = """
CREATE TABLE things (
  number INTEGER PRIMARY KEY,          -- in the order in which they were brought
  id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
  width INTEGER NOT NULL, height INTEGER NOT NULL, made REAL NOT NULL, seconds REAL NOT NULL, of TEXT NOT NULL,
  notes TEXT NOT NULL,                 -- JSON
  UNIQUE (kind, of, sha256)            -- the same bytes are kept once
);
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY,          -- in the order in which they were submitted
  id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  request TEXT NOT NULL,               -- JSON
  state TEXT NOT NULL, place REAL NOT NULL, made REAL NOT NULL, title TEXT NOT NULL, batch TEXT NOT NULL,
  attempts INTEGER NOT NULL, began REAL NOT NULL, ended REAL NOT NULL, error TEXT NOT NULL,
  result TEXT NOT NULL,                -- JSON
  starred INTEGER NOT NULL
);
CREATE INDEX jobs_state ON jobs (state);
CREATE INDEX jobs_batch ON jobs (batch);
CREATE TABLE uses (job TEXT NOT NULL, thing TEXT NOT NULL, PRIMARY KEY (job, thing)) WITHOUT ROWID;
CREATE INDEX uses_thing ON uses (thing);
"""
_JSON = ("notes", "request", "result")
_ID = re.compile("[0-9a-f]{16}")


def is_id(word: object) -> bool:
    """Whether `word` is written as ids are: 16 hexadecimal digits."""
    return isinstance(word, str) and _ID.fullmatch(word) is not None


def thing_of(row: sqlite3.Row) -> Thing:
    """The thing that a row of `things` holds. Raises InputError where the database is damaged."""
    with _damage():
        notes = tuple(str(note) for note in json.loads(row["notes"]))
        return Thing(**{**{field.name: row[field.name] for field in fields(Thing)}, "notes": notes})


def job_of(row: sqlite3.Row) -> Job:
    """The job that a row of `jobs` holds. Raises InputError where the database is damaged."""
    with _damage():
        parsed = {name: dict(json.loads(row[name])) for name in ("request", "result")}
        values = {field.name: row[field.name] for field in fields(Job)}
        return Job(**{**values, **parsed, "starred": bool(row["starred"])})


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise InputError(
            f"The studio's database is damaged (a row of it: {first_line(error)}). Move its folder away to start anew."
        ) from None


def columns(value: Thing | Job) -> dict[str, Any]:
    """The columns of a thing or job, by name."""
    return stored(asdict(value))


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as SQLite can hold them: JSON as text, and no text that is not UTF-8, as a file's name in a message may be."""
    found = {name: json.dumps(value) if name in _JSON else value for name, value in values.items()}
    return {
        name: value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for name, value in found.items()
    }


def needs(request: Any) -> set[str]:
    """The ids in a job's request: of the photo, the mask, and the pictures of style, palette and settings."""
    if isinstance(request, Mapping):
        return set().union(*(needs(value) for value in request.values()))
    if isinstance(request, (list, tuple)):
        return set().union(*(needs(value) for value in request))
    return {request} if is_id(request) else set()


def insert(connection: sqlite3.Connection, table: str, values: dict[str, Any], otherwise: str = "") -> None:
    """Add a row of `values` by column; otherwise: what SQLite does where that is refused, as "OR IGNORE"."""
    query = f"INSERT {otherwise} INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})"
    connection.execute(query, tuple(values.values()))


def limited(limit: int | None) -> int:
    """`limit` for SQLite; None is none."""
    return -1 if limit is None else limit
