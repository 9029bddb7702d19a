"""What a start makes of what `kill -9`, a power cut or somebody's hand left: rows and folders that agree.

Files are forced to disk before their row is written, and rows are removed before their files. So a folder without a row is what
was begun or half removed, and goes. A row without its file was lost by other means: a thing's is removed, and a job that was done
says so.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from portrait_nst.studio.keeping import folders, rows

GONE = "The files of this job are no longer in the studio's folder; paint it again."


def agree(home: Path, connection: sqlite3.Connection) -> None:
    """Make the folders in `home` and the rows agree, within a transaction of `connection`; clear what was in the making."""
    for name in (folders.INCOMING, folders.THINGS, folders.JOBS, folders.ASIDE):
        (home / name).mkdir(exist_ok=True)
    for name in folders.names(home / folders.INCOMING):
        folders.remove(home / folders.INCOMING / name)
    for table in ("things", "jobs"):  # what is no id, by damage, becomes part of no path
        for row in connection.execute(f"SELECT number, id FROM {table}").fetchall():
            if not rows.is_id(row["id"]):
                connection.execute(f"DELETE FROM {table} WHERE number = ?", (row["number"],))
    _things(home / folders.THINGS, connection)
    _jobs(home / folders.JOBS, connection)
    connection.execute("DELETE FROM uses WHERE job NOT IN (SELECT id FROM jobs)")
    for folder in (folders.THINGS, folders.JOBS, folders.ASIDE):
        for file in [*(home / folder).glob(folders.TEMPORARY), *(home / folder).glob(f"*/{folders.TEMPORARY}")]:
            folders.remove(file)


def _things(folder: Path, connection: sqlite3.Connection) -> None:
    sizes = {row["id"]: row["size"] for row in connection.execute("SELECT id, size FROM things")}
    for name in folders.names(folder) - sizes.keys():
        folders.remove(folder / name)
    for id, size in sizes.items():
        if folders.length(folder / id / folders.FILE) != size:
            connection.execute("DELETE FROM things WHERE id = ?", (id,))
            folders.remove(folder / id)
    orphans = "SELECT id FROM things WHERE of != '' AND of NOT IN (SELECT id FROM things)"
    for row in connection.execute(orphans).fetchall():
        connection.execute("DELETE FROM things WHERE id = ?", (row["id"],))
        folders.remove(folder / row["id"])


def _jobs(folder: Path, connection: sqlite3.Connection) -> None:
    states = {row["id"]: row["state"] for row in connection.execute("SELECT id, state FROM jobs")}
    for name in folders.names(folder) - states.keys():
        folders.remove(folder / name)
    for id, state in states.items():
        if state == "done" and not folders.names(folder / id):
            connection.execute("UPDATE jobs SET state = 'failed', error = ? WHERE id = ?", (GONE, id))
        (folder / id).mkdir(exist_ok=True)
