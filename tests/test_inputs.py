"""Pictures and masks that a caller from Python gets wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError, MaskError, Settings, pipeline, stylize
from portrait_nst.batch.workers.task import Conditions, Task
from portrait_nst.batch.workers.worker import PaintWorker
from portrait_nst.pipeline.styles import by_label
from portrait_nst.style_spec import StyleSpec


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (np.zeros((1, 1, 3), np.uint8), "1 x 1 pixels; expected at least 16"),
        (np.zeros((0, 40, 3), np.uint8), "40 x 0 pixels"),
        (None, "path, an array or a Photo, not NoneType"),
        ([[0, 0]], "not list"),
    ],
)
def test_what_is_no_picture_is_told(picture: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pipeline.load(picture)


def test_a_mask_with_nan_is_refused() -> None:
    mask = np.full((40, 40), np.nan)
    with pytest.raises(MaskError, match="not finite"):
        pipeline.matte(np.zeros((40, 40, 3), np.uint8), mask=mask)


def test_a_person_has_nothing_to_choose_where_the_whole_picture_is_painted() -> None:
    with pytest.raises(MaskError, match="--region person"):
        pipeline.matte(np.zeros((40, 40, 3), np.uint8), region="all", person="largest")


SAME = [(20, 30), (80, 120), (26, 40), (41, 60), (1, 1)]


@pytest.mark.parametrize("size", SAME[:3])
def test_a_label_map_is_of_the_photos_proportions_at_any_scale(size: tuple[int, int], tmp_path: Path) -> None:
    photo = pipeline.load(np.zeros((60, 40, 3), np.uint8))
    style = np.full((40, 40, 3), 128, np.uint8)
    Image.new("L", size, 255).save(tmp_path / "map.png")
    assert len(by_label(photo, tmp_path / "map.png", {"255": style})) == 1
    Image.new("L", size[::-1], 255).save(tmp_path / "map.png")
    with pytest.raises(InputError, match=rf"map\.png is {size[1]}x{size[0]}, the photo 40x60"):
        by_label(photo, tmp_path / "map.png", {"255": style})


@pytest.mark.parametrize("size", SAME)
def test_a_mask_is_of_the_photos_proportions_at_any_scale(size: tuple[int, int], tmp_path: Path) -> None:
    photo = np.zeros((60, 40, 3), np.uint8)
    Image.new("L", size, 255).save(tmp_path / "mask.png")
    assert (pipeline.matte(photo, mask=tmp_path / "mask.png").alpha == 1).all()


@pytest.mark.parametrize("size", [(30, 20), (60, 60), (40, 64), (400, 500)])
def test_a_mask_of_other_proportions_is_refused_wherever_one_is_given(size: tuple[int, int], tmp_path: Path) -> None:
    photo = pipeline.load(np.random.default_rng(0).integers(0, 255, (60, 40, 3), np.uint8))
    mask, given = tmp_path / "mask.png", tmp_path / "photo.png"
    Image.fromarray(photo.rgb).save(given)
    Image.new("L", size, 255).save(mask)
    said = rf"mask\.png is {size[0]}x{size[1]}, the photo 40x60: expected the same proportions\. Make it"
    with pytest.raises(InputError, match=said):
        pipeline.matte(photo, mask=mask)
    with pytest.raises(InputError, match=said):
        pipeline.popart(photo, mask=mask)
    with pytest.raises(InputError, match=said):
        stylize(photo, photo, mask=mask)
    with pytest.raises(InputError, match=said):
        by_label(photo, mask, {"255": photo})
    with pytest.raises(InputError, match=said.replace("the photo", "the style picture .*photo.png")):
        stylize(photo, given, region="all", style_region=str(mask), size=64, iterations=1, threads=1)
    task = Task(
        0, given, StyleSpec(((str(given), 1.0),)), mask, "stylize", Settings(device="cpu"), None, tmp_path / "out.png"
    )
    assert re.search(said, PaintWorker(Conditions(device="cpu")).do(task).error)
    assert not task.output.exists()
