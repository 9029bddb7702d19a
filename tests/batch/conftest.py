"""Orders that tests paint, and a store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Order
from portrait_nst.settings import Settings
from tests.batch.fake_stores import empty_memory, put
from tests.batch.fake_workers import photos


@pytest.fixture
def order(tmp_path: Path) -> Order:
    photos(tmp_path / "in", ["a.png", "sub/b.png", "c.png"])
    (tmp_path / "style.png").write_bytes((tmp_path / "in" / "a.png").read_bytes())
    return Order([tmp_path / "in"], [tmp_path / "style.png"], settings=Settings(device="cpu", region="all"))


@pytest.fixture
def two_photos(tmp_path: Path) -> Order:
    photos(tmp_path / "in", ["a.png", "sub/b.png"])
    style = photos(tmp_path, ["style.png"])[0]
    return Order([tmp_path / "in"], [style], settings=Settings(device="cpu", region="all"))


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    yield empty_memory()
    empty_memory()


@pytest.fixture
def stored_order(memory: Any, tmp_path: Path) -> Order:
    put(memory, photos(tmp_path / "in", ["a.png", "c.png", "sub/b.png"]), tmp_path / "in", "/in")
    put(memory, photos(tmp_path, ["style.png"]), tmp_path, "/styles")
    return Order(["memory://in"], ["memory://styles/style.png"], settings=Settings(device="cpu"))


@pytest.fixture
def here(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a folder of one photo."""
    folder = tmp_path / "here"
    photos(folder, ["in/a.png"], 64)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    return folder
