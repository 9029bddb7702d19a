"""Messages for records that are shown to others."""

from __future__ import annotations

from pathlib import Path

import pytest

from portrait_nst.errors import is_out_of_memory, without_paths


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("The mask /home/anna/a/mask.png is 5x5, expected 3/4 of it.", "The mask mask.png is 5x5, expected 3/4 of it."),
        ("cannot open '/data/x.png': /data/y.png", "cannot open 'x.png': y.png"),
        (r"C:\Users\anna\me.jpg is empty", "me.jpg is empty"),
        ("see https://a.org/b/c.html or s3://bucket/a/b.jpg", "see https://a.org/b/c.html or s3://bucket/a/b.jpg"),
        ("out/me.png exists and/or is a folder", "out/me.png exists and/or is a folder"),
    ],
)
def test_files_are_named_without_their_folders(message: str, shown: str) -> None:
    assert without_paths(message) == shown


def test_the_home_folder_goes_whatever_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "anna maria"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert without_paths(f"{home}/b/me.jpg is no picture; {home} is full") == "me.jpg is no picture;  is full"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA out of memory"), True),
        (RuntimeError("[enforce fail] . DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("a shape does not fit"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_memory_that_ran_out_is_known_whoever_says_so(error: Exception, told: bool) -> None:
    assert is_out_of_memory(error) == told
