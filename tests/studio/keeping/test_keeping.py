"""What is kept comes back, from any thread, and is the same after the next start."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from portrait_nst import InputError
from portrait_nst.studio.keeping.keeping import InUse, Keeping, Missing
from portrait_nst.studio.records import Job, Thing

GIGABYTE = 10**9


@pytest.fixture
def keeping(tmp_path: Path) -> Iterator[Keeping]:
    with Keeping.open(tmp_path / "home", GIGABYTE) as keeping:
        yield keeping


def added(keeping: Keeping, data: bytes, kind: Any = "photo", **more: Any) -> Thing:
    source = keeping.incoming()
    source.write_bytes(data)
    thing = keeping.add(kind, source, "me.jpg", width=4, height=3, **more)
    assert not source.exists()
    return thing


def job(number: int, photo: str = "", **more: Any) -> Job:
    values = {"state": "waiting", "place": float(number), "made": time.time(), "kind": "stylize", **more}
    return Job(id=f"{number:016x}", request={"photo": photo, "style": [{"style": "mosaic", "share": 1.0}]}, **values)


def test_things_come_back_also_after_the_next_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Keeping.open(home, GIGABYTE) as keeping:
        photo = added(keeping, b"photo", notes=["turned", "caf\u00e9"])
        mask = added(keeping, b"mask", "mask", of=photo.id)
        keeping.aside(photo.id, "view-64").write_bytes(b"view")
        left = keeping.incoming()
        left.write_bytes(b"half")
    assert home.stat().st_mode & 0o077 == 0, "photos are nobody else's"
    with Keeping.open(home, GIGABYTE) as keeping:
        assert keeping.thing(photo.id) == photo
        assert photo.notes == ("turned", "caf\u00e9")
        assert keeping.things("mask") == [mask]
        assert keeping.file(photo.id).read_bytes() == b"photo"
        assert keeping.aside(photo.id, "view-64").read_bytes() == b"view"
        assert not left.exists()
        assert keeping.used() == len(b"photo" + b"mask" + b"view")


def test_lists_are_newest_first_and_go_on_where_they_ended(keeping: Keeping) -> None:
    things = [added(keeping, bytes([each])) for each in range(7)][::-1]
    assert keeping.things("photo") == things
    assert keeping.things("photo", 3) + keeping.things("photo", 10, things[2].id) == things
    made = [job(each, starred=each % 2 == 0, batch="b" if each < 3 else "") for each in range(7)]
    for each in made:
        keeping.put(each)
    assert keeping.jobs() == made[::-1]
    assert keeping.jobs(limit=2) + keeping.jobs(before=made[5].id) == made[::-1]
    assert keeping.jobs(starred=True, batch="b") == [made[2], made[0]]
    assert keeping.jobs(states=("done", "failed")) == []
    keeping.change(made[3].id, state="done")
    assert [each.id for each in keeping.jobs(states=("done", "failed"))] == [made[3].id]


def test_the_same_bytes_are_one_thing_of_a_kind(keeping: Keeping) -> None:
    photo = added(keeping, b"x")
    assert added(keeping, b"x") == photo
    other = added(keeping, b"y")
    masks = {added(keeping, b"x", "mask", of=each.id).id for each in (photo, other, photo)}
    assert len(masks) == 2
    assert added(keeping, b"x", "style").id != photo.id
    assert len(list((keeping.home / "things").iterdir())) == 5


def test_a_job_changes_and_keeps_what_it_was_asked(keeping: Keeping) -> None:
    keeping.put(first := job(1, title="Me, \ud800"))
    changed = keeping.change(first.id, state="done", result={"files": ["png"], "width": 3}, starred=True, ended=2.0)
    assert changed == keeping.job(first.id)
    assert (changed.state, changed.result, changed.starred) == ("done", {"files": ["png"], "width": 3}, True)
    assert changed.request == first.request
    assert changed.title == "Me, \\ud800"
    with pytest.raises(TypeError, match="request"):
        keeping.change(first.id, request={})
    with pytest.raises(TypeError, match="1=1"):
        keeping.change(first.id, **{"state = 'done' WHERE 1=1 --": 1})


def test_forgetting_takes_the_files_and_the_masks(keeping: Keeping) -> None:
    photo, other = added(keeping, b"a"), added(keeping, b"b")
    mask = added(keeping, b"m", "mask", of=photo.id)
    keeping.forget(photo.id)
    for id in (photo.id, mask.id):
        with pytest.raises(Missing):
            keeping.thing(id)
        assert not (keeping.home / "things" / id).exists()
    assert keeping.things("photo") == [other]
    keeping.put(job(1))
    keeping.aside(job(1).id, "result.png").write_bytes(b"result")
    keeping.forget(job(1).id)
    assert list((keeping.home / "jobs").iterdir()) == []
    with pytest.raises(Missing):
        added(keeping, b"n", "mask", of=photo.id)
    assert len(list((keeping.home / "things").iterdir())) == 1


def test_what_an_unfinished_job_needs_cannot_be_forgotten(keeping: Keeping) -> None:
    photo = added(keeping, b"a")
    mask = added(keeping, b"m", "mask", of=photo.id)
    keeping.put(job(1, mask.id))
    for id in (mask.id, photo.id):  # its photo would take the mask along
        with pytest.raises(InUse, match="A job that is not finished needs it; cancel it first"):
            keeping.forget(id)
    keeping.change(job(1).id, state="running")
    with pytest.raises(InUse, match="being painted"):
        keeping.forget(job(1).id)
    keeping.change(job(1).id, state="failed")
    keeping.forget(photo.id)


@pytest.mark.parametrize("id", ["0123456789abcdef", "", "..", "../../etc", "'; DROP TABLE jobs; --", "\0", "0" * 1000])
def test_what_is_not_there_is_missing(keeping: Keeping, id: str) -> None:
    for ask in (
        keeping.thing,
        keeping.file,
        keeping.job,
        keeping.forget,
        keeping.change,
        lambda id: keeping.aside(id, "a"),
    ):
        with pytest.raises(Missing, match="removed") as error:
            ask(id)
        assert len(str(error.value)) < 200
    with pytest.raises(Missing):
        keeping.put(Job(id="../x", kind="stylize", request={}, state="waiting", place=1.0, made=1.0))
    photo = added(keeping, b"a")
    with pytest.raises(Missing, match="no style picture or clip"):
        keeping.thing(photo.id, "style", "clip")


@pytest.mark.parametrize("name", ["../file", "file", "", ".hidden", "a/b", "A", "a" * 200, "a\n"])
def test_derived_files_have_names_of_ours(keeping: Keeping, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        keeping.aside(added(keeping, b"a").id, name)


def test_sixteen_threads_at_once(keeping: Keeping) -> None:
    start = threading.Barrier(16)

    def work(number: int) -> list[str]:
        start.wait()
        ids = [added(keeping, bytes([each])).id for each in range(5)]  # the same as all the others
        own = added(keeping, b"own %d" % number)
        for each in range(5):
            made = job(100 * number + each + 1, own.id)
            keeping.put(made)
            keeping.change(made.id, state="running", attempts=1)
            keeping.change(made.id, state="done")
        keeping.forget(own.id)
        keeping.jobs()
        return ids

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(work, range(16)))
    assert all(ids == found[0] for ids in found)
    assert sorted(path.name for path in (keeping.home / "things").iterdir()) == sorted(found[0])
    assert len(keeping.jobs()) == 80
    assert all((each.state, each.attempts) == ("done", 1) for each in keeping.jobs())
    assert list((keeping.home / "incoming").iterdir()) == []


def test_what_is_kept_survives_a_power_cut(keeping: Keeping) -> None:
    """As far as SQLite promises it: every transaction is forced to disk, of both connections."""
    for connection in (keeping._database._writer, keeping._database._reader):
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2, "FULL"
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_one_studio_at_a_time(keeping: Keeping) -> None:
    taken = pytest.raises(InputError, match=r"Another studio keeps its pictures in .*; wait for it, or choose another")
    with taken, Keeping.open(keeping.home, GIGABYTE):
        pass


def damaged(home: Path, what: str) -> None:
    file = home / "studio.sqlite3"
    if what == "text":
        file.write_bytes(b"This is no database.\n" * 500)
    elif what == "pages":
        data = bytearray(file.read_bytes())
        data[4096:] = bytes(reversed(data[4096:]))
        file.write_bytes(data)
    elif what == "format":
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA user_version = 9")
        database.close()
    elif what == "gone":
        file.unlink()


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("text", r"no database of the studio, or damaged \(.*\)\. Move its folder away to start anew"),
        ("pages", r"no database of the studio, or damaged \(.*\)\. Move its folder away to start anew"),
        ("format", "of format 9; this version reads 1. Use another folder"),
        ("gone", "no database of one. Move it away to start anew"),
    ],
)
def test_a_damaged_database_is_one_line_and_its_files_stay(tmp_path: Path, what: str, message: str) -> None:
    home = tmp_path / "home"
    with Keeping.open(home, GIGABYTE) as keeping:
        photo = added(keeping, b"a")
        for each in range(50):
            keeping.put(job(each))
    damaged(home, what)
    with pytest.raises(InputError, match=message), Keeping.open(home, GIGABYTE):
        pass
    assert (home / "things" / photo.id / "file").read_bytes() == b"a", "nothing that was brought is thrown away"


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    unmade = pytest.raises(InputError, match=r"cannot be made \(.*\); choose another")
    with unmade, Keeping.open(tmp_path / "file" / "home", GIGABYTE):
        pass
    (tmp_path / "mine" / "things").mkdir(parents=True)
    (tmp_path / "mine" / "things" / "diary.txt").write_text("mine")
    with (
        pytest.raises(InputError, match="may be a studio's, but no database"),
        Keeping.open(tmp_path / "mine", GIGABYTE),
    ):
        pass
    assert (tmp_path / "mine" / "things" / "diary.txt").read_text() == "mine"


def other_program(file: Path, owner: int, version: int) -> None:
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE notes (text TEXT)")
        database.execute(f"PRAGMA application_id = {owner}")
        database.execute(f"PRAGMA user_version = {version}")
    database.close()


@pytest.mark.parametrize(("owner", "version"), [(0, 0), (0, 1), (252006674, 0), (252006674, 1)])
def test_another_programs_database_is_not_adopted(tmp_path: Path, owner: int, version: int) -> None:
    other_program(tmp_path / "studio.sqlite3", owner, version)
    before = (tmp_path / "studio.sqlite3").read_bytes()
    refused = pytest.raises(InputError, match=r"another program's database\. Choose another folder")
    with refused, Keeping.open(tmp_path, GIGABYTE):
        pass
    assert (tmp_path / "studio.sqlite3").read_bytes() == before


def test_a_database_says_whose_it_is_also_one_that_was_made_before(tmp_path: Path) -> None:
    for _ in range(2):
        with Keeping.open(tmp_path, GIGABYTE) as keeping:
            owner = keeping._database.rows("PRAGMA application_id")[0][0]
            assert owner == int.from_bytes(b"pNST", "big")
            with keeping._database.changes() as connection:
                connection.execute("PRAGMA application_id = 0")


@pytest.mark.parametrize("how", ["folder", "file", "cut"])
def test_a_file_that_was_lost_is_healed_by_bringing_it_again(keeping: Keeping, how: str) -> None:
    first = added(keeping, b"the bytes")
    file = keeping.file(first.id)
    if how == "cut":
        file.write_bytes(b"the")
    else:
        file.unlink()
    if how == "folder":
        file.parent.rmdir()
    assert keeping.same("photo", first.sha256) is None
    again = added(keeping, b"the bytes")
    assert again.id == first.id and keeping.file(again.id).read_bytes() == b"the bytes"
    assert keeping.same("photo", first.sha256) is not None
    assert list((keeping.home / "incoming").iterdir()) == []
