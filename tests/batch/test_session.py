"""Runs of a batch with a worker that takes no time: what is skipped, what is done again, who dies, what is left."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portrait_nst.batch import Done, Manifest, Options, Order, opened, status, write_page
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.batch.planning import estimate, watch
from portrait_nst.batch.workers.task import Conditions
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.errors import InputError, ResourceError
from portrait_nst.settings import Settings
from tests.batch.fake_workers import Deadly, Negative, Overlapping, photos


@pytest.fixture
def order(tmp_path: Path) -> Order:
    photos(tmp_path / "in", ["a.png", "sub/b.png", "c.png"])
    (tmp_path / "style.png").write_bytes((tmp_path / "in" / "a.png").read_bytes())
    return Order([tmp_path / "in"], [tmp_path / "style.png"], settings=Settings(device="cpu", region="all"))


def paint(
    order: Order, out: Path, options: Options | None = None, worker: Callable[[Conditions], PaintWorker] = Negative
) -> tuple[dict[str, str], dict[str, int]]:
    """({photo: error} of what was painted, the counts of the plan)."""
    with opened(order, out, options or Options(workers=1), worker) as session:
        session.plan()
        with session.engine() as engine:
            made = {done.photo.name: done.error for done in session.paint(engine)}
        return made, dict(session.planner.counts)


def pictures(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("batch.", ".batch")))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_done_is_skipped_and_what_changed_failed_or_is_gone_is_done(order: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    made, counts = paint(order, out)
    assert [name for name, error in made.items() if error] == ["bad.png"] and counts == {"new": 4}
    first = pictures(out)
    assert sorted(first) == ["a-style.png", "c-style.png", "sub/b-style.png"]
    assert paint(order, out) == (
        {"bad.png": made["bad.png"]},
        {"done": 3, "failed": 1},
    )
    photos(tmp_path / "in", ["bad.png"])
    os.utime(tmp_path / "in" / "a.png", (1, 1))  # another time, the same bytes
    (tmp_path / "in" / "c.png").write_bytes(photos(tmp_path, ["other.png"])[0].read_bytes())
    (out / "sub" / "b-style.png").unlink()
    made, counts = paint(order, out)
    assert made == {"bad.png": "", "c.png": "", "b.png": ""}
    assert counts == {"done": 1, "failed": 1, "changed": 1, "missing": 1}
    assert pictures(out)["c-style.png"] != first["c-style.png"]
    stronger = Order(order.inputs, order.styles, settings=order.settings.replace(strength=0.9))
    assert paint(stronger, out)[1] == {"changed": 4}
    assert paint(Order(order.inputs, order.styles, settings=stronger.settings.replace(threads=1)), out)[1] == {
        "done": 4
    }
    (tmp_path / "style.png").write_bytes(b"another style")
    assert paint(stronger, out)[1] == {"changed": 4}


def test_foreign_files_are_not_overwritten(order: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a-style.png").write_bytes(b"mine")
    with opened(order, out, Options(workers=1), Negative) as session:
        session.plan()
        refused = list(session.refused())
    assert [done.photo.name for done in refused] == ["a.png"] and "--force" in refused[0].error
    assert (out / "a-style.png").read_bytes() == b"mine"
    made, _ = paint(order, out, Options(workers=1, force=True))
    assert len(made) == 3 and (out / "a-style.png").read_bytes() != b"mine"
    (out / "a-style.png").write_bytes(b"retouched")
    assert paint(order, out)[1] == {"done": 3}
    stronger = Order(order.inputs, order.styles, settings=order.settings.replace(strength=0.9))
    assert paint(stronger, out)[1] == {"changed": 2, "refused": 1}
    assert (out / "a-style.png").read_bytes() == b"retouched"


def test_painted_into_the_photos_own_folder(order: Order, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    assert paint(order, folder)[1] == {"new": 3}
    made, counts = paint(order, folder)
    assert made == {} and counts["done"] == 3 and "new" not in counts


def test_limit_and_retry_failed(order: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bad = tmp_path / "in" / "0.png"
    bad.write_bytes(b"no picture")
    assert list(paint(order, out, Options(workers=1, limit=2))[0]) == ["0.png", "a.png"]
    made, counts = paint(order, out, Options(workers=1, failed=True))
    assert list(made) == ["0.png"] and counts == {"failed": 1, "done": 1, "left": 2}
    assert paint(order, out)[1] == {"failed": 1, "done": 1, "new": 2}


def test_a_worker_that_dies_is_replaced_and_its_pictures_are_tried_again(tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.png", "accident.png", "b.png", "death.png", "e.png", "f.png"])
    out = tmp_path / "out"
    order = Order([tmp_path / "in"], [tmp_path / "in" / "a.png"], settings=Settings(device="cpu"))
    made, _ = paint(order, out, Options(workers=2), Deadly)
    assert {name for name, error in made.items() if error} == {"death.png"}
    assert "died 3 times (exit status 9)" in made["death.png"]
    assert {"accident.png", "b.png", "e.png", "f.png"} <= set(made)
    assert not [name for name in pictures(out) if name.endswith(".tmp")]


def test_reading_painting_and_saving_overlap(tmp_path: Path) -> None:
    photos(tmp_path / "in", [f"{number}.png" for number in range(8)])
    order = Order([tmp_path / "in"], [tmp_path / "in" / "0.png"], settings=Settings(device="cpu"))
    times = []
    with opened(order, tmp_path / "out", Options(workers=1), Overlapping) as session:
        session.plan()
        with session.engine() as engine:
            for _ in session.paint(engine):
                times.append(time.monotonic())
    assert times[-1] - times[0] < 6 * 0.3 * 0.8  # one after the other they would take 0.3 s each


def test_memory_paints_smaller_or_refuses_by_name() -> None:
    settings = Settings(method="gram", size=2048)
    assert estimate.fit("stylize", settings, (3000, 3000), 99e9, "me.jpg") == (settings, "")
    smaller, note = estimate.fit("stylize", settings, (3000, 3000), 1.3e9, "me.jpg")
    assert 256 <= int(smaller.size or 0) < 2048 and "instead of 2048" in note
    assert estimate.memory("stylize", smaller, (3000, 3000)) <= 1.3e9
    assert estimate.fit("stylize", settings, (3000, 3000), 2e9, "me.jpg") == (settings, "")  # in windows
    with pytest.raises(ResourceError, match=r"me.jpg needs at least .* GB"):
        estimate.fit("stylize", settings, (3000, 3000), 1e9, "me.jpg")
    with pytest.raises(ResourceError, match=r"me.jpg"):
        estimate.fit("popart", settings, (30000, 30000), 3e9, "me.jpg")
    assert [estimate.workers(2e9, left, 32, "cpu") for left in (128e9, 20e9, 1e9)] == [32, 9, 1]
    assert [estimate.workers(2e9, 128e9, cores, "cuda") for cores in (32, 2)] == [8, 1]


def test_two_batches_do_not_paint_into_one_folder(order: Order, tmp_path: Path) -> None:
    with (
        opened(order, tmp_path / "out"),
        pytest.raises(InputError, match="Another batch"),
        opened(order, tmp_path / "out"),
    ):
        pass


def test_a_manifest_that_is_none_or_of_another_version(order: Order, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / NAME).write_text("no database " * 100)
    with pytest.raises(InputError, match="no manifest, or damaged"), opened(order, tmp_path / "out"):
        pass
    (tmp_path / "out" / NAME).unlink()
    with sqlite3.connect(tmp_path / "out" / NAME) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(InputError, match="format 99"), opened(order, tmp_path / "out"):
        pass
    with pytest.raises(InputError, match="no output folder"), Manifest.read(tmp_path):
        pass


def test_status_page_and_values(order: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "in" / "<b>.png").write_bytes(b"no picture")
    paint(order, out)
    with Manifest.read(out) as manifest:
        facts = status(manifest)
        write_page(manifest, tmp_path / "page.html")
        page = (tmp_path / "page.html").read_text()
    assert facts["states"] == {"pending": 0, "running": 0, "done": 3, "failed": 1} and not facts["locked"]
    assert "no picture" not in page and "&lt;b&gt;.png" in page and "<b>.png" not in page
    assert page.count("data:image/webp") == 3 and "http" not in page.replace("http-equiv", "")
    assert json.dumps(Done(Path("a"), None, None).as_dict())


def test_new_pictures_are_taken_once_they_are_whole(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET", 0.6)
    monkeypatch.setattr(watch, "LOOK", 0.1)
    folder, stop, seen = tmp_path / "in", threading.Event(), []
    data = photos(tmp_path, ["later.png"])[0].read_bytes()

    def write_slowly() -> None:
        time.sleep(0.3)
        with (folder / "sub" / "new.png").open("wb") as file:
            for start in range(0, len(data), len(data) // 5 + 1):
                file.write(data[start : start + len(data) // 5 + 1])
                file.flush()
                time.sleep(0.2)

    with opened(order, folder / "out", Options(workers=1), Negative) as session:
        session.plan()
        with session.engine() as engine:
            writer = threading.Thread(target=write_slowly)
            timer = threading.Timer(60, stop.set)
            timer.start()
            for done in session.watch(engine, stop):
                seen.append((done.photo.name, done.error))
                if len(seen) == 3:
                    writer.start()
                if len(seen) == 4:
                    stop.set()
            timer.cancel()
    assert seen[3] == ("new.png", "")
    assert (folder / "out" / "sub" / "new-style.png").is_file()
    assert sorted(pictures(folder / "out")) == ["a-style.png", "c-style.png", "sub/b-style.png", "sub/new-style.png"]
