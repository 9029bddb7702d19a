"""What a worker paints, and that its stages overlap."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from portrait_nst import imaging, pipeline, resources
from portrait_nst.batch import Options, Order, opened
from portrait_nst.batch.manifest import digests
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.settings import Settings
from tests.batch.fake_stores import Here, empty_memory, put
from tests.batch.fake_workers import Overlapping, photos
from tests.batch.runs import rows_file


def test_reading_painting_and_saving_overlap(tmp_path: Path) -> None:
    photos(tmp_path / "in", [f"{number}.png" for number in range(8)])
    order = Order([tmp_path / "in"], [tmp_path / "in" / "0.png"], settings=Settings(device="cpu"))
    times = []
    with opened(order, tmp_path / "out", Options(workers=1), Overlapping) as session:
        session.plan()
        with session.engine() as engine:
            for _ in session.paint(engine):
                times.append(time.monotonic())
    assert times[-1] - times[0] < 6 * 0.3 * 0.8  # one after the other they would take 0.3 s each


def test_they_are_painted_as_one_by_one(
    small_portrait: Path, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTRAIT_NST_HOME", str(tmp_path / "home"))
    memory = empty_memory()
    other = photos(tmp_path, ["other.png"], 64)[0]
    labels = np.zeros((160, 136, 3), np.uint8)
    labels[:80] = 255
    Image.fromarray(labels).save(tmp_path / "map.png")
    put(memory, [other, tmp_path / "map.png"], tmp_path, "/beside")
    settings = Settings(size=64, iterations=1, scales=(1.0,), threads=1, device="cpu")
    photo = str(small_portrait)
    blend = {"photo": photo, "style": str(small_style), "blend": ["memory://beside/other.png:0.5"]}
    regions = {"255": str(small_style), "0": "memory://beside/other.png"}
    file = rows_file(tmp_path, blend, {"photo": photo, "labels": "memory://beside/map.png", "region_style": regions})

    def made() -> dict[str, str]:
        with opened(Order([], [], file, settings=settings), tmp_path / "out") as session:
            session.plan()
            return {str(done.output): done.error for done in session.paint(Here(PaintWorker))}

    first, second = tmp_path / "out" / "grace-waves+other.png", tmp_path / "out" / "grace-regions.png"
    assert made() == {str(first): "", str(second): ""} and made() == {}
    # As many threads as the batch had: with others sums are rounded otherwise.
    settings = settings.replace(threads=torch.get_num_threads())
    blended = pipeline.stylize(small_portrait, [(small_style, 1.0), (other, 0.5)], settings=settings)
    styles = {"255": small_style, "0": other}
    by_label = pipeline.stylize(small_portrait, labels=tmp_path / "map.png", region_styles=styles, settings=settings)
    for path, single in ((first, blended), (second, by_label)):
        assert (imaging.load(path).rgb == single.rgb).all()
        recipe = imaging.read_recipe(path)
        assert recipe["styles"] == single.recipe["styles"] and recipe["matte"] == single.recipe["matte"]
    assert imaging.read_recipe(second)["inputs"]["labels"]["file"] == "map.png"
    memory.pipe_file("/beside/map.png", (tmp_path / "map.png").read_bytes())
    memory.pipe_file("/beside/other.png", small_style.read_bytes())
    assert len(made()) == 2  # what is blended counts
    empty_memory()


def test_it_is_painted_as_one_by_one_and_again_when_the_package_has_another_picture(
    here: Path, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small: dict[str, Any] = {
        "size": 64,
        "iterations": 1,
        "scales": (1.0,),
        "threads": torch.get_num_threads(),
        "device": "cpu",
    }
    Image.linear_gradient("L").resize((64, 64)).save("mask.png")
    row = {"photo": "in/a.png", "style": "red", "blend": ["blue-dots:0.5"], "mask": "mask.png"}
    Path("jobs.jsonl").write_text(json.dumps(row))

    def made(background: str) -> list[str]:
        digests.named_by.cache_clear()  # in another process it would be empty
        order = Order([], [], "jobs.jsonl", settings=Settings(background=background, **small))
        with opened(order, "out") as session:
            session.plan()
            done = list(session.paint(Here(PaintWorker)))
            assert not any(one.error for one in done), done
            return [str(one.output) for one in done]

    assert made("Red") == ["out/a-red+blue_dots.png"] and made("Red") == []
    single = pipeline.stylize("in/a.png", ["red", ("blue_dots", 0.5)], mask="mask.png", background="Red", **small)
    assert (imaging.load("out/a-red+blue_dots.png").rgb == single.rgb).all()
    recipe = imaging.read_recipe("out/a-red+blue_dots.png")
    assert recipe["inputs"] == single.recipe["inputs"] and recipe["inputs"]["style 2"]["name"] == "blue_dots"
    moved = library.rename(tmp_path / "another environment")
    monkeypatch.setattr(resources, "styles_folder", lambda: moved)
    assert made("Red") == []
    for name in ("red", "blue_dots"):
        Image.new("RGB", (64, 64), (9, 9, len(name))).save(moved / f"{name}.png")
        assert made("Red") == ["out/a-red+blue_dots.png"] and made("Red") == []
