"""The folder where downloads and results are kept, or that there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portrait_nst import resources
from portrait_nst.errors import ResourceError


def test_a_folder_is_made_where_things_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(resources.HOME, str(tmp_path / "home"))
    assert resources.kept_folder("targets") == tmp_path / "home" / "targets"
    assert (tmp_path / "home" / "targets").is_dir()


def test_where_nothing_can_be_written_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(resources.HOME, os.devnull)
    assert resources.kept_folder("targets") is None


def test_a_user_without_a_home_is_told_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv(resources.HOME, raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    assert resources.kept_folder("targets") is None
    with pytest.raises(ResourceError, match=resources.HOME):
        resources.cache_folder()
