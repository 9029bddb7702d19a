"""What the studio keeps, for everybody in the web process: things that were brought, jobs, and the files of both."""

from __future__ import annotations

import contextlib
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from portrait_nst.studio.keeping import agreement, folders, quota, rows
from portrait_nst.studio.keeping.database import Database
from portrait_nst.studio.keeping.errors import InUse, Missing
from portrait_nst.studio.keeping.jobs import Jobs
from portrait_nst.studio.keeping.names import shown
from portrait_nst.studio.records import Thing, ThingKind

__all__ = ["InUse", "Keeping", "Missing"]
_ASIDE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_WORDS = {"photo": "photo", "style": "style picture", "mask": "mask", "clip": "clip"}
UNFINISHED = "('waiting', 'running')"


class Keeping(Jobs):
    """Things and jobs. Its methods may be called from any thread; each change is on the disk when its method returns.

    home:    the folder of everything. quota: bytes that may lie in it, before `tidy` removes what is old.
    on_gone: is called with the id of each job or thing that `tidy` removed, so that pages can be told.

    Every method raises Missing for an id of nothing, ResourceError where the disk is full, and InputError where the database is
    damaged.
    """

    def __init__(self, home: Path, database: Database, quota: int) -> None:
        super().__init__(home, database)
        self.quota = quota
        self.on_gone: Callable[[str], object] = lambda id: None
        self._seen: dict[str, float] = {}  # when things were last asked for, since this start

    @classmethod
    @contextlib.contextmanager
    def open(cls, home: Path, quota: int) -> Iterator[Keeping]:
        """What is kept in `home`, made where there is nothing, and locked until the end of the block.

        Raises InputError where another studio has it, or it cannot be used, ResourceError where the disk is full.
        """
        folders.make(home)
        with Database.open(home) as database:
            with folders.disk_errors(home), database.changes() as connection:
                agreement.agree(home, connection)
            yield cls(home, database, quota)

    def incoming(self) -> Path:
        """The name of a new file for an upload in the making; whatever lies there is gone after the next start."""
        return self.home / folders.INCOMING / secrets.token_hex(8)

    def add(
        self,
        kind: ThingKind,
        source: Path,
        name: str,
        *,
        width: int,
        height: int,
        seconds: float = 0.0,
        of: str = "",
        notes: Sequence[str] = (),
        sha256: str = "",
    ) -> Thing:
        """Keep the file `source`, which is moved; the thing that there is already, if the same bytes were brought before.

        source: a file in `incoming`. name: as the user's file is called. of: the photo of a mask. sha256: of its bytes, where
        that is known.

        Raises Missing where there is no photo `of`, ResourceError where the disk or the quota is full; `source` is gone then.
        """
        try:
            with folders.disk_errors(self.home):
                size, sha256 = source.stat().st_size, sha256 or folders.digest(source)
            known = self._known(kind, sha256, of)
            if known is not None and self._is_whole(known):
                return self.named(known, name)
            self.make_room(size)
            if known is not None:  # its file was lost; this one takes its place
                return self.named(self._healed(known, source), name)
            thing = Thing(
                secrets.token_hex(8),
                kind,
                shown(name),
                sha256,
                size,
                width,
                height,
                time.time(),
                seconds,
                of,
                tuple(notes),
            )
            return self._placed(thing, source)
        finally:
            folders.remove(source)

    def same(self, kind: ThingKind, sha256: str, of: str = "") -> Thing | None:
        """The thing of these bytes, if they were brought before as this kind, and for this photo, and are still there."""
        found = self._known(kind, sha256, of)
        return found if found is not None and self._is_whole(found) else None

    def _known(self, kind: ThingKind, sha256: str, of: str) -> Thing | None:
        query = "SELECT * FROM things WHERE kind = ? AND of = ? AND sha256 = ?"
        found = self._database.rows(query, kind, of, sha256)
        if not found:
            return None
        self._seen[found[0]["id"]] = time.time()
        return rows.thing_of(found[0])

    def _is_whole(self, thing: Thing) -> bool:
        return folders.length(self._folder(folders.THINGS, thing.id) / folders.FILE) == thing.size

    def _healed(self, thing: Thing, source: Path) -> Thing:
        """`thing` with the file `source`, of the same bytes, where its own was lost or cut off behind the studio's back."""
        with folders.disk_errors(self.home):
            folder = self._folder(folders.THINGS, thing.id)
            folder.mkdir(exist_ok=True)
            folders.put(source, folder)
        return thing

    def named(self, thing: Thing, name: str) -> Thing:
        """`thing`, called as the file of the same bytes that was brought last; jobs keep the name that they were made with."""
        if not name or shown(name) == thing.name:
            return thing
        with self._database.changes() as connection:
            connection.execute(
                "UPDATE things SET name = ? WHERE id = ?", (rows.stored({"name": shown(name)})["name"], thing.id)
            )
        return replace(thing, name=shown(name))

    def _placed(self, thing: Thing, source: Path) -> Thing:
        folder = self._folder(folders.THINGS, thing.id)
        with folders.disk_errors(self.home):
            folders.place(source, folder)
        try:
            with self._database.changes() as connection:
                if thing.of and not connection.execute("SELECT 1 FROM things WHERE id = ?", (thing.of,)).fetchone():
                    raise Missing(f"The photo {thing.of} of this mask is no longer there; bring it again.")
                rows.insert(connection, "things", rows.columns(thing), "OR IGNORE")
                added = connection.execute("SELECT changes()").fetchone()[0]
        except BaseException:
            folders.remove(folder)
            raise
        if added:
            self._seen[thing.id] = thing.made
            return thing
        folders.remove(folder)  # another thread brought the same bytes meanwhile
        return self._known(thing.kind, thing.sha256, thing.of) or thing

    def thing(self, id: str, *kinds: ThingKind) -> Thing:
        """The thing of this id, of one of `kinds` where any is given."""
        found = self._database.rows("SELECT * FROM things WHERE id = ?", str(id))
        if not found or (kinds and found[0]["kind"] not in kinds):
            what = " or ".join(_WORDS[kind] for kind in kinds) or "upload"
            raise Missing(f"There is no {what} {str(id)[:40]!r}, or it was removed; bring it again.")
        self._seen[found[0]["id"]] = time.time()
        return rows.thing_of(found[0])

    def things(self, kind: ThingKind, limit: int | None = 200, before: str | None = None) -> list[Thing]:
        """The things of a kind, newest first; `before`: the id of the last one that was listed."""
        where = "kind = ? AND (? IS NULL OR number < (SELECT number FROM things WHERE id = ?))"
        query = f"SELECT * FROM things WHERE {where} ORDER BY number DESC LIMIT ?"
        return [rows.thing_of(row) for row in self._database.rows(query, kind, before, before, rows.limited(limit))]

    def unneeded(self, kind: ThingKind) -> list[Thing]:
        """The things of a kind that no job was made of or will be, nor of a mask of theirs; newest first."""
        needed = "id IN (SELECT thing FROM uses) OR id IN (SELECT of FROM things WHERE id IN (SELECT thing FROM uses))"
        query = f"SELECT * FROM things WHERE kind = ? AND NOT ({needed}) ORDER BY number DESC"
        return [rows.thing_of(row) for row in self._database.rows(query, kind)]

    def file(self, id: str) -> Path:
        """The file of a thing, with the bytes as they were brought. Nothing may write to it."""
        found = self._folder(folders.THINGS, self.thing(id).id) / folders.FILE
        if not found.is_file():
            raise Missing(f"The file of {id} is no longer in the studio's folder; bring it again.")
        return found

    def aside(self, id: str, name: str) -> Path:
        """The path of a derived file of a thing or job, which need not be there; `name` is ours: small letters and digits.

        It goes with the thing or job. Write it with `imaging.atomic`, so that it is there whole or not at all.
        """
        if not _ASIDE.fullmatch(name) or name == folders.FILE:
            raise ValueError(f"{name!r} is no name for a derived file")
        for table in (folders.THINGS, folders.JOBS):
            if self._database.rows(f"SELECT 1 FROM {table} WHERE id = ?", str(id)):
                return self._folder(table, id) / name
        raise Missing(f"There is nothing with the id {str(id)[:40]!r}, or it was removed.")

    def beside(self, name: str) -> Path:
        """The path of a derived file that belongs to no thing, as the small picture of a named style."""
        if not _ASIDE.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a derived file")
        return self.home / folders.ASIDE / name

    def forget(self, id: str) -> None:
        """Remove a thing with its masks, or a job with its results.

        Raises InUse for a thing that a job still needs which is not finished, and for a job in work.
        """
        with self._database.changes() as connection:
            if job := connection.execute("SELECT state FROM jobs WHERE id = ?", (str(id),)).fetchone():
                if job["state"] == "running":
                    raise InUse("This job is being painted; cancel it first.")
                going = [_forget_job(connection, id, self.home)]
            elif connection.execute("SELECT 1 FROM things WHERE id = ?", (str(id),)).fetchone():
                going = self._forget_thing(connection, id)
            else:
                raise Missing(f"There is nothing with the id {str(id)[:40]!r}, or it was removed.")
        for folder in going:
            folders.remove(folder)

    def _forget_thing(self, connection: sqlite3.Connection, id: str) -> list[Path]:
        ids = [id, *(row["id"] for row in connection.execute("SELECT id FROM things WHERE of = ?", (id,)))]
        marks = ", ".join("?" * len(ids))
        query = f"SELECT count(DISTINCT jobs.id) FROM jobs JOIN uses ON uses.job = jobs.id WHERE state IN {UNFINISHED}"
        if jobs := connection.execute(f"{query} AND thing IN ({marks})", ids).fetchone()[0]:
            raise InUse(
                f"{'A job that is' if jobs == 1 else f'{jobs} jobs that are'} not finished "
                f"need{'s' if jobs == 1 else ''} it; cancel {'it' if jobs == 1 else 'them'} first, or wait."
            )
        connection.execute(f"DELETE FROM things WHERE id IN ({marks})", ids)
        for each in ids:
            self._seen.pop(each, None)
        return [self._folder(folders.THINGS, each) for each in ids]

    def used(self) -> int:
        """Bytes that things and jobs take."""
        return sum(folders.size(self.home / name) for name in (folders.THINGS, folders.JOBS))

    def make_room(self, size: int) -> None:
        """Tidy until `size` more bytes can be kept. Raises ResourceError where that does not suffice."""
        quota.check_disk(self.home, size)
        self._told(quota.tidy(self.home, self._database, self.quota, size, self._seen))
        quota.check(self.home, self.quota, size)

    def tidy(self) -> list[str]:
        """Remove what is old where the quota is exceeded; the ids of the jobs and things that went. See `keeping.quota`."""
        return self._told(quota.tidy(self.home, self._database, self.quota, 0, self._seen))

    def _told(self, gone: list[str]) -> list[str]:
        for id in gone:
            self._seen.pop(id, None)
            self.on_gone(id)
        return gone


def _forget_job(connection: sqlite3.Connection, id: str, home: Path) -> Path:
    connection.execute("DELETE FROM jobs WHERE id = ?", (id,))
    connection.execute("DELETE FROM uses WHERE job = ?", (id,))
    return home / folders.JOBS / id
