"""Runs of a batch with a worker that takes no time: what is skipped, what is done again, what is left."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Manifest, Options, Order, opened, status
from portrait_nst.batch.planning import planner
from portrait_nst.cli.batch_output import _print_done
from tests.batch.fake_workers import Negative, photos
from tests.batch.runs import paint, pictures


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


def test_what_is_beyond_the_limit_is_counted_and_neither_entered_nor_read(
    order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []

    def holds_recipe(picture: Path) -> bool:
        looked_at.append(picture.name)
        return False

    monkeypatch.setattr(planner, "holds_recipe", holds_recipe)

    def remaining(limit: int, **how: Any) -> tuple[dict[str, int], int]:
        twice = replace(order, inputs=[*order.inputs, tmp_path / "in" / "c.png"])
        with opened(twice, tmp_path / "out", Options(workers=1, limit=limit, **how), Negative) as session:
            session.plan()
            with session.engine() as engine:
                list(session.paint(engine))
            return dict(session.planner.counts), session.planner.remaining

    assert remaining(1) == ({"new": 1}, 2) and looked_at == ["a.png"]
    assert remaining(1, failed=True)[1] == 0
    assert remaining(1)[1] == 1
    assert remaining(1)[1] == 0
    assert remaining(1) == ({"done": 3, "twice": 1}, 0)
    assert remaining(2, redo=True) == ({"redo": 2, "twice": 1}, 1)
    order = replace(order, settings=order.settings.replace(strength=0.9))
    assert remaining(1)[1] == 2


def test_an_output_that_was_emptied_is_painted_again_and_a_folder_in_its_place_is_said(
    two_photos: Order, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    paint(two_photos, out)
    whole = (out / "a-style.png").read_bytes()
    (out / "a-style.png").write_bytes(b"")
    assert paint(two_photos, out) == ({"a.png": ""}, {"missing": 1, "done": 1})
    assert (out / "a-style.png").read_bytes() == whole
    (out / "a-style.png").unlink()
    (out / "a-style.png").mkdir()
    made, counts = paint(two_photos, out)
    assert "exists already" in made["a.png"] and counts == {"refused": 1, "done": 1}


def test_a_file_where_a_folder_should_be_is_said(two_photos: Order, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sub").write_bytes(b"")
    made, _ = paint(two_photos, tmp_path / "out")
    assert "a part of its path is a file" in made["b.png"] and made["a.png"] == ""


def test_a_failure_names_its_row(order: Order, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    rows = tmp_path / "jobs.csv"
    rows.write_text("photo,output,seed\nin/bad.png,,\nin/a.png,x.png,1\nin/a.png,x.png,2\nin/gone.png,,\n")
    jobs = replace(order, inputs=[], rows=rows)
    with opened(jobs, tmp_path / "out", Options(workers=1), Negative) as session:
        session.plan()
        with session.engine() as engine:
            made = [*session.refused(), *session.paint(engine)]
    for done in made:
        _print_done(done, False)
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("failed: ")]
    assert sorted(line[:26] for line in said) == [f"failed: jobs.csv, line {n}: "[:26] for n in (2, 4, 5)]
    assert all(line.count(str(tmp_path)) == 1 for line in said)
    assert {done.as_dict().get("row") for done in made if done.error} == {f"jobs.csv, line {n}" for n in (2, 4, 5)}
    with Manifest.read(tmp_path / "out") as manifest:
        assert {failure.get("row") for failure in status(manifest)["failures"]} == {
            f"jobs.csv, line {n}" for n in (2, 4, 5)
        }


def test_a_manifest_of_an_older_version_goes_on(order: Order, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    paint(order, out)
    with contextlib.closing(sqlite3.connect(out / "batch.sqlite3")) as database:
        database.execute("ALTER TABLE jobs DROP COLUMN origin")
        database.commit()
    with Manifest.read(out) as manifest:
        assert len(status(manifest)["failures"]) == 1
    assert paint(order, out)[1] == {"done": 3, "failed": 1}
