"""A network that counts as learned, made of the universal start in no time, and a cache of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portrait_nst import encoders, resources
from portrait_nst.instant import Network, files, store
from portrait_nst.pipeline.inputs import load_style
from portrait_nst.pipeline.instant.networks import paintings
from portrait_nst.pipeline.instant.painters import Painters

QUICK: dict[str, Any] = {"quality": "instant", "threads": 1, "precision": "float32", "device": "cpu"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv(resources.HOME, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def network(small_style: Path) -> Network:
    """What passes for the learned network of the small style."""
    blend = ((load_style(small_style), 1.0),)
    start = Painters().aimed(blend, "whole", encoders.get("embedded"), "cpu", "float32")
    about = replace(start.about, paintings=tuple(paintings(blend)), steps=5, seconds=1.0)
    made = replace(start, about=about, grain=0.02)
    return files.from_bytes(files.to_bytes(made))


@pytest.fixture
def kept(network: Network, home: Path) -> Path:
    """The same in the cache."""
    path = store.keep(network)
    assert path is not None and path.is_relative_to(home)
    return path


@pytest.fixture(scope="session")
def learned_file(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in a file to give away."""
    return files.save(network, tmp_path_factory.mktemp("learned") / "waves.safetensors")
