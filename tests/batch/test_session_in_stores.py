"""Runs whose photos and outputs are in a store, by memory:// and a worker in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Manifest, Options, Order, opened, status, write_page
from portrait_nst.batch.manifest import mirror
from portrait_nst.batch.manifest.database import NAME
from portrait_nst.errors import ResourceError
from tests.batch.fake_stores import Here
from tests.batch.fake_workers import Negative
from tests.batch.runs import OUT, paint_into_store, pictures


def test_painted_into_a_store_as_into_a_folder(stored_order: Order, memory: Any, tmp_path: Path) -> None:
    assert paint_into_store(stored_order) == ({"a.png": "", "c.png": "", "b.png": ""}, {"new": 3})
    local = Order([tmp_path / "in"], [tmp_path / "style.png"], settings=stored_order.settings)
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
    made, counts = paint_into_store(stored_order)
    assert counts == {"done": 1, "changed": 1, "missing": 1, "new": 1} and sorted(made) == ["b.png", "bad.png", "c.png"]
    assert "memory://in/bad.png is not a picture" in made["bad.png"]
    memory.pipe_file("/in/a.png", memory.cat_file("/in/a.png"))  # another time, the same bytes
    assert paint_into_store(stored_order, Options(redo=False))[1] == {"done": 3, "failed": 1}
    assert paint_into_store(stored_order, Options(redo=True))[1] == {"redo": 3, "failed": 1}
    with Manifest.read(OUT) as manifest:
        assert status(manifest)["states"] == {"pending": 0, "running": 0, "done": 3, "failed": 1}
        page = write_page(manifest, "memory://pages/page.html")
    assert (
        memory.cat_file("/pages/page.html").count(b"data:image/webp") == 3 and str(page) == "memory://pages/page.html"
    )


def test_what_cannot_be_written_or_read_fails_and_is_retried(
    stored_order: Order, memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = type(memory).put_file

    def put_file(self: Any, lpath: str, rpath: str, **options: Any) -> None:
        if rpath.endswith(("c-style.png", NAME)):
            raise OSError("the store is on fire")
        real(self, lpath, rpath, **options)

    with monkeypatch.context() as patch:
        patch.setattr(mirror, "SECONDS", 0.0)
        with opened(stored_order, OUT) as session:
            session.plan()
            patch.setattr(type(memory), "put_file", put_file)
            made = {done.photo.name: done.error for done in session.paint(Here(Negative))}
            patch.undo()
    assert {name for name, error in made.items() if error} == {"c.png"}
    assert "memory://out/c-style.png cannot be written: OSError: the store is on fire" in made["c.png"]
    made, counts = paint_into_store(stored_order, Options(failed=True))
    assert made == {"c.png": ""} and counts == {"failed": 1, "done": 2}
    with (
        pytest.raises(ResourceError, match=rf"memory://out/{NAME} cannot be written.*known on this machine"),
        opened(stored_order, OUT) as session,
    ):
        session.plan()
        monkeypatch.setattr(type(memory), "put_file", put_file)
    with pytest.raises(ResourceError, match=f"memory://out/{NAME} cannot be written"):
        paint_into_store(stored_order, Options(redo=True))  # before anything is painted
