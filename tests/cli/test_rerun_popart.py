"""A painting that was turned into segments is made again like any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from .test_commands import run, run_process

QUICK = ["--size", "64", "--iterations", "2", "--threads", "1"]


@pytest.mark.slow
def test_rerun_of_a_painting_in_segments(samples: Path, small_style: Path, tmp_path: Path) -> None:
    # Pop art works at a face of 300 px whatever the photo's size, so that only a close crop leaves it little to divide.
    with Image.open(samples / "grace_hopper.jpg") as image:
        close = image.convert("RGB").crop((128, 60, 408, 396)).resize((80, 96), Image.Resampling.LANCZOS)
    close.save(tmp_path / "photo.png")
    first = run("stylize", "photo.png", small_style, "--popart", "-o", "a.png", *QUICK, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    again = run_process("rerun", "a.png", "--input", small_style.parent, "-o", "b.png", "-q", cwd=tmp_path)
    assert (again.returncode, again.stdout, again.stderr) == (0, "b.png\n", "")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
