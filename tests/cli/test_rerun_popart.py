"""A painting that was turned into segments is made again like any other."""

from __future__ import annotations

from pathlib import Path

from .test_commands import QUICK, run


def test_rerun_of_a_painting_in_segments(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    first = run("stylize", small_portrait, small_style, "--popart", "-o", "a.png", *QUICK, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    again = run("rerun", "a.png", "-o", "b.png", "-q", cwd=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "b.png\n", "")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
