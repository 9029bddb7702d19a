"""Paths in a manifest: from its own folder where there is a common one, and the absolute ones of earlier versions go on."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from portrait_nst.batch import Options, Order
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.batch.manifest.paths import as_location, as_stored, from_folder, shown, to_folder
from portrait_nst.batch.storage import Url
from portrait_nst.settings import Settings
from tests.batch.fake_workers import photos
from tests.batch.runs import paint

OUT = Path("/home/anna/art/out")


@pytest.mark.parametrize(
    ("path", "stored", "said"),
    [
        ("/home/anna/art/out/me.jpg", "{out}/me.jpg", "me.jpg"),
        ("/home/anna/photos/a b/me.jpg", "{out}/../../photos/a b/me.jpg", "../../photos/a b/me.jpg"),
        ("/mnt/photos/me.jpg", "/mnt/photos/me.jpg", "me.jpg"),
        ("red", "red", "red"),
        ("../me.jpg", "../me.jpg", "me.jpg"),
        ("/home/anna/\udcff.jpg", os.fsencode("{out}/../../\udcff.jpg"), "../../\udcff.jpg"),
    ],
)
def test_paths_are_relative_where_they_share_a_folder(path: str, stored: str | bytes, said: str) -> None:
    assert as_stored(Path(path), OUT) == stored
    assert as_location(stored, OUT) == Path(path)
    assert shown(stored) == said


def test_urls_stay_and_folders_in_stores_have_no_paths() -> None:
    url = Url("s3://bucket/photos/me.jpg")
    assert (
        as_stored(url, OUT) == url.text
        and as_location(url.text, OUT) == url
        and shown(f"{url.text}?key=secret") == "me.jpg"
    )
    assert as_stored(Path("/home/me.jpg"), Url("s3://bucket/out")) == "/home/me.jpg"


def test_settings_keep_what_users_gave_relatively() -> None:
    values = {
        "init": "/home/anna/start.png",
        "weights": "../w.npz",
        "more": {"blend": [["/home/anna/s.png", 0.5]]},
        "n": None,
    }
    stored = to_folder(values, OUT)
    assert "anna" not in str(stored) and stored["weights"] == "../w.npz"
    assert from_folder(stored, OUT) == values


def test_a_manifest_of_before_with_absolute_paths_goes_on(tmp_path: Path) -> None:
    """What is done stays done, though the rows and settings have the paths that were written then."""
    photos(tmp_path / "in", ["a.png", "b.png"])
    style, start = photos(tmp_path, ["style.png", "start.png"])
    order = Order([tmp_path / "in"], [style], settings=Settings(init=str(start)))
    out = tmp_path / "out"
    assert paint(order, out) == ({"a.png": "", "b.png": ""}, {"new": 2})
    with closing(sqlite3.connect(out / NAME)) as database:
        assert str(tmp_path) not in "".join(database.iterdump())
        for table, columns in (("jobs", ("photo", "style")), ("settings", ("json",))):
            for column in columns:
                database.execute(f"UPDATE {table} SET {column} = replace({column}, '{{out}}/..', '{tmp_path}')")
        database.commit()
        assert str(tmp_path) in "".join(database.iterdump())
    assert paint(order, out) == ({}, {"done": 2})
    assert paint(order, out, Options(workers=1, redo=True))[1] == {"redo": 2}
    with closing(sqlite3.connect(out / NAME)) as database:
        assert str(tmp_path) not in "".join(database.iterdump()), "what is painted again is written down anew"
