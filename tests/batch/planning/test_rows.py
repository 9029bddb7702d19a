"""Files of jobs: their rows, and what is refused in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portrait_nst.batch import Order, plan
from portrait_nst.batch.planning.rows import read
from portrait_nst.errors import InputError
from tests.batch.runs import OUT

STYLE = Path("/styles/waves.png")


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


def errors(file: Path) -> list[str]:
    return [job.error for job in plan(Order([], [Path("style.png")], file), file.parent / "out")]


def test_rows_that_cannot_be_used_leave_the_others(tmp_path: Path) -> None:
    lines = [
        '{"photo": "\\ud800.jpg"}',
        '{"photo": "a.jpg", "output": "\\udfff\\ud800.png"}',
        '{"photo": "a.jpg", "blend": ["\\ud800.png"]}',
        '{"photo": "a.jpg", "kind": "popart", "grid": []}',
        '{"photo": "a.jpg", "kind": "popart", "grid": {"x": 1}}',
        '{"photo": "a.jpg", "weights": 5}',
        "[" * 100_000,
        '\ufeff{"photo": "a.jpg"}',
    ]
    (tmp_path / "jobs.jsonl").write_text("\n".join(lines), "utf-8")
    found = errors(tmp_path / "jobs.jsonl")
    for error, words in zip(
        found,
        ["name of a file"] * 2 + ["must name files"] + ["columns x rows"] * 2 + ["weights must be a text", "no JSON"],
    ):
        assert words in error and "line" not in error.split("(")[0]  # the row is named by what stands before it
    assert found[7:] == [""]


def test_a_csv_that_says_one_thing_twice_or_nothing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "jobs.csv"
    for head, words in (
        ("photo,photo", "'photo' twice"),
        ("photo,tv-weight,tv_weight", "'tv_weight' twice"),
        ("photo;strength", "divided by commas.*'photo;strength'"),
        ("", "It is empty"),
    ):
        file.write_text(f"{head}\n" if head else "")
        with pytest.raises(InputError, match=words):
            list(read(file))


def test_rows_name_places_beside_their_file_or_by_url(memory: Any, tmp_path: Path) -> None:
    memory.pipe_file(
        "/jobs/jobs.csv",
        b"photo,style,mask\na.png,../styles/s.png,m.png\ns3://other/b.png,,\n%s,,\n" % bytes(tmp_path / "c.png"),
    )
    style = tmp_path / "style.png"
    jobs = list(plan(Order([], [style], "memory://jobs/jobs.csv"), OUT))
    assert [str(job.photo) for job in jobs] == ["memory://jobs/a.png", "s3://other/b.png", str(tmp_path / "c.png")]
    assert str(jobs[0].main_style) == "memory://styles/s.png" and str(jobs[0].mask) == "memory://jobs/m.png"
    assert jobs[1].main_style == style and str(jobs[1].output) == "b-style.png"
    (tmp_path / "jobs.jsonl").write_text(json.dumps({"photo": "memory://in/a.png"}) + "\n")
    assert str(next(plan(Order([], [style], tmp_path / "jobs.jsonl"), OUT)).photo) == "memory://in/a.png"
