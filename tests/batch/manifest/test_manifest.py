"""The manifest of a folder: locked, read, damaged, edited, removed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Manifest, Options, Order, opened, status
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.errors import InputError
from tests.batch.fake_workers import photos
from tests.batch.runs import OUT, paint


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


def change(out: Path, query: str) -> None:
    database = sqlite3.connect(out / NAME)
    with database:
        database.execute(query)
    database.close()


def test_an_edited_manifest_writes_nowhere_else_and_is_told_of(two_photos: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    paint(two_photos, out)
    change(out, "UPDATE jobs SET output = '../' || output, state = 'failed', error = NULL WHERE photo LIKE '%a.png'")

    with Manifest.read(out) as manifest:
        assert [failure["error"] for failure in status(manifest)["failures"]] == [""]
    paint(two_photos, out)
    assert not (tmp_path / "a-style.png").exists() and (out / "a-style.png").exists()
    change(out, "UPDATE settings SET json = '{'")
    with Manifest.read(out) as manifest, pytest.raises(InputError, match="is damaged"):
        manifest.settings(manifest.value("SELECT hash FROM settings"))
    assert set(paint(two_photos, out, Options(workers=1, redo=True))[0].values()) == {""}, "the command says them anew"


def test_a_manifest_that_holds_nothing_yet_and_a_file_as_folder_are_said(two_photos: Order, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"")
    with pytest.raises(InputError, match="no jobs yet"), Manifest.read(tmp_path):
        pass
    with pytest.raises(InputError, match="is a file; name a folder"), Manifest.copy(tmp_path / "style.png"):
        pass


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
