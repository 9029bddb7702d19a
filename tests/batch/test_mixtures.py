"""Rows with a blend of styles, or with a style for each label of a map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from portrait_nst import imaging, pipeline
from portrait_nst.batch import Order, opened, plan
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.errors import InputError
from portrait_nst.settings import Settings
from tests.batch.fake_stores import Here, empty_memory, put
from tests.batch.fake_workers import photos


def rows(folder: Path, *values: dict[str, Any]) -> Path:
    file = folder / "jobs.jsonl"
    file.write_text("\n".join(map(json.dumps, values)))
    return file


def test_rows_of_mixtures(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(
        "photo,style,blend,labels,region-style\na.jpg,s.png,t.png:0.5;u.png,,\nb.jpg,,,m.png,0=s.png; #ff0000=t.png:2\n"
    )
    first, second = plan(Order([], [], tmp_path / "jobs.csv"), tmp_path / "out")
    assert not first.error and not second.error and first.style and second.style
    assert first.style.blend == ((f"{tmp_path}/s.png", 1.0), (f"{tmp_path}/t.png", 0.5), (f"{tmp_path}/u.png", 1.0))
    assert (str(first.output), str(second.output)) == ("a-s+t+u.png", "b-regions.png")
    assert second.main_style is None and second.style.labels == f"{tmp_path}/m.png"
    assert second.style.regions == (("0", f"{tmp_path}/s.png", 1.0), ("#ff0000", f"{tmp_path}/t.png", 2.0))
    refused: list[tuple[dict[str, Any], str]] = [
        ({"labels": "m.png"}, "go together"),
        ({"labels": "m.png", "region_style": {"0": "s.png"}, "style": "s.png"}, "leave style, blend and mask out"),
        ({"region_style": ["nothing"], "labels": "m.png"}, "as in 128=starry.png"),
        ({"style": "s.png", "blend": 3}, "blend must name files"),
        ({"style": "s.png", "blend": ["t.png:0"]}, "a number over 0"),
        ({"kind": "popart", "blend": "t.png"}, "are for paintings"),
        ({"movement": "cubism", "library": "wikiart"}, "movement is not for rows"),
        ({"style": "s.png", "background": "s3://bucket/b.png"}, "background must be a local file"),
    ]
    jobs = plan(Order([], [], rows(tmp_path, *({"photo": "a.jpg", **row} for row, _ in refused))), tmp_path / "out")
    for job, (row, words) in zip(jobs, refused, strict=True):
        assert words in job.error, row
    (tmp_path / "jobs.csv").write_text("photo,movement\n")
    with pytest.raises(InputError, match="movement is not for rows"):
        list(plan(Order([], [], tmp_path / "jobs.csv"), tmp_path / "out"))


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
    file = rows(tmp_path, blend, {"photo": photo, "labels": "memory://beside/map.png", "region_style": regions})

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
    assert imaging.read_recipe(second)["inputs"]["labels"]["path"] == "memory://beside/map.png"
    memory.pipe_file("/beside/map.png", (tmp_path / "map.png").read_bytes())
    memory.pipe_file("/beside/other.png", small_style.read_bytes())
    assert len(made()) == 2  # what is blended counts
    empty_memory()
