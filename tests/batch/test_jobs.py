"""Which jobs come of what a user names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Manifest, Order, Planner, plan
from portrait_nst.batch.planning import output_paths as naming
from portrait_nst.batch.planning.discovery import find_pictures
from portrait_nst.errors import InputError
from tests.batch.fake_workers import photos

STYLE = Path("/styles/waves.png")


def places(*inputs: object, out: Path | None = None) -> list[str]:
    return [str(found.relative) for found in find_pictures([str(name) for name in inputs], out)]


def test_folders_are_mirrored_and_only_pictures_are_taken(tmp_path: Path) -> None:
    photos(tmp_path, ["b.png", "a.JPG", "sub/deep/c.webp", "sub/a.jpg", ".hidden/d.png", "._a.jpg"])
    (tmp_path / "notes.txt").write_text("no picture")
    assert places(tmp_path) == ["a.JPG", "b.png", "sub/a.jpg", "sub/deep/c.webp"]
    assert places(tmp_path / "b.png", tmp_path / "notes.txt") == ["b.png", "notes.txt"]  # what is named is meant


def test_several_folders_keep_their_names_and_the_output_folder_is_left_out(tmp_path: Path) -> None:
    photos(tmp_path, ["2019/a.png", "2020/a.png", "2020/out/b.png"])
    assert places(tmp_path / "2019", tmp_path / "2020") == ["2019/a.png", "2020/a.png", "2020/out/b.png"]
    assert places(tmp_path / "2020", out=tmp_path / "2020" / "out") == ["a.png"]
    assert places(tmp_path / "2019", out=tmp_path / "2019") == ["a.png"]


def test_patterns(tmp_path: Path) -> None:
    photos(tmp_path, ["a1.png", "a2.png", "b.png", "x/c1.png", "x/y/c2.png"])
    assert places(tmp_path / "a*.png") == ["a1.png", "a2.png"]
    assert places(tmp_path / "**" / "c*.png") == ["x/c1.png", "x/y/c2.png"]
    assert places(tmp_path / "*") == ["a1.png", "a2.png", "b.png", "x/c1.png", "x/y/c2.png"]
    photos(tmp_path, ["[x].png"])
    assert places(tmp_path / "[x].png") == ["[x].png"]  # a file of that name goes before the pattern
    for nothing in ("none.png", "*.tiff"):
        with pytest.raises(InputError, match=r"does not exist|Nothing matches"):
            places(tmp_path / nothing)


def test_links_in_a_circle_end_and_each_folder_is_walked_once(tmp_path: Path) -> None:
    photos(tmp_path, ["a/one.png", "b/two.png"])
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "b" / "other").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "other").symlink_to(tmp_path / "b")
    (tmp_path / "itself.png").symlink_to("itself.png")
    assert places(tmp_path) == ["itself.png", "a/one.png", "b/two.png"]


def test_a_folder_that_cannot_be_read_is_told_of_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos(tmp_path, ["a/one.png", "b/two.png"])
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = list(find_pictures([str(tmp_path)]))
    assert [bool(entry.error) for entry in found] == [True, False]
    assert "a cannot be read (Permission denied)" in found[0].error


HOSTILE = [
    "with space.png",
    "new\nline.png",
    "quo'te\".png",
    "smile\U0001f600.png",
    "n" * 251 + ".png",
    "é" * 125 + ".png",
]


def test_hostile_names(tmp_path: Path) -> None:
    photos(tmp_path, HOSTILE)
    (tmp_path / os.fsdecode(b"latin\xe9.png")).write_bytes((tmp_path / HOSTILE[0]).read_bytes())
    out = tmp_path / "out"
    with Manifest.open(out) as manifest:
        planner = Planner(manifest)
        planner.enter_all(plan(Order([tmp_path], [STYLE]), out))
        rows = list(manifest.todo())
    assert planner.todo == len(rows) == 7
    outputs = [os.fsencode(row["output"]) for row in rows]
    assert len(set(outputs)) == 7
    assert max(map(len, outputs)) <= naming.LONGEST
    for output in outputs:
        (out / os.fsdecode(output)).touch()  # the file system takes it
        (out / os.fsdecode(output)).unlink()
        assert output.endswith(b"-waves.png")
        assert output == b"latin\xe9-waves.png" or output.decode()  # no letter is cut in two
    with Manifest.open(out) as manifest:  # and they are found again
        again = Planner(manifest)
        again.enter_all(plan(Order([tmp_path], [STYLE]), out))
        assert again.todo == 7 and len(list(manifest.todo())) == manifest.value("SELECT count(*) FROM jobs")


def test_names_that_clash_are_kept_apart_and_stay(tmp_path: Path) -> None:
    photos(tmp_path / "in", ["a.jpg", "a.png", "A.png"])
    order, out = Order([tmp_path / "in"], [STYLE, Path("/other/waves.jpg")]), tmp_path / "out"

    def outputs() -> dict[tuple[str, str], str]:
        with Manifest.open(out) as manifest:
            Planner(manifest).enter_all(plan(order, out))
            return {(row["photo"], row["style"]): row["output"] for row in manifest.todo()}

    first = outputs()
    assert len({name.casefold() for name in first.values()}) == len(first) == 6
    assert {"a-waves.png", "a-jpg-waves.png"} & set(first.values())
    photos(tmp_path / "in", ["0.png", "a.bmp"])
    later = outputs()
    assert len(later) == 10 and all(later[key] == name for key, name in first.items())


def test_rows_of_csv_and_jsonl(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(
        "photo,style,strength,output,kind,tones,mask\na.jpg,s.png,0.7,x/y.webp,,,m.png\nb.jpg,,,,,,\nc.jpg,,,,popart,4,\n"
        "d.jpg,,2,,,,\n,s.png,,,,,\ne.jpg,,,../e.png,,,\nf.jpg,,,,mosaic,,\ng.jpg,,,,,,,,\n"
    )
    jobs = list(plan(Order([], [STYLE], tmp_path / "jobs.csv"), tmp_path / "out"))
    assert [bool(job.error) for job in jobs] == [False] * 3 + [True] * 5
    first, second, third = jobs[:3]
    assert (first.photo, first.main_style) == (tmp_path / "a.jpg", tmp_path / "s.png")
    assert (first.settings.strength, str(first.output), first.mask) == (0.7, "x/y.webp", tmp_path / "m.png")
    assert (second.main_style, str(second.output)) == (STYLE, "b-waves.png")
    assert third.popart is not None and third.popart.tones == 4 and str(third.output) == "c-popart.png"
    for job, words in zip(jobs[3:], ("0 to 1", "photo is missing", "below the output", "kind must be", "more values")):
        assert words in job.error and "jobs.csv, line" in str(job.photo)
    lines = [
        {"photo": "a.jpg", "style_layers": ["relu1_1"], "size": 96},
        {"photo": 3},
        {"photo": "a.jpg", "grid": [3, 2], "kind": "popart"},
    ]
    text = "\n".join(map(json.dumps, lines)) + "\nnonsense\n\n"
    (tmp_path / "jobs.jsonl").write_text(text)
    made = list(plan(Order([], [STYLE], tmp_path / "jobs.jsonl"), tmp_path / "out"))
    assert made[0].settings.style_layers == ("relu1_1",) and made[0].settings.size == 96
    assert "must be the name of a file" in made[1].error and "no JSON object" in made[3].error
    assert made[2].popart is not None and made[2].popart.grid == (3, 2)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("jobs.csv", "picture,style\n", "no column 'photo'"),
        ("jobs.csv", "photo,strenght\n", "no setting 'strenght'"),
        ("jobs.txt", "a.jpg\n", "must be .csv or .jsonl"),
        ("none.csv", None, "cannot be read"),
    ],
)
def test_a_file_of_jobs_that_is_none(name: str, text: str | None, words: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        list(plan(Order([], [STYLE], tmp_path / name), tmp_path))


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


def test_an_order_that_cannot_be_meant() -> None:
    wrong: list[dict[str, Any]] = [{"kind": "mosaic"}, {"suffix": ".xyz"}, {"suffix": ".svg"}, {"inputs": ["a.png"]}]
    for values in wrong:
        with pytest.raises(InputError):
            Order(**values)


MANY = """
import re, sys
from pathlib import Path
from portrait_nst.batch import Manifest, Order, Planner, plan
out = Path(sys.argv[2])
with Manifest.open(out) as manifest:
    planner = Planner(manifest)
    planner.enter_all(plan(Order([sys.argv[1]], [Path(f"/styles/{name}.png") for name in "abcde"]), out))
    assert sum(1 for row in manifest.todo()) == planner.todo
# Not getrusage: what that tells of a child begins with what its parent had.
print(planner.todo, re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_a_hundred_thousand_jobs_are_planned_in_little_memory(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for number in range(4):
        (folder / f"{number:02d}").mkdir(parents=True)
        for picture in range(5000):
            os.close(os.open(folder / f"{number:02d}" / f"selfie-{picture:05d}.jpg", os.O_CREAT | os.O_WRONLY))
    command = [sys.executable, "-c", MANY, str(folder), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    count, peak = map(int, done.stdout.split())
    assert count == 100_000
    assert peak * 1024 < 300e6
    print(f"{count} jobs planned in {peak / 1024:.0f} MB")
