"""Styles by name, beside a file in a store."""

from __future__ import annotations

from pathlib import Path

from portrait_nst.batch import storage
from tests.batch.fake_stores import empty_memory, put


def test_a_name_in_rows_from_a_store(library: Path, tmp_path: Path) -> None:
    memory = empty_memory()
    assert storage.resolve_style(storage.locate("memory://bucket/jobs"), "Red") == Path("red")
    put(memory, [library / "red.png"], library, "/bucket/jobs")
    memory.mv("/bucket/jobs/red.png", "/bucket/jobs/red")
    assert str(storage.resolve_style(storage.locate("memory://bucket/jobs"), "red")) == "memory://bucket/jobs/red"
    empty_memory()
