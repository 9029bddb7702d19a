"""The segmenter is a setting like others: paintings, pop art, grids and batches ask it, and the recipe names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from portrait_nst import InputError, Settings, Stylizer, imaging, pipeline, rerun, stylize
from portrait_nst.batch.workers.task import Conditions, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.cli.main import app
from portrait_nst.report import compare
from portrait_nst.style_spec import StyleSpec
from tests.rembg_stand_in import StandIn, install

U2NET = "rembg:u2net"
QUICK: dict[str, Any] = {"size": 64, "iterations": 1, "threads": 1, "precision": "float32", "face_hold": 0.0}


@pytest.fixture(autouse=True)
def rembg(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    made = install(monkeypatch, tmp_path_factory.mktemp("models"))
    made.marked = [(0.5, 1, 0.2, 0.8)]  # a chest, without its face
    return made


def test_the_recipe_names_it_and_rerun_asks_it_again(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    result = stylize(small_portrait, small_style, segmenter=U2NET, **QUICK)
    assert result.matte.source == "rembg:u2net, 1 person"
    assert any("no face was found" in note for note in result.notes)
    saved = result.save(tmp_path / "painted.png")
    assert imaging.read_recipe(saved)["settings"]["segmenter"] == U2NET
    again = rerun(saved, photo=small_portrait, style=small_style)
    assert np.array_equal(again.rgb, result.rgb)


def test_a_stylizer_takes_the_subject_s_segmenter(small_portrait: Path, small_style: Path) -> None:
    stylizer = Stylizer()
    subject = stylizer.prepare(small_portrait, segmenter=U2NET)
    assert stylizer.plan(subject, small_style, **QUICK).settings.segmenter == U2NET
    with pytest.raises(InputError, match="prepared with 'rembg:u2net'"):
        stylizer.plan(subject, small_style, segmenter="rembg:silueta", **QUICK)


def test_pop_art_and_mattes(small_portrait: Path) -> None:
    matte = pipeline.matte(small_portrait, segmenter=U2NET)
    assert (matte.segmenter, matte.alpha[:70].max()) == (U2NET, 0)
    made = pipeline.popart(small_portrait, segmenter=U2NET, detail=0.1)
    assert any("rembg:u2net" in note for note in made.notes)
    with pytest.raises(InputError, match="segmenter must be one of mediapipe, rembg:birefnet-general, "):
        pipeline.matte(small_portrait, segmenter="rembg:")
    with pytest.raises(InputError, match="region, person and segmenter have nothing to choose"):
        pipeline.prepare(small_portrait, mask=matte, segmenter=U2NET)


def test_a_grid_finds_the_person_by_each(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    vary = {"segmenter": ["mediapipe", U2NET]}
    made = compare(small_portrait, small_style, vary, Settings(**QUICK), tmp_path / "grid")
    one, two = (imaging.load(made.folder / str(run.picture)).rgb for run in made.runs)
    assert not np.array_equal(one, two)


def test_a_batch_asks_it(small_portrait: Path, small_style: Path, tmp_path: Path, rembg: StandIn) -> None:

    style = StyleSpec(((str(small_style), 1.0),))
    task = Task(
        1, small_portrait, style, None, "stylize", Settings(**QUICK).replace(segmenter=U2NET), None, tmp_path / "a.png"
    )
    outcome = PaintWorker(Conditions(device="cpu", threads=1)).do(task)
    assert outcome.error == "" and rembg.made == ["u2net"]


def test_commands_say_that_a_model_will_be_fetched(small_portrait: Path, tmp_path: Path) -> None:
    call = ["mask", str(small_portrait), "--segmenter", U2NET, "-o", str(tmp_path / "m.png")]
    said = CliRunner().invoke(app, call)
    assert said.exit_code == 0 and "note: rembg fetches its model u2net once" in said.stderr
    assert "note: rembg fetches" not in CliRunner().invoke(app, [*call, "--force"]).stderr
    popart = ["popart", str(small_portrait), "--segmenter", "rembg:nobody"]
    assert "segmenter must be one of" in str(CliRunner().invoke(app, popart).exception)
