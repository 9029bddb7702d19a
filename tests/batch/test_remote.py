"""Photos and outputs in a store, by memory:// and a worker in this process: what is found, skipped, taken over, told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Manifest, Options, Order, opened, plan, status, storage, write_page
from portrait_nst.batch.manifest import mirror
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.batch.planning.discovery import find_pictures
from portrait_nst.batch.storage import Url, locate
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.settings import Settings
from tests.batch.fake_stores import Here, Killed, empty_memory, put
from tests.batch.fake_workers import Negative, photos
from tests.batch.test_session import pictures

OUT = Url("memory://out")
NAMES = ["b.png", "a.JPG", "sub/deep/c.webp", "sub/a.jpg", ".hidden/d.png", "._a.jpg", "sub/.d/e.png"]


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    yield empty_memory()
    empty_memory()


@pytest.fixture
def order(memory: Any, tmp_path: Path) -> Order:
    put(memory, photos(tmp_path / "in", ["a.png", "c.png", "sub/b.png"]), tmp_path / "in", "/in")
    put(memory, photos(tmp_path, ["style.png"]), tmp_path, "/styles")
    return Order(["memory://in"], ["memory://styles/style.png"], settings=Settings(device="cpu"))


def paint(
    order: Order, options: Options | None = None, stop_after: int | None = None, out: Url = OUT
) -> tuple[dict[str, str], dict[str, int]]:
    """({photo: error} of what was painted, the counts of the plan); raises Killed after so many."""
    made = {}
    with opened(order, out, options) as session:
        session.plan()
        for done in session.paint(Here(Negative, stop_after)):
            made[done.photo.name] = done.error
    return made, dict(session.planner.counts)


def other_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str = "other") -> None:
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / name))


def found_in(where: str, *inputs: str, avoid: str = "") -> list[str]:
    return [
        str(found.relative)
        for found in find_pictures([where + name for name in inputs], locate(where + avoid) if avoid else None)
    ]


@pytest.mark.parametrize("kind", ["local", "file", "memory"])
def test_the_same_is_found_wherever_it_lies(kind: str, memory: Any, tmp_path: Path) -> None:
    files = photos(tmp_path / "2019", NAMES) + photos(tmp_path / "2020", ["a.png", "out/x.png", "notes.txt"])
    put(memory, files, tmp_path, "/root")
    where = {"local": f"{tmp_path}/", "file": f"file://{tmp_path}/", "memory": "memory://root/"}[kind]
    assert sorted(found_in(where, "2019")) == ["a.JPG", "b.png", "sub/a.jpg", "sub/deep/c.webp"]
    both = found_in(where, "2019", "2020", avoid="2020/out")
    assert sorted(both)[:2] == ["2019/a.JPG", "2019/b.png"] and sorted(both)[4:] == ["2020/a.png"]
    assert found_in(where, "2020/out", avoid="2020/out") == ["x.png"]
    assert found_in(where, "2019/b.png", "2020/notes.txt") == ["b.png", "notes.txt"]
    assert sorted(found_in(where, "2019/*")) == ["a.JPG", "b.png", "sub/a.jpg", "sub/deep/c.webp"]
    assert sorted(found_in(where, "2019/**/*.jpg")) == ["sub/a.jpg"]
    for nothing in ("none", "2019/*.gif"):
        with pytest.raises(InputError, match=r"does not exist|Nothing matches"):
            found_in(where, nothing)


def test_keys_that_lead_out_of_the_folder_are_not_followed(memory: Any, tmp_path: Path) -> None:
    for name in ("a.png", "../b.png", "/etc/c.png", "x/../../d.png"):
        memory.store[f"/in/{name}"] = memory.open("/x", "wb")
    for inputs in (["memory://in"], ["memory://in/**"]):
        found = [entry.relative for entry in find_pictures(inputs)]
        assert found and not any(path.is_absolute() or ".." in path.parts for path in found)


def test_rows_name_places_beside_their_file_or_by_url(memory: Any, tmp_path: Path) -> None:
    memory.pipe_file(
        "/jobs/jobs.csv",
        b"photo,style,mask\na.png,../styles/s.png,m.png\ns3://other/b.png,,\n%s,,\n" % bytes(tmp_path / "c.png"),
    )
    style = tmp_path / "style.png"
    jobs = list(plan(Order([], [style], "memory://jobs/jobs.csv"), OUT))
    assert [str(job.photo) for job in jobs] == ["memory://jobs/a.png", "s3://other/b.png", str(tmp_path / "c.png")]
    assert str(jobs[0].main_style) == "memory://styles/s.png" and str(jobs[0].mask) == "memory://jobs/m.png"
    assert jobs[1].main_style == style and str(jobs[1].output) == "b-style.png"
    (tmp_path / "jobs.jsonl").write_text(json.dumps({"photo": "memory://in/a.png"}) + "\n")
    assert str(next(plan(Order([], [style], tmp_path / "jobs.jsonl"), OUT)).photo) == "memory://in/a.png"


def test_painted_into_a_store_as_into_a_folder(order: Order, memory: Any, tmp_path: Path) -> None:
    assert paint(order) == ({"a.png": "", "c.png": "", "b.png": ""}, {"new": 3})
    local = Order([tmp_path / "in"], [tmp_path / "style.png"], settings=order.settings)
    with opened(local, tmp_path / "out", worker=Negative) as session:
        session.plan()
        assert not [done.error for done in session.paint(Here(Negative)) if done.error]
    same = {name: memory.cat_file(f"/out/{name}") for name in pictures(tmp_path / "out")}
    assert same == pictures(tmp_path / "out") and sorted(same) == ["a-style.png", "c-style.png", "sub/b-style.png"]
    assert sorted(memory.find("/out")) == [
        "/out/a-style.png",
        f"/out/{NAME}",
        "/out/c-style.png",
        "/out/sub/b-style.png",
    ]
    memory.pipe_file("/in/bad.png", b"no picture")
    memory.pipe_file("/in/c.png", memory.cat_file("/in/a.png"))
    memory.rm_file("/out/sub/b-style.png")
    made, counts = paint(order)
    assert counts == {"done": 1, "changed": 1, "missing": 1, "new": 1} and sorted(made) == ["b.png", "bad.png", "c.png"]
    assert "memory://in/bad.png is not a picture" in made["bad.png"]
    memory.pipe_file("/in/a.png", memory.cat_file("/in/a.png"))  # another time, the same bytes
    assert paint(order, Options(redo=False))[1] == {"done": 3, "failed": 1}
    assert paint(order, Options(redo=True))[1] == {"redo": 3, "failed": 1}
    with Manifest.read(OUT) as manifest:
        assert status(manifest)["states"] == {"pending": 0, "running": 0, "done": 3, "failed": 1}
        page = write_page(manifest, "memory://pages/page.html")
    assert (
        memory.cat_file("/pages/page.html").count(b"data:image/webp") == 3 and str(page) == "memory://pages/page.html"
    )


def test_another_machine_goes_on(order: Order, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(memory, photos(tmp_path / "in", ["d.png", "e.png"]), tmp_path / "in", "/in")
    with pytest.raises(Killed):
        paint(order, stop_after=2)
    assert len(memory.find("/out")) == 4  # one more than is known of, and the manifest
    first = {name: memory.cat_file(name) for name in memory.find("/out")}
    other_machine(monkeypatch, tmp_path)
    assert paint(order)[1] == {"done": 2, "unfinished": 1, "new": 2}
    other_machine(monkeypatch, tmp_path, "home")
    assert paint(order)[1] == {"done": 5}
    assert all(memory.cat_file(name) == data for name, data in first.items() if name.endswith(".png"))


def test_killed_between_copies(order: Order, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = mirror.Mirror.publish
    monkeypatch.setattr(mirror.Mirror, "publish_if_due", lambda *_: None)
    monkeypatch.setattr(
        mirror.Mirror,
        "publish",
        lambda self, database, *, closed=False: None if closed else published(self, database, closed=closed),
    )
    with pytest.raises(Killed):
        paint(order, stop_after=1)  # two are there; their manifest knows of none
    monkeypatch.undo()
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    own = (tmp_path / "home").rename(tmp_path / "kept")
    other_machine(monkeypatch, tmp_path)
    with opened(order, OUT) as session:
        session.plan()
        assert dict(session.planner.counts) == {"unfinished": 3}  # not refused as somebody else's
    memory.rm_file(f"/out/{NAME}")
    other_machine(monkeypatch, tmp_path, own.name)
    with opened(order, OUT) as session:  # it was removed there: a new beginning, and what lies there is not ours
        session.plan()
        assert dict(session.planner.counts) == {"refused": 2, "new": 1}


def test_on_the_same_machine_nothing_is_done_twice(order: Order, memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "SECONDS", 1e9)
    real = mirror.Mirror.publish
    monkeypatch.setattr(mirror.Mirror, "publish", lambda self, db, *, closed=False: None if closed else real(self, db))
    with pytest.raises(Killed):
        paint(order, stop_after=2)
    monkeypatch.setattr(mirror.Mirror, "publish", real)
    assert paint(order)[1] == {"done": 2, "unfinished": 1}


def test_what_cannot_be_written_or_read_fails_and_is_retried(
    order: Order, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(memory).put_file

    def put_file(self: Any, lpath: str, rpath: str, **options: Any) -> None:
        if rpath.endswith(("c-style.png", NAME)):
            raise OSError("the store is on fire")
        real(self, lpath, rpath, **options)

    with monkeypatch.context() as patch:
        patch.setattr(mirror, "SECONDS", 0.0)
        with opened(order, OUT) as session:
            session.plan()
            patch.setattr(type(memory), "put_file", put_file)
            made = {done.photo.name: done.error for done in session.paint(Here(Negative))}
            patch.undo()
    assert {name for name, error in made.items() if error} == {"c.png"}
    assert "memory://out/c-style.png cannot be written: OSError: the store is on fire" in made["c.png"]
    made, counts = paint(order, Options(failed=True))
    assert made == {"c.png": ""} and counts == {"failed": 1, "done": 2}
    with (
        pytest.raises(ResourceError, match=rf"memory://out/{NAME} cannot be written.*known on this machine"),
        opened(order, OUT) as session,
    ):
        session.plan()
        monkeypatch.setattr(type(memory), "put_file", put_file)
    with pytest.raises(ResourceError, match=f"memory://out/{NAME} cannot be written"):
        paint(order, Options(redo=True))  # before anything is painted


def test_nothing_is_left_of_a_plan_without_jobs(memory: Any, tmp_path: Path) -> None:
    memory.mkdir("/empty")
    style = photos(tmp_path, ["style.png"])[0]
    for inputs in (["memory://empty"], [str(tmp_path / "none")]):
        for out in (OUT, tmp_path / "new" / "out"):
            with pytest.raises(InputError), opened(Order(inputs, [style]), out) as session:
                session.plan()
    photos(tmp_path / "in", ["a.png"])
    with opened(Order([tmp_path / "in"], [style]), tmp_path / "out") as session:
        session.plan()
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.name != ".batch.lock") == [NAME]
    assert not (tmp_path / "new").exists() and not (tmp_path / "home").exists() and not memory.find("/out")


def test_what_another_version_painted_is_told(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(order)
    with opened(order, OUT) as session:
        session.manifest.database.execute("UPDATE jobs SET version = '0.0.1' WHERE photo LIKE '%a.png'")
        session.manifest.commit()
    for _ in range(2):
        with opened(order, OUT) as session:
            session.plan()
            assert session.planner.other_versions == {"0.0.1": 1} and session.planner.counts == {"done": 3}
    paint(order, Options(redo=True))
    with opened(order, OUT) as session:
        session.plan()
        assert not session.planner.other_versions


def test_engines_with_processes_refuse_memory(order: Order) -> None:
    with opened(order, OUT) as session:
        session.plan()
        with pytest.raises(InputError, match="would not see it"), session.engine():
            pass


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("nonsense://bucket/x", None, "nonsense:// is no protocol"),
        ("simplecache::s3://bucket/x", None, "a store within another"),
        ("memory://x", PermissionError("Forbidden"), r"memory://x cannot be read: access is denied \(Forbidden\)"),
        ("memory://x", FileNotFoundError("The specified bucket does not exist"), "bucket does not exist.*endpoint"),
        ("memory://x", RuntimeError("Unable to locate credentials\nat all"), "there are no credentials.*AWS_PROFILE"),
        ("memory://x", OSError("Connect call failed"), "the server does not answer"),
        ("memory://x", KeyError("odd"), "cannot be read: KeyError: 'odd'"),
    ],
)
def test_errors_of_drivers_are_one_line(
    name: str, error: Exception | None, words: str, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        assert error is not None
        raise error

    if error is not None:
        monkeypatch.setattr(type(memory), "info", fail)
    with pytest.raises((InputError, ResourceError), match=words) as caught:
        list(find_pictures([name]))
    assert "\n" not in str(caught.value)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    def missing(*_: Any, **__: Any) -> None:
        raise ImportError("Install s3fs to access S3")

    for call, extra in (("s3://a-bucket/x", "s3"), ("gs://a-bucket/x", "gcs")):
        monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
        with pytest.raises(InputError, match=rf"pip install 'portrait-nst\[{extra}\]'"):
            storage.entry_type(locate(call))
