"""The sheet of what a network has learned so far."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from portrait_nst import InputError, encoders, imaging
from portrait_nst.instant import Gaussian, store
from portrait_nst.report.learning_sheet import LearningSheet
from portrait_nst.report.sheet import TILE


def test_the_painting_stands_beside_the_photos_as_the_network_paints_them(tmp_path: Path, small_style: Path) -> None:
    target = Gaussian(torch.zeros(128, dtype=torch.float64), torch.eye(128, dtype=torch.float64))
    network = replace(store.universal(encoders.get("embedded").sha256), targets=(target,) * 3)
    painting = imaging.load(small_style).rgb
    sheet = LearningSheet(tmp_path / "sheet.png", [np.full((64, 48, 3), 90, np.uint8)])
    sheet.write(painting, network, "after 1 step")
    sheet.write(painting, network, "after 2 steps")  # over its own file
    with Image.open(tmp_path / "sheet.png") as image:
        assert 2 * TILE < image.width < 3 * TILE
    own = LearningSheet(tmp_path / "own.png")
    own.write(painting, network, "after 1 step")
    with Image.open(tmp_path / "own.png") as image:  # the package's two portraits
        assert 3 * TILE < image.width < 4 * TILE


def test_a_sheet_that_could_not_be_written_is_refused_at_once(tmp_path: Path, small_style: Path) -> None:
    for path, said in ((tmp_path / "sheet.jpg", "must end in .png"), (small_style, "one of the inputs")):
        with pytest.raises(InputError, match=said):
            LearningSheet(path, [small_style], overwrite=True)
    with pytest.raises(InputError, match="is not a picture"):
        (tmp_path / "text.jpg").write_text("no picture")
        LearningSheet(tmp_path / "sheet.png", [tmp_path / "text.jpg"])
