"""What is brought to the studio, and a database of it that somebody else wrote."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
import tempfile
from pathlib import Path

from tests.hostile import cases, texts
from tests.hostile.flips import Rng

_BEHIND = (
    b"",
    bytes(100),
    b"\0\0\0\x18ftypmp42\0\0\0\0isommp42\0\0\0\x08free",
    b"PK\x05\x06",
    b"PK\x01\x02",
    b"#!/bin/sh\n",
    b"<svg",
    b"MZ",
)
_COLUMNS = (
    "id",
    "kind",
    "name",
    "sha256",
    "size",
    "width",
    "made",
    "of",
    "notes",
    "request",
    "state",
    "result",
    "batch",
    "starred",
)


def hostile_upload(rng: Rng) -> bytes:
    """A damaged picture, with others and with pieces of other kinds behind it."""
    data = cases.picture(rng)
    for _ in range(int(rng.integers(4))):
        data += _BEHIND[int(rng.integers(len(_BEHIND)))] if rng.random() < 0.7 else cases.picture(rng)
    return data


def read_upload(data: bytes, folder: Path) -> object:
    """Look at it as the web process does, as a photo and as a clip."""
    from portrait_nst.errors import InputError
    from portrait_nst.studio.security.kinds import check

    path = folder / "input"
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        check(path, "input", "clip")
    return check(path, "input", "picture")


@functools.cache
def _database() -> bytes:
    from portrait_nst.studio.keeping.keeping import Keeping
    from portrait_nst.studio.records import Job

    with tempfile.TemporaryDirectory() as name:
        with Keeping.open(Path(name) / "home", 10**9) as keeping:
            for number in range(3):
                source = keeping.incoming()
                source.write_bytes(bytes([number]))
                photo = keeping.add("photo", source, "me.jpg", width=3, height=2, notes=["turned"])
                keeping.put(
                    Job(f"{number:016x}", "stylize", {"photo": photo.id}, "done", 1.0, 1.0, result={"files": ["png"]})
                )
        with sqlite3.connect(Path(name) / "home" / "studio.sqlite3") as database:
            data = database.serialize()
        database.close()
    return data


def hostile_database(rng: Rng) -> bytes:
    """A database with damaged bytes, or with other values in its rows."""
    if rng.random() < 0.4:
        return cases.changed(rng, _database())
    database = sqlite3.connect(":memory:")
    database.deserialize(_database())
    for _ in range(int(rng.integers(1, 4))):
        column, given = _COLUMNS[int(rng.integers(len(_COLUMNS)))], texts.value(rng)
        value = (
            str(given).encode("utf-8", "replace").decode()
            if rng.random() < 0.5
            else str(given).encode("utf-8", "replace")
        )
        table = ("things", "jobs")[int(rng.integers(2))]
        with contextlib.suppress(sqlite3.Error):
            database.execute(
                f"UPDATE {table} SET {column} = ? WHERE number = 1", ("../../x" if rng.random() < 0.2 else value,)
            )
            if rng.random() < 0.1:
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    database.commit()
    data = database.serialize()
    database.close()
    return cases.changed(rng, data) if data == _database() else data  # not every column is in both tables


def read_database(data: bytes, folder: Path) -> object:
    """Start with it, list everything, tidy, and start again."""
    from portrait_nst.studio.keeping.keeping import Keeping

    home = folder / "home"
    home.mkdir()
    (home / "studio.sqlite3").write_bytes(data)
    for _ in range(2):
        with Keeping.open(home, 10**9) as keeping:
            things = keeping.things("photo")
            jobs = keeping.jobs()
            keeping.quota = 0
            keeping.tidy()
    return len(things) + len(jobs)
