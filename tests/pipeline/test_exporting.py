"""`portrait_nst.export`: blends, and what is written."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

import portrait_nst
from portrait_nst import InputError


def test_a_blend_is_exported_and_saved(
    small_style: Path, small_portrait: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    made = portrait_nst.export([small_style, (small_portrait, 0.5)])
    assert made.difference < 0.5 / 255
    assert len(made.notes) == 1 and "waves.png and grace.png" in made.notes[0]
    path = made.save(tmp_path / "net.onnx")
    assert "waves.png, grace.png" in onnx.load(path).doc_string
    with pytest.raises(InputError, match="exists already"):
        made.save(path)
    assert made.save(path, overwrite=True) == path
