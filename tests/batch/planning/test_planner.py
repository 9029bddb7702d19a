"""What the planner enters into the manifest: jobs that are told apart, and how much memory many of them take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from portrait_nst.batch import Manifest, Options, Order, Planner, opened, plan
from tests.batch.fake_workers import photos
from tests.batch.runs import OUT, paint_into_store

STYLE = Path("/styles/waves.png")


def test_rows_of_one_photo_with_other_settings_are_two_jobs_and_equal_ones_are_one(tmp_path: Path) -> None:
    photos(tmp_path, ["a.png"])
    (tmp_path / "jobs.csv").write_text(
        "photo,strength,output\na.png,0.3,\na.png,0.7,\na.png,0.3,\na.png,0.3,x.png\na.png,0.4,x.png\n"
    )
    with Manifest.open(tmp_path / "out") as manifest:
        planner = Planner(manifest)
        planner.enter_all(plan(Order([], [STYLE], tmp_path / "jobs.csv"), tmp_path / "out"))
        assert (planner.counts["new"], planner.counts["twice"], planner.counts["refused"]) == (3, 1, 1)
        assert len({row["output"] for row in manifest.todo()}) == 3


MANY = """
import re, sys
from pathlib import Path
from portrait_nst.batch import Manifest, Order, Planner, plan

def planned(folder, out):
    with Manifest.open(out) as manifest:
        planner = Planner(manifest)
        planner.enter_all(plan(Order([folder], [Path(f"/styles/{name}.png") for name in "abcde"]), out))
        assert sum(1 for row in manifest.todo()) == planner.todo
    # Not getrusage: what it tells of a child process begins with the peak of its parent.
    return planner.todo, int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

work = Path(sys.argv[1])
print(*planned(work / "few", work / "out-few"), *planned(work / "many", work / "out-many"))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("each", [1000, pytest.param(5000, marks=pytest.mark.slow)])
def test_the_memory_of_planning_does_not_grow_with_the_jobs(each: int, tmp_path: Path) -> None:
    """Here 20,000 jobs, and with `-m slow` 100,000; 500 take as much."""
    for folder, count in [("few", 100), *((f"many/{number}", each) for number in range(4))]:
        (tmp_path / folder).mkdir(parents=True)
        for picture in range(count):
            (tmp_path / folder / f"selfie-{picture:05d}.jpg").touch()
    command = [sys.executable, "-c", MANY, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    few, before, many, after = map(int, done.stdout.split())
    assert (few, many) == (500, 20 * each)
    print(f"{many} jobs planned in {after / 1024:.0f} MB, {few} in {before / 1024:.0f} MB")
    assert after * 1024 < 300e6 and (after - before) * 1024 < 10e6


def test_the_picture_of_a_name_is_not_overwritten(here: Path, library: Path) -> None:
    """Neither with --force, though the output folder is the package's own."""
    Path("jobs.jsonl").write_text(json.dumps({"photo": "in/a.png", "style": "red", "output": "red.png"}))
    with opened(Order([], [], "jobs.jsonl"), library, Options(force=True)) as session:
        session.plan()
        assert session.planner.todo == 0 and session.planner.counts["refused"] == 1


def test_what_another_version_painted_is_told(stored_order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    paint_into_store(stored_order)
    with opened(stored_order, OUT) as session:
        session.manifest.database.execute("UPDATE jobs SET version = '0.0.1' WHERE photo LIKE '%a.png'")
        session.manifest.commit()
    for _ in range(2):
        with opened(stored_order, OUT) as session:
            session.plan()
            assert session.planner.other_versions == {"0.0.1": 1} and session.planner.counts == {"done": 3}
    paint_into_store(stored_order, Options(redo=True))
    with opened(stored_order, OUT) as session:
        session.plan()
        assert not session.planner.other_versions
