"""Room on the disk: what goes when the quota is exceeded, and what never does.

The oldest finished jobs go first, then the oldest uploads that no job needs. What is starred never goes, nor a job that is not
finished, nor anything that such jobs need, nor what was made or asked for within the last minutes, which somebody has in hand.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path

from portrait_nst.errors import ResourceError
from portrait_nst.studio.keeping import folders
from portrait_nst.studio.keeping.database import Database

IN_HAND = 600.0  # seconds
RESERVE = 50_000_000  # bytes of the disk that uploads leave, so that jobs can end
_FINISHED = "state NOT IN ('waiting', 'running') AND NOT starred AND ended < ? AND made < ?"
_NEEDED = "SELECT thing FROM uses JOIN jobs ON jobs.id = uses.job"


def check_disk(home: Path, size: int) -> None:
    """Raise ResourceError where the disk has no room for `size` bytes and what jobs may need."""
    with folders.disk_errors(home):
        free = shutil.disk_usage(home).free
    if free < size + RESERVE:
        raise ResourceError(
            f"The disk of the studio is nearly full: {free / 1e6:.0f} MB are free, {(size + RESERVE) / 1e6:.0f} are needed. "
            "Make room on it."
        )


def check(home: Path, quota: int, size: int) -> None:
    """Raise ResourceError where `size` more bytes exceed the quota."""
    if (used := _used(home)) + size > quota:
        raise ResourceError(
            f"The studio's folder is full: {used / 1e6:.0f} of {quota / 1e6:.0f} MB are taken, {size / 1e6:.1f} more are needed. "
            "Delete results or uploads that you do not need, take stars away, or start the studio with a larger quota."
        )


def tidy(home: Path, database: Database, quota: int, size: int, seen: Mapping[str, float]) -> list[str]:
    """Remove what is old until the quota holds with `size` more bytes, or nothing more may go; the ids that went.

    seen: when things were last asked for, by id; in seconds since 1970.
    """
    excess = _used(home) + size - quota
    if excess <= 0:
        return []
    gone: list[str] = []
    old = time.time() - IN_HAND
    for row in database.rows(f"SELECT id FROM jobs WHERE {_FINISHED} ORDER BY max(ended, made), number", old, old):
        if excess <= 0:
            return gone
        folder = home / folders.JOBS / row["id"]
        with database.changes() as connection:
            if _deleted(connection, f"DELETE FROM jobs WHERE id = ? AND {_FINISHED}", row["id"], old, old):
                connection.execute("DELETE FROM uses WHERE job = ?", (row["id"],))
                gone.append(row["id"])
                excess -= folders.size(folder)
            else:
                continue
        folders.remove(folder)
    for id in _old_things(database, old, seen):
        if excess <= 0:
            return gone
        folder = home / folders.THINGS / id
        with database.changes() as connection:
            needed = f"id IN ({_NEEDED}) OR id IN (SELECT of FROM things)"
            if not _deleted(connection, f"DELETE FROM things WHERE id = ? AND NOT ({needed})", id):
                continue
        gone.append(id)
        excess -= folders.size(folder)
        folders.remove(folder)
    return gone


def _old_things(database: Database, old: float, seen: Mapping[str, float]) -> list[str]:
    """Things that nobody has in hand, the oldest first; masks stand before their photos."""
    last = {
        row["id"]: max(row["made"], seen.get(row["id"], 0.0)) for row in database.rows("SELECT id, made FROM things")
    }
    for row in database.rows("SELECT id, of FROM things WHERE of != ''"):  # a photo is as old as its newest mask
        last[row["of"]] = max(last.get(row["of"], 0.0), last[row["id"]])
    masks = {row["id"] for row in database.rows("SELECT id FROM things WHERE of != ''")}
    return sorted((id for id in last if last[id] < old), key=lambda id: (last[id], id not in masks))


def _deleted(connection: sqlite3.Connection, query: str, *values: object) -> bool:
    return connection.execute(query, values).rowcount > 0


def _used(home: Path) -> int:
    with contextlib.suppress(OSError):
        return sum(folders.size(home / name) for name in (folders.THINGS, folders.JOBS))
    return 0
