"""`kill -9` at random moments, and a disk without room: nothing is lost, nothing is half there, the next run finishes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.batch.fake_workers import photos
from tests.batch.runs import ROOT, SCRIPT, pictures

PICTURES = 24


@pytest.fixture
def script(tmp_path: Path) -> list[str]:
    """A batch of small pictures whose worker only inverts them, as a command."""
    photos(tmp_path / "in", [f"{number}.png" if number % 3 else f"sub/{number}.png" for number in range(PICTURES)])
    photos(tmp_path / "in", ["0.png"])
    (tmp_path / "run.py").write_text(SCRIPT)
    return [sys.executable, str(tmp_path / "run.py"), str(tmp_path / "in")]


def start(script: list[str], out: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [*script, str(out)],
        env=environment,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed_and_finished(script: list[str], tmp_path: Path, kills: int, longest: float) -> int:
    """Kill runs at random moments, `kills` of them in work; the folder is then that of a run in peace. Returns the runs."""
    peace, war = tmp_path / "peace", tmp_path / "war"
    assert start(script, peace).wait() == 0
    chance, died, number = random.Random(7), 0, 0
    while died < kills:
        process = start(script, war)
        if number % 3:  # from the first picture on, when there is something to lose
            assert process.stdout is not None
            process.stdout.readline()
        time.sleep(chance.uniform(0, longest))
        if process.poll() is None:
            if number % 2:
                os.killpg(process.pid, signal.SIGKILL)  # all of it
            else:
                process.kill()  # the one that writes the manifest: its workers must end by themselves
            died += 1
        process.communicate()
        assert all(
            data[:4] == b"\x89PNG" and b"IEND" in data[-12:] for name, data in pictures(war).items() if name[0] != "."
        )
        number += 1
        if process.returncode == 0 and died < kills:  # it was finished: begin again
            for path in war.rglob("*.png"):
                path.unlink()
    last = start(script, war)
    _, errors = last.communicate()
    assert last.returncode == 0, errors
    assert pictures(war) == pictures(peace)  # no temporary file either
    again = start(script, war)
    assert again.communicate()[0] == ""  # and all of it is known to be done
    return number


def test_killed_at_random_moments(script: list[str], tmp_path: Path) -> None:
    killed_and_finished(script, tmp_path, 3, 0.3)


@pytest.mark.slow
def test_killed_at_twenty_random_moments(script: list[str], tmp_path: Path) -> None:
    killed_and_finished(script, tmp_path, 20, 0.5)


def test_a_full_disk(script: list[str], tmp_path: Path) -> None:
    out = tmp_path / "small"
    out.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "none", str(out)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        (out / "ballast").write_bytes(bytes(230_000))
        process = start(script, out)
        _, errors = process.communicate()
        assert process.returncode != 0
        assert "is full" in errors and "Make room" in errors
        assert not list(out.rglob(".portrait-nst-*"))
        before = {name: data for name, data in pictures(out).items() if name.endswith(".png")}
        assert len(before) < PICTURES
        assert all(b"IEND" in data[-12:] for data in before.values())
        subprocess.run(["mount", "-o", "remount,size=8m", str(out)], check=True)
        (out / "ballast").unlink()
        process = start(script, out)
        output, errors = process.communicate()
        assert process.returncode == 0, errors
        after = pictures(out)
        assert len(after) == PICTURES and before.items() <= after.items()
        assert len(output.splitlines()) <= PICTURES - len(before) + 3
    finally:
        subprocess.run(["umount", str(out)], check=True)
