"""The jobs that are kept."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from portrait_nst.studio.keeping import folders, rows
from portrait_nst.studio.keeping.database import Database
from portrait_nst.studio.keeping.errors import Missing
from portrait_nst.studio.records import Job, JobState


class Jobs:
    """The part of `Keeping` that is about jobs. home: the folder of everything."""

    def __init__(self, home: Path, database: Database) -> None:
        self.home = home
        self._database = database

    def put(self, *jobs: Job) -> None:
        """Keep new jobs, all or none. What their requests name by id stays as long as they are not finished."""
        made: list[Path] = []
        try:
            with folders.disk_errors(self.home):
                for job in jobs:
                    (folder := self._folder(folders.JOBS, job.id)).mkdir()
                    made.append(folder)
                folders.sync(self.home / folders.JOBS)
            with self._database.changes() as connection:
                for job in jobs:
                    rows.insert(connection, "jobs", rows.columns(job))
                    uses = [(job.id, thing) for thing in sorted(rows.needs(job.request))]
                    connection.executemany("INSERT INTO uses VALUES (?, ?)", uses)
        except BaseException:
            for folder in made:
                folders.remove(folder)
            raise

    def batches(self, limit: int = 200) -> list[str]:
        """The ids of the batches that have jobs, newest first."""
        query = "SELECT batch FROM jobs WHERE batch != '' GROUP BY batch ORDER BY max(number) DESC LIMIT ?"
        return [row["batch"] for row in self._database.rows(query, limit)]

    def job(self, id: str) -> Job:
        """The job of this id."""
        found = self._database.rows("SELECT * FROM jobs WHERE id = ?", str(id))
        if not found:
            raise Missing(f"There is no job {str(id)[:40]!r}, or it was removed.")
        return rows.job_of(found[0])

    def jobs(
        self,
        *,
        states: Collection[JobState] = (),
        batch: str | None = None,
        starred: bool | None = None,
        limit: int | None = 200,
        before: str | None = None,
    ) -> list[Job]:
        """The jobs, newest first, of these states, this batch, and starred or not; `before`: the last one that was listed."""
        where, values = ["1"], list[Any]()
        if states:
            where, values = [f"state IN ({', '.join('?' * len(states))})"], list(states)
        for condition, value in (("batch = ?", batch), ("starred = ?", starred)):
            if value is not None:
                where, values = [*where, condition], [*values, value]
        if before is not None:
            where, values = [*where, "number < (SELECT number FROM jobs WHERE id = ?)"], [*values, before]
        query = f"SELECT * FROM jobs WHERE {' AND '.join(where)} ORDER BY number DESC LIMIT ?"
        return [rows.job_of(row) for row in self._database.rows(query, *values, rows.limited(limit))]

    def count(self, *states: JobState) -> int:
        """How many jobs are in one of these states."""
        query = f"SELECT count(*) FROM jobs WHERE state IN ({', '.join('?' * len(states))})"
        return int(self._database.rows(query, *states)[0][0])

    def change(self, id: str, **values: Any) -> Job:
        """Change fields of a job; as it is now."""
        if unknown := values.keys() - set(Job.__dataclass_fields__) | values.keys() & {"id", "request"}:
            raise TypeError(f"{sorted(unknown)} cannot be changed")
        update = ", ".join(f"{name} = ?" for name in values)
        with self._database.changes() as connection:
            if values:
                connection.execute(f"UPDATE jobs SET {update} WHERE id = ?", (*rows.stored(values).values(), str(id)))
            found = connection.execute("SELECT * FROM jobs WHERE id = ?", (str(id),)).fetchone()
        if found is None:
            raise Missing(f"There is no job {str(id)[:40]!r}, or it was removed.")
        return rows.job_of(found)

    def _folder(self, table: str, id: str) -> Path:
        if not rows.is_id(id):  # whatever happens, nothing else becomes part of a path
            raise Missing(f"{str(id)[:40]!r} is no id; expected 16 hexadecimal digits.")
        return self.home / table / id
