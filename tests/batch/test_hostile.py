"""What a newcomer, or somebody's folder, does to a batch: each of these hung it, ended it, or was told wrongly."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portrait_nst.batch import Manifest, Options, Order, check, opened, storage
from portrait_nst.batch.manifest import database
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.batch.manifest.digests import named_by
from portrait_nst.batch.planning import estimate, watch
from portrait_nst.batch.planning.jobs import plan
from portrait_nst.batch.planning.rows import read
from portrait_nst.batch.workers.local import LocalEngine
from portrait_nst.batch.workers.ray import check_room
from portrait_nst.batch.workers.task import Conditions, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.settings import Settings
from tests.batch.fake_workers import Negative, photos


@pytest.fixture
def order(tmp_path: Path) -> Order:
    photos(tmp_path / "in", ["a.png", "sub/b.png"])
    style = photos(tmp_path, ["style.png"])[0]
    return Order([tmp_path / "in"], [style], settings=Settings(device="cpu", region="all"))


def paint(order: Order, out: Path, options: Options | None = None) -> tuple[dict[str, str], dict[str, int]]:
    with opened(order, out, options or Options(workers=1), Negative) as session:
        session.plan()
        made = {done.photo.name: done.error for done in session.refused()}
        with session.engine() as engine:
            made |= {done.photo.name: done.error for done in session.paint(engine)}
        return made, dict(session.planner.counts)


def errors(file: Path) -> list[str]:
    return [job.error for job in plan(Order([], [Path("style.png")], file), file.parent / "out")]


def change(out: Path, query: str) -> None:
    database = sqlite3.connect(out / NAME)
    with database:
        database.execute(query)
    database.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no such pipes")
def test_a_pipe_among_photos_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert storage.fingerprint(pipe) is None
    assert estimate.picture_size(storage.open_header(pipe)) is None
    with pytest.raises(InputError, match=r"pipe\.jpg is a pipe"):
        storage.read(pipe)


def test_rows_that_cannot_be_used_leave_the_others(tmp_path: Path) -> None:
    lines = [
        '{"photo": "\\ud800.jpg"}',
        '{"photo": "a.jpg", "output": "\\udfff\\ud800.png"}',
        '{"photo": "a.jpg", "blend": ["\\ud800.png"]}',
        '{"photo": "a.jpg", "kind": "popart", "grid": []}',
        '{"photo": "a.jpg", "kind": "popart", "grid": {"x": 1}}',
        '{"photo": "a.jpg", "weights": 5}',
        "[" * 100_000,
        '\ufeff{"photo": "a.jpg"}',
    ]
    (tmp_path / "jobs.jsonl").write_text("\n".join(lines), "utf-8")
    found = errors(tmp_path / "jobs.jsonl")
    for error, words in zip(
        found,
        ["name of a file"] * 2 + ["must name files"] + ["columns x rows"] * 2 + ["weights must be a text", "no JSON"],
    ):
        assert words in error and "line" not in error.split("(")[0]  # the row is named by what stands before it
    assert found[7:] == [""]


def test_a_csv_that_says_one_thing_twice_or_nothing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    for head, words in (
        ("photo,photo", "'photo' twice"),
        ("photo,tv-weight,tv_weight", "'tv_weight' twice"),
        ("photo;strength", "divided by commas.*'photo;strength'"),
        ("", "It is empty"),
    ):
        file.write_text(f"{head}\n" if head else "")
        with pytest.raises(InputError, match=words):
            list(read(file))


@pytest.mark.parametrize(("name", "words"), [("", "name is empty"), ("s3://", "no bucket"), ("gs:///", "no bucket")])
def test_empty_names_are_refused(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        storage.locate(name)


def test_a_long_list_of_colours_is_no_file_whose_name_is_too_long() -> None:
    assert named_by(Settings(), ",".join(["#102030"] * 40)) == []


def test_memory_without_end_is_refused() -> None:
    for memory in (float("inf"), float("nan"), 0.0):
        with pytest.raises(InputError, match="memory must be"):
            Options(memory=memory)


def test_an_output_that_was_emptied_is_painted_again_and_a_folder_in_its_place_is_said(
    order: Order, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    paint(order, out)
    whole = (out / "a-style.png").read_bytes()
    (out / "a-style.png").write_bytes(b"")
    assert paint(order, out) == ({"a.png": ""}, {"missing": 1, "done": 1})
    assert (out / "a-style.png").read_bytes() == whole
    (out / "a-style.png").unlink()
    (out / "a-style.png").mkdir()
    made, counts = paint(order, out)
    assert "exists already" in made["a.png"] and counts == {"refused": 1, "done": 1}


def test_a_file_where_a_folder_should_be_is_said(order: Order, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sub").write_bytes(b"")
    made, _ = paint(order, tmp_path / "out")
    assert "a part of its path is a file" in made["b.png"] and made["a.png"] == ""


def test_an_edited_manifest_writes_nowhere_else_and_is_told_of(order: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    paint(order, out)
    change(out, "UPDATE jobs SET output = '../' || output, state = 'failed', error = NULL WHERE photo LIKE '%a.png'")
    from portrait_nst.batch import status

    with Manifest.read(out) as manifest:
        assert [failure["error"] for failure in status(manifest)["failures"]] == [""]
    paint(order, out)
    assert not (tmp_path / "a-style.png").exists() and (out / "a-style.png").exists()
    change(out, "UPDATE settings SET json = '{'")
    with pytest.raises(InputError, match="is damaged"):
        paint(order, out, Options(workers=1, redo=True))


def test_a_manifest_that_holds_nothing_yet_and_a_file_as_folder_are_said(order: Order, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"")
    with pytest.raises(InputError, match="no jobs yet"), Manifest.read(tmp_path):
        pass
    with pytest.raises(InputError, match="is a file; name a folder"), Manifest.copy(tmp_path / "style.png"):
        pass


def test_a_full_disk_is_called_so_when_sqlite_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=4096))
    with pytest.raises(ResourceError, match="is full"), database.translated_errors(tmp_path):
        raise sqlite3.OperationalError("disk I/O error")
    assert not database.is_full(OSError(errno.EIO, "I/O error"))


def test_a_device_that_is_not_here_is_said_before_workers_start(order: Order, tmp_path: Path) -> None:
    import torch

    name = next(
        (
            n
            for n, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()))
            if not there
        ),
        None,
    )
    if name is None:
        pytest.skip("every device is here")
    asked = Order(order.inputs, order.styles, settings=order.settings.replace(device=name))
    with opened(asked, tmp_path / "out", Options(workers=1), Negative) as session:
        session.plan()
        with pytest.raises(ResourceError, match=f"no {name} device"), session.engine():
            pass


def test_a_file_of_the_settings_that_is_not_there_is_said_before_anything_is_painted(order: Order) -> None:
    asked = Order(order.inputs, order.styles, settings=order.settings.replace(coarse_style="nope.jpg"))
    with pytest.raises(InputError, match=r"--coarse-style nope\.jpg is no file"):
        check(asked, "out")


def test_actors_that_could_never_start_are_refused() -> None:
    check_room({"CPU": 2.0}, 2, 1.0, 0.0)
    with pytest.raises(ResourceError, match=r"8 workers with 1 CPU each.*finds 2"):
        check_room({"CPU": 2.0}, 8, 1.0, 0.0)
    with pytest.raises(ResourceError, match=r"0\.25 GPU each.*finds 0 here.*--gpus"):
        check_room({"CPU": 2.0}, 1, 1.0, 0.25)


class Broken(PaintWorker):
    """Cannot be set up: its process ends with status 1."""

    def __init__(self, conditions: Conditions) -> None:
        raise SystemExit(1)


def test_the_exit_status_is_that_of_the_process_and_not_of_its_burial(tmp_path: Path) -> None:
    engine = LocalEngine(Conditions("cpu"), 1, Broken)
    task = Task(1, tmp_path / "a.png", None, None, "stylize", Settings(), None, tmp_path / "b.png")
    given: Iterator[Task] = iter([task])
    try:
        outcomes = list(engine.work(lambda: next(given, None)))
    finally:
        engine.close()
    assert len(outcomes) == 1 and "exit status 1). What it said" in outcomes[0].error


def test_a_folder_that_is_moved_into_a_watched_one_is_painted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUIET", 0.1)
    monkeypatch.setattr(watch, "LOOK", 0.05)
    (tmp_path / "inbox").mkdir()
    photos(tmp_path / "stage", ["deep/x.png", "deep/.hidden/y.png"])
    stop = threading.Event()
    timer = threading.Timer(0.5, lambda: (tmp_path / "stage").rename(tmp_path / "inbox" / "album"))
    end = threading.Timer(5, stop.set)
    timer.start()
    end.start()
    try:
        found = next(watch.arrivals([tmp_path / "inbox"], tmp_path / "out", stop), [])
    finally:
        timer.cancel()
        end.cancel()
        stop.set()
    assert [str(one.relative) for one in found] == [os.path.join("album", "deep", "x.png")]  # noqa: PTH118


def test_dry_run_json_keeps_names_that_are_no_text(
    order: Order, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from portrait_nst.cli import batching

    name = os.fsdecode(b"\xff.png")
    try:
        (tmp_path / "in" / name).write_bytes((tmp_path / "in" / "a.png").read_bytes())
    except OSError:
        pytest.skip("the file system holds text only")
    batching.dry_run(order, str(tmp_path / "out"), Options(workers=1), as_json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert str(tmp_path / "in" / name) in [row.get("photo") for row in rows]
