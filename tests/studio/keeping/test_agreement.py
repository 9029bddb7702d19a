"""Rows and files agree after `kill -9` at any moment, and after somebody's hand."""

from __future__ import annotations

import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portrait_nst.studio.keeping.agreement import GONE
from portrait_nst.studio.keeping.keeping import Keeping, Missing
from tests.studio.keeping.test_keeping import GIGABYTE, added, job

BUSY = """
import itertools, os, random, sys, threading, time
from pathlib import Path
from portrait_nst.imaging.atomic import write_atomic
from portrait_nst.studio.keeping.keeping import Keeping, Missing, InUse
from portrait_nst.studio.records import Job

def say(what, id):
    os.write(1, f"{what} {id}\\n".encode())  # in one piece, whatever the other threads say

def work(keeping, seed):
    rng = random.Random(seed)
    for number in itertools.count():
        source = keeping.incoming()
        source.write_bytes(rng.randbytes(rng.choice((10, 100_000))))
        photo = keeping.add("photo", source, "me.jpg", width=1, height=1)
        say("+", photo.id)
        write_atomic(keeping.aside(photo.id, "view-64"), b"view" * 1000, overwrite=True)
        mask = keeping.incoming()
        mask.write_bytes(b"%d %d" % (seed, number))
        keeping.add("mask", mask, "mask.png", width=1, height=1, of=photo.id)
        id = f"{rng.getrandbits(64):016x}"
        keeping.put(Job(id, "stylize", {"photo": photo.id}, "waiting", 1.0, time.time()))
        keeping.change(id, state="running", attempts=1)
        write_atomic(keeping.aside(id, "result.png"), b"result" * 1000, overwrite=True)
        keeping.change(id, state="done", ended=time.time())
        say("j", id)
        if number % 2:
            say("-", photo.id)
            keeping.forget(photo.id)

with Keeping.open(Path(sys.argv[1]), 10**9) as keeping:
    say("open", "")
    for seed in range(4):
        threading.Thread(target=work, args=(keeping, seed + int(sys.argv[2]) * 10), daemon=True).start()
    time.sleep(60)
"""


def check(home: Path) -> tuple[set[str], set[str]]:
    """Open `home`, see that rows and files agree, and return the ids of its photos and jobs."""
    with Keeping.open(home, GIGABYTE) as keeping:
        things = [thing for kind in ("photo", "mask") for thing in keeping.things(kind, None)]
        assert {path.name for path in (home / "things").iterdir()} == {thing.id for thing in things}
        photos = {thing.id for thing in things if thing.kind == "photo"}
        for thing in things:
            assert keeping.file(thing.id).stat().st_size == thing.size
            assert not thing.of or thing.of in photos
        jobs = keeping.jobs(limit=None)
        assert {path.name for path in (home / "jobs").iterdir()} == {job.id for job in jobs}
        for each in jobs:
            if each.state == "done":
                assert (home / "jobs" / each.id / "result.png").stat().st_size == 6000
        assert list((home / "incoming").iterdir()) == []
        assert list(home.rglob(".portrait-nst-*")) == []
        return photos, {job.id for job in jobs if job.state == "done"}


@pytest.mark.parametrize("rounds", [10, pytest.param(80, marks=pytest.mark.slow)])
def test_after_kill_9_at_any_moment_rows_and_files_agree(tmp_path: Path, rounds: int) -> None:
    home, rng = tmp_path / "home", random.Random(5)
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    brought: set[str] = set()
    painted: set[str] = set()
    for turn in range(rounds):
        process = subprocess.Popen(
            [sys.executable, str(script), str(home), str(turn)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline().startswith("open")
        said = "".join(process.stdout.readline() for _ in range(rng.randrange(16)))  # however slow the machine is
        time.sleep(rng.uniform(0.0, 0.02))
        process.send_signal(signal.SIGKILL)
        said += process.communicate()[0]
        lines = re.findall(r"^([+j-]) ([0-9a-f]{16})$", said, re.MULTILINE)
        brought |= {id for what, id in lines if what == "+"}
        brought -= {id for what, id in lines if what == "-"}
        painted |= {id for what, id in lines if what == "j"}
        photos, done = check(home)
        assert brought <= photos, "what was said to be kept is kept"
        assert painted <= done, "what was said to be painted is there"
    assert len(painted) >= rounds


def test_what_lies_there_without_a_row_goes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Keeping.open(home, GIGABYTE) as keeping:
        photo = added(keeping, b"a")
    for place in ("things/00000000000000ff", "jobs/00000000000000ff", "incoming"):
        (home / place).mkdir(exist_ok=True)
        (home / place / "file").write_bytes(b"left")
    (home / "things" / photo.id / ".portrait-nst-0123.tmp").write_bytes(b"half")
    assert check(home) == ({photo.id}, set())


def test_rows_whose_files_are_gone_say_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Keeping.open(home, GIGABYTE) as keeping:
        photo, short, stays = added(keeping, b"a"), added(keeping, b"bb"), added(keeping, b"c")
        mask = added(keeping, b"m", "mask", of=photo.id)
        for number, state in ((1, "done"), (2, "done"), (3, "waiting")):
            keeping.put(job(number, stays.id, state=state))
        keeping.aside(job(2).id, "result.png").write_bytes(b"result" * 1000)
    shutil.rmtree(home / "things" / photo.id)
    (home / "things" / short.id / "file").write_bytes(b"b")
    for number in (1, 3):
        shutil.rmtree(home / "jobs" / job(number).id)
    assert check(home) == ({stays.id}, {job(2).id})
    with Keeping.open(home, GIGABYTE) as keeping:
        with pytest.raises(Missing):
            keeping.thing(mask.id)
        assert (keeping.job(job(1).id).state, keeping.job(job(1).id).error) == ("failed", GONE)
        assert keeping.job(job(3).id).state == "waiting"
    shutil.rmtree(home / "things")
    with Keeping.open(home, GIGABYTE) as keeping:
        assert keeping.things("photo") == []
