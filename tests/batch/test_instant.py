"""A batch with quality instant: learned files as styles, and networks kept between the jobs of a worker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from portrait_nst import InputError, encoders
from portrait_nst.batch.checks import check
from portrait_nst.batch.planning.jobs import Order
from portrait_nst.batch.workers.task import Conditions, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.imaging import read_recipe
from portrait_nst.instant import files
from portrait_nst.pipeline.inputs import load_style
from portrait_nst.pipeline.instant.networks import paintings
from portrait_nst.pipeline.instant.painters import Painters
from portrait_nst.settings import Settings
from portrait_nst.style_spec import StyleSpec


@pytest.fixture(scope="module")
def learned(small_style: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What passes for a network that was learned for the small style."""
    blend = ((load_style(small_style), 1.0),)
    start = Painters().aimed(blend, "whole", encoders.get("embedded"), "cpu", "float32")
    about = replace(start.about, paintings=tuple(paintings(blend)), steps=5)
    return files.save(replace(start, about=about), tmp_path_factory.mktemp("learned") / "waves.safetensors")


def test_a_learned_file_is_a_style_for_quality_instant_alone(
    small_portrait: Path, learned: Path, tmp_path: Path
) -> None:
    order = Order((str(small_portrait),), (str(learned),), settings=Settings(quality="instant"))
    check(order, tmp_path)
    with pytest.raises(InputError, match="with which only --quality instant paints"):
        check(replace(order, settings=Settings()), tmp_path)


def test_a_worker_paints_with_it_and_keeps_the_painter(small_portrait: Path, learned: Path, tmp_path: Path) -> None:
    worker = PaintWorker(Conditions(device="cpu", threads=1))
    settings = Settings(quality="instant", precision="float32", region="all")
    for number in range(2):
        output = tmp_path / f"{number}.png"
        style = StyleSpec(((str(learned), 1.0),))
        outcome = worker.do(Task(number, small_portrait, style, None, "stylize", settings, None, output))
        assert outcome.error == "" and read_recipe(output)["networks"][0]["learned"]
    assert len(worker._painters._painters) == 1
