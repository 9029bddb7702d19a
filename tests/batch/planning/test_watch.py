"""New pictures in watched folders."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from portrait_nst.batch import Options, Order, opened
from portrait_nst.batch.planning import watch
from tests.batch.fake_workers import Negative, photos
from tests.batch.runs import pictures


def test_a_folder_that_is_moved_into_a_watched_one_is_painted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "QUIET", 0.1)
    monkeypatch.setattr(watch, "INTERVAL", 0.05)
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


def test_new_pictures_are_taken_once_they_are_whole(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET", 0.6)
    monkeypatch.setattr(watch, "INTERVAL", 0.1)
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
