"""What makes two runs of a comparison the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from portrait_nst import Photo, Settings
from portrait_nst.report.grid import Grid


def test_a_file_that_is_called_like_a_value_makes_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only files that settings name count: "draft" is a quality, also where a file in the working folder is called so."""
    monkeypatch.chdir(tmp_path)
    photo = Photo(np.zeros((8, 8, 3), np.uint8))
    settings = Settings(quality="draft", style_region="mask.png")
    before = Grid(photo, photo, None, tmp_path / "grid", None).key(settings)
    for word in ("draft", "auto", "keep", "content", "embedded", "all", "soft"):
        Path(word).write_bytes(b"something")
    assert Grid(photo, photo, None, tmp_path / "grid", None).key(settings) == before
    Path("mask.png").write_bytes(b"mask")
    after = Grid(photo, photo, None, tmp_path / "grid", None).key(settings)
    assert after["files"] == {"style_region": hashlib.sha256(b"mask").hexdigest()} and before["files"] == {}
