"""What goes when the quota is exceeded, in which order, and what never does; and a disk without room."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portrait_nst import ResourceError
from portrait_nst.studio.keeping import quota
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.records import Job, Thing
from tests.studio.keeping.test_keeping import added, job

SIZE = 100_000


@pytest.fixture
def keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keeping]:
    """Room for ten files; nothing counts as in somebody's hand."""
    monkeypatch.setattr(quota, "IN_HAND", -60.0)
    with Keeping.open(tmp_path / "home", 10 * SIZE) as keeping:
        yield keeping


def photo(keeping: Keeping, number: int, **more: Any) -> Thing:
    return added(keeping, bytes([number]) * SIZE, **more)


def painted(keeping: Keeping, number: int, photo: str = "", **more: Any) -> Job:
    keeping.put(made := job(number, photo, **{"state": "done", **more}))
    keeping.aside(made.id, "result.png").write_bytes(bytes(SIZE))
    return made


def test_nothing_goes_while_there_is_room(keeping: Keeping) -> None:
    for number in range(10):
        photo(keeping, number)
    assert keeping.used() == 10 * SIZE
    assert keeping.tidy() == []


def test_the_oldest_finished_jobs_go_first_then_uploads_that_no_job_needs(keeping: Keeping) -> None:
    unused, used, starred_one = (photo(keeping, number) for number in range(3))
    jobs = [painted(keeping, number, used.id) for number in range(1, 6)]
    star = painted(keeping, 6, starred_one.id, starred=True)
    waiting = painted(keeping, 7, used.id, state="waiting")
    assert keeping.used() == 10 * SIZE
    told: list[str] = []
    keeping.on_gone = told.append
    newest = photo(keeping, 50)
    assert told == [jobs[0].id], "pages are told"
    assert {each.id for each in keeping.jobs()} == {*(each.id for each in jobs[1:]), star.id, waiting.id}
    keeping.quota = 5 * SIZE
    assert keeping.tidy() == [*(each.id for each in jobs[1:]), unused.id]
    assert {each.id for each in keeping.things("photo")} == {used.id, starred_one.id, newest.id}
    keeping.quota = 1
    assert keeping.tidy() == [newest.id], "what is starred or not finished never goes, nor what such jobs need"
    assert keeping.used() == 4 * SIZE
    with pytest.raises(
        ResourceError, match=r"The studio's folder is full: 0 of 0 MB are taken, 0\.1 more.*take stars away"
    ):
        photo(keeping, 51)
    assert list((keeping.home / "incoming").iterdir()) == []
    keeping.change(star.id, starred=False)
    keeping.change(waiting.id, state="cancelled")
    assert set(keeping.tidy()) == {star.id, waiting.id, used.id, starred_one.id}
    assert keeping.used() == 0
    assert list((keeping.home / "things").iterdir()) == list((keeping.home / "jobs").iterdir()) == []


def test_a_mask_goes_before_its_photo_and_stays_for_a_starred_job(keeping: Keeping) -> None:
    one, other = photo(keeping, 1), photo(keeping, 2)
    mask = photo(keeping, 3, kind="mask", of=one.id)
    needed = photo(keeping, 4, kind="mask", of=other.id)
    painted(keeping, 1, needed.id, starred=True)
    keeping.quota = 1
    assert keeping.tidy() == [mask.id, one.id]
    assert keeping.thing(other.id) == other, "the photo of a mask that is needed"


def test_what_is_in_hand_stays(keeping: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = [photo(keeping, number) for number in range(3)]
    done = painted(keeping, 1, ended=time.time())
    monkeypatch.setattr(quota, "IN_HAND", 600.0)
    keeping.quota = 1
    assert keeping.tidy() == []
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 700)
    keeping.thing(photos[0].id)
    assert keeping.tidy() == [done.id, photos[1].id, photos[2].id]


def test_a_disk_that_is_nearly_full_takes_no_uploads(keeping: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, quota.RESERVE + 99_999)
    )
    with pytest.raises(ResourceError, match=r"nearly full: 50 MB are free.*Make room"):
        photo(keeping, 1)
    assert list((keeping.home / "things").iterdir()) == []


@pytest.mark.parametrize("where", ["fsync", "mkdir", "rename"])
def test_a_full_disk_leaves_nothing_half_written(keeping: Keeping, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    kept = photo(keeping, 1)

    def full(*values: Any, **named: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    name = {"fsync": "os.fsync", "mkdir": "pathlib.Path.mkdir", "rename": "pathlib.Path.replace"}[where]
    with monkeypatch.context() as patch:
        patch.setattr(name, full)
        with pytest.raises(ResourceError, match=r"The disk of .* is full: nothing more can be kept\. Make room\."):
            photo(keeping, 2)
    assert [path.name for path in (keeping.home / "things").iterdir()] == [kept.id]
    assert list((keeping.home / "incoming").iterdir()) == []
    assert keeping.things("photo") == [kept]
    assert photo(keeping, 2) in keeping.things("photo"), "once there is room it goes on"


def test_a_full_database_leaves_nothing_half_written(keeping: Keeping) -> None:
    """SQLite is held to the pages that it has, which it reports as it does a full disk."""
    kept, first = photo(keeping, 1), painted(keeping, 1)
    with keeping._database.changes() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    keeping._database._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ResourceError, match=r"is full: the database of the studio cannot be written\. Make room\."):
        for number in range(2, 200):
            keeping.put(job(number, kept.id))
    with pytest.raises(ResourceError, match="is full"):
        keeping.change(first.id, error="x" * 100_000)
    with pytest.raises(ResourceError, match="is full"):
        for number in range(2, 200):
            added(keeping, bytes([number]), notes=["x" * 5000])
    assert {path.name for path in (keeping.home / "things").iterdir()} == {
        each.id for each in keeping.things("photo", None)
    }
    assert keeping.job(first.id) == first
    keeping._database._writer.execute("PRAGMA max_page_count = 1000000")
    assert {path.name for path in (keeping.home / "jobs").iterdir()} == {each.id for each in keeping.jobs(limit=None)}
    keeping.put(job(500))
    keeping.change(first.id, error="x" * 100_000)


def test_other_errors_of_sqlite_are_one_line(keeping: Keeping) -> None:
    keeping._database._writer.execute("ALTER TABLE jobs RENAME TO lost")
    with pytest.raises(ResourceError, match=r"The database of the studio .* cannot be used: no such table: jobs"):
        keeping.jobs()
