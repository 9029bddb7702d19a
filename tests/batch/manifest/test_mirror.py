"""The manifest of a folder in a store: another machine goes on, and what a kill between two copies costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Order, opened
from portrait_nst.batch.manifest import mirror
from portrait_nst.batch.manifest.database import NAME
from tests.batch.fake_stores import Killed, put
from tests.batch.fake_workers import photos
from tests.batch.runs import OUT, other_machine, paint_into_store


def test_another_machine_goes_on(
    stored_order: Order, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(memory, photos(tmp_path / "in", ["d.png", "e.png"]), tmp_path / "in", "/in")
    with pytest.raises(Killed):
        paint_into_store(stored_order, stop_after=2)
    assert len(memory.find("/out")) == 4  # one more than is known of, and the manifest
    first = {name: memory.cat_file(name) for name in memory.find("/out")}
    other_machine(monkeypatch, tmp_path)
    assert paint_into_store(stored_order)[1] == {"done": 2, "unfinished": 1, "new": 2}
    other_machine(monkeypatch, tmp_path, "home")
    assert paint_into_store(stored_order)[1] == {"done": 5}
    assert all(memory.cat_file(name) == data for name, data in first.items() if name.endswith(".png"))


def test_killed_between_copies(
    stored_order: Order, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = mirror.Mirror.publish
    monkeypatch.setattr(mirror.Mirror, "publish_if_due", lambda *_: None)
    monkeypatch.setattr(
        mirror.Mirror,
        "publish",
        lambda self, database, *, closed=False: None if closed else published(self, database, closed=closed),
    )
    with pytest.raises(Killed):
        paint_into_store(stored_order, stop_after=1)  # two are there; their manifest knows of none
    monkeypatch.undo()
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    own = (tmp_path / "home").rename(tmp_path / "kept")
    other_machine(monkeypatch, tmp_path)
    with opened(stored_order, OUT) as session:
        session.plan()
        assert dict(session.planner.counts) == {"unfinished": 3}  # not refused as somebody else's
    memory.rm_file(f"/out/{NAME}")
    other_machine(monkeypatch, tmp_path, own.name)
    with opened(stored_order, OUT) as session:  # it was removed there: a new beginning, and what lies there is not ours
        session.plan()
        assert dict(session.planner.counts) == {"refused": 2, "new": 1}


def test_on_the_same_machine_nothing_is_done_twice(
    stored_order: Order, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "SECONDS", 1e9)
    real = mirror.Mirror.publish
    monkeypatch.setattr(mirror.Mirror, "publish", lambda self, db, *, closed=False: None if closed else real(self, db))
    with pytest.raises(Killed):
        paint_into_store(stored_order, stop_after=2)
    monkeypatch.setattr(mirror.Mirror, "publish", real)
    assert paint_into_store(stored_order)[1] == {"done": 2, "unfinished": 1}
