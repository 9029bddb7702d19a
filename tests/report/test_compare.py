"""The experiment grid: what is painted, what is kept, what failed, and what is written."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError, PortraitError, Settings, imaging, pipeline, rerun
from portrait_nst.report import Comparison, compare

BASE = Settings(method="gram", size=64, scales=(1.0,), iterations=1, threads=1, precision="float32", face_hold=0.0)
VARY: dict[str, list[Any]] = {"optimizer": ["lbfgs", "adam"], "content-layer": ["relu2_1", "relu2_1+relu3_1"]}


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of every picture that is painted, in order."""
    calls: list[Settings] = []
    original = pipeline.Stylizer.plan

    def counting(stylizer: pipeline.Stylizer, subject: pipeline.Subject, style: Any, settings: Settings) -> Any:
        calls.append(settings)
        return original(stylizer, subject, style, settings)

    monkeypatch.setattr(pipeline.Stylizer, "plan", counting)
    return calls


def table(made: Comparison) -> list[dict[str, str]]:
    with made.files["table"].open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_grid_is_painted_once_and_goes_on_where_it_stopped(
    small_portrait: Path, small_style: Path, tmp_path: Path, painted: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, told = tmp_path / "grid", list[tuple[int, int, int, bool]]()
    prepared: list[pipeline.Subject] = []
    find = pipeline.prepare

    def prepare(*args: Any, **how: Any) -> pipeline.Subject:
        prepared.append(find(*args, **how))
        return prepared[-1]

    monkeypatch.setattr(pipeline, "prepare", prepare)

    def on_run(run: Any, done: int, total: int, kept: bool) -> None:
        told.append((run.index, done, total, kept))
        if len(told) == 3:
            raise KeyboardInterrupt

    first = compare(small_portrait, small_style, VARY, BASE, folder, on_run=on_run)
    assert (first.painted, first.interrupted, len(painted), len(prepared)) == (3, True, 3, 1)
    assert len(table(first)) == 3
    later: list[tuple[int, int, bool]] = []
    made = compare(small_portrait, small_style, VARY, BASE, folder, on_run=lambda *now: later.append(now[1:]))
    assert (made.painted, made.interrupted, made.failed, len(painted)) == (1, False, (), 4)
    assert later == [(1, 4, True), (2, 4, True), (3, 4, True), (4, 4, False)]
    names = {f"{run.index:03d}-{run.settings_hash}" for run in made.runs}
    overview = {"compare.json", "sheet.png", "runs.csv", "losses.png", "index.html"}
    assert {p.name for p in folder.iterdir()} == {f"{n}.{kind}" for n in names for kind in ("png", "json")} | overview

    rows = table(made)
    assert [(row["run"], row["optimizer"], row["content-layer"]) for row in rows] == [
        ("1", "lbfgs", "relu2_1"), ("2", "lbfgs", "relu2_1+relu3_1"), ("3", "adam", "relu2_1"), ("4", "adam", "relu2_1+relu3_1"),
    ]  # fmt: skip
    record = json.loads((folder / rows[2]["picture"]).with_suffix(".json").read_text())
    assert record["settings_hash"] == Settings.from_dict(record["settings"]).hash() == rows[2]["settings_hash"]
    assert float(rows[2]["total_loss"]) == pytest.approx(record["trace"]["losses"][-1]["total"], rel=1e-5)
    assert int(rows[2]["steps"]) == len(record["trace"]["losses"]) > 0
    assert Image.open(made.files["sheet"]).width > 700 and Image.open(made.files["plot"]).width > 1000
    assert made.files["page"].read_text().count('<td class="picture">') == 4

    # The picture knows its recipe as if it had been painted alone, and can be made again from it.
    recipe = imaging.read_recipe(folder / rows[0]["picture"])
    assert "mask" not in recipe["inputs"] and "selfie" in recipe["matte"]
    again = rerun(folder / rows[0]["picture"], photo=small_portrait, style=small_style)
    assert np.array_equal(again.rgb, imaging.load(folder / rows[0]["picture"]).rgb)


@pytest.mark.slow
def test_a_changed_grid_keeps_what_it_has_and_other_inputs_are_refused(
    small_portrait: Path, small_style: Path, tmp_path: Path, painted: list[Settings]
) -> None:
    mask = np.zeros((160, 136), np.float32)
    mask[40:, 30:100] = 1

    def run(vary: dict[str, list[Any]], photo: Any = small_portrait, **more: Any) -> Comparison:
        return compare(photo, small_style, vary, BASE, tmp_path, **{"mask": mask, **more})

    run({"strength": [0.5, 0.8]})
    made = run({"strength": [0.2, 0.8], "seed": [0]})
    assert [s.strength for s in painted] == [0.5, 0.8, 0.2] and made.painted == 1
    assert made.runs[1].picture == f"002-{made.runs[1].settings_hash}.png"
    assert made.runs[1].varied == {"strength": "0.8", "seed": "0"}
    with pytest.raises(InputError, match="another photo"):
        run({"strength": [0.5]}, photo=np.ascontiguousarray(imaging.load(small_portrait).rgb[:, ::-1]))
    with pytest.raises(InputError, match="another photo, style or mask"):
        run({"strength": [0.5]}, mask=mask.T[:136, :136].repeat(2, 0)[:160])
    (tmp_path / str(made.runs[0].picture)).unlink()
    assert run({"strength": [0.2]}).painted == 1
    assert run({"strength": [0.2]}, overwrite=True).painted == 1


def test_a_failing_run_is_recorded_and_tried_again(
    small_portrait: Path, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, broken = pipeline.Stylizer.plan, [True]

    def fragile(stylizer: pipeline.Stylizer, subject: pipeline.Subject, style: Any, settings: Settings) -> Any:
        if settings.seed == 1 and broken[0]:
            raise ZeroDivisionError("by <zero>")
        return original(stylizer, subject, style, settings)

    monkeypatch.setattr(pipeline.Stylizer, "plan", fragile)
    vary: dict[str, list[Any]] = {"person": [2, "all"], "seed": [0, 1]}
    made = compare(small_portrait, small_style, vary, BASE, tmp_path / "grid")
    assert [bool(run.error) for run in made.runs] == [True, True, False, True]
    assert "only one person" in made.runs[0].error and made.runs[3].error == "ZeroDivisionError: by <zero>"
    assert [bool(row["error"]) for row in table(made)] == [True, True, False, True]
    assert "by &lt;zero&gt;" in made.files["page"].read_text()
    broken[0] = False
    assert compare(small_portrait, small_style, vary, BASE, tmp_path / "grid").painted == 3


def test_what_would_fail_in_every_run_is_told_before(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    folder = tmp_path / "grid"
    for vary, expected in (
        ({"content-layer": ["relu2_1", "relu9_9"]}, "no layer 'relu9_9'.*relu3_4"),
        ({"encoder": ["embedded", "vgg99"]}, "vgg99.*embedded"),
        ({}, "Nothing varies"),
    ):
        with pytest.raises(InputError, match=expected):
            compare(small_portrait, small_style, vary, BASE, folder)
    with pytest.raises(InputError, match=r"none\.png"):
        compare(tmp_path / "none.png", small_style, VARY, BASE, folder)
    assert not folder.exists()
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        compare(small_portrait, small_style, VARY, BASE, tmp_path)
    with pytest.raises(InputError, match="cannot be made"):
        compare(small_portrait, small_style, VARY, BASE, tmp_path / "precious.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["precious.txt"]


def test_the_command(
    small_portrait: Path,
    small_style: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from portrait_nst.cli.main import run as entry

    def type_in(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["portrait-nst", "compare", str(small_portrait), str(small_style), *words])
        try:
            entry()
            status = 0
        except SystemExit as stop:
            status = int(stop.code or 0)
        return (status, *capsys.readouterr())

    monkeypatch.chdir(tmp_path)
    shared = [word for name in ("size=64", "iterations=1", "threads=1", "face-hold=0") for word in ("--set", name)]
    status, out, err = type_in("--vary", "strength=0.3,0.7", *shared)
    assert (status, out) == (0, "grace-waves-compare/index.html\n")
    assert "1/2  strength=0.3  style" in err
    status, out, err = type_in("--vary", "strength=0.3,0.7", "--vary", "person=all,2", *shared, "--json")
    values = json.loads(out)
    assert (status, err, values["painted"]) == (2, "2 of 4 runs failed; their records say why.\n", 2)
    assert [bool(run["error"]) for run in values["runs"]] == [False, True, False, True]
    status, out, err = type_in("--vary", "strenght=0.3")
    assert (status, out) == (2, "") and err.startswith("Error: There is no setting") and err.count("\n") == 1


def test_what_no_run_could_paint_is_said_before_the_first(
    small_portrait: Path, small_style: Path, tmp_path: Path, painted: list[Settings]
) -> None:
    told: list[Any] = []
    for wrong in ({"background": "nope.png"}, {"init": "nope.png"}, {"style_region": "nope.png"}, {"person": 9}):
        with pytest.raises(PortraitError, match=r"nope\.png|9"):
            compare(
                small_portrait,
                small_style,
                {"seed": [1, 2]},
                BASE.replace(**wrong),
                tmp_path / next(iter(wrong)),
                on_run=lambda *now: told.append(now),
            )
    assert not painted and not told
    made = compare(small_portrait, small_style, {"background": ["nope.png", "keep"]}, BASE, tmp_path / "some")
    assert [bool(run.error) for run in made.runs] == [True, False]
