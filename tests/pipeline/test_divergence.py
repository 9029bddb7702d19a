"""A painting whose learning rate is too great is put right, or says what became of it; none is delivered that diverged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import stylize
from portrait_nst.result import Result

QUICK: dict[str, Any] = {"size": 64, "iterations": 8, "threads": 1, "precision": "float32", "region": "all"}
GREW = "the losses grew without end: went back to the best point"


@pytest.fixture(scope="module")
def photo(small_portrait: Path) -> np.ndarray:
    return np.asarray(Image.open(small_portrait).convert("RGB"))


@pytest.fixture(scope="module")
def own(photo: np.ndarray, small_style: Path) -> dict[str, Result]:
    """By each optimiser's own rate; SGD's own takes the coarsest canvas too far and is put right there, so half of it."""
    rates: dict[str, float | None] = {"adam": None, "nadam": None, "rmsprop": None, "sgd": 10.0}
    return {
        name: stylize(photo, small_style, optimizer=name, learning_rate=rate, **QUICK) for name, rate in rates.items()
    }


@pytest.mark.parametrize(
    "name, rate",
    [("adam", 1.0), ("nadam", 1000.0), ("rmsprop", 1.0), ("sgd", 100.0), ("sgd", 1e9)],
)
def test_a_rate_that_is_too_great_ends_near_the_right_one(
    name: str, rate: float, photo: np.ndarray, small_style: Path, own: dict[str, Result]
) -> None:
    assert not own[name].notes
    found = stylize(photo, small_style, optimizer=name, learning_rate=rate, **QUICK)
    assert found.losses[-1]["total"] < 2 * own[name].losses[-1]["total"]
    assert len(found.losses) == len(own[name].losses)
    assert len(found.notes) == 1 and found.notes[0].startswith(GREW)
    assert np.abs(found.rgb.astype(int) - own[name].rgb).mean() < 60, "and it looks like a painting, not like noise"


@pytest.mark.parametrize("canvas, values", [("pyramid", "unit"), ("pixels", "byte")])
def test_one_step_is_too_few_to_spoil_a_picture(canvas: str, values: str, photo: np.ndarray, small_style: Path) -> None:
    config: dict[str, Any] = {"canvas": canvas, "values": values, "optimizer": "adam", "learning_rate": 1e6}
    found = stylize(
        photo, small_style, recolour=0.0, brushwork=0.0, **config, **{**QUICK, "iterations": 1, "scales": (1.0,)}
    )
    assert len(found.notes) == 1 and "clearly above the lowest" in found.notes[0]
    assert 0 < np.abs(found.rgb.astype(int) - photo).mean() < 30


def test_steps_tell_of_it_once_a_scale(photo: np.ndarray, small_style: Path) -> None:
    told: list[tuple[int, str]] = []
    changes = {**QUICK, "size": 96, "optimizer": "adam", "learning_rate": 10.0}
    stylize(
        photo, small_style, on_step=lambda step: told.append((step.scale, step.note)) if step.note else None, **changes
    )
    assert [scale for scale, _ in told] == [0, 1]
    assert all(note.startswith(GREW) for _, note in told)


def test_a_published_rate_that_behaves_is_left_alone(photo: np.ndarray, small_style: Path) -> None:
    """Chollet's: SGD at 100 on values of 0 to 255."""
    small = {"encoder": "embedded", "style_layers": (), "content_layers": (), **QUICK, "iterations": 16}
    found = stylize(photo, small_style, preset="chollet", **small)
    totals = [losses["total"] for losses in found.losses]
    assert totals == sorted(totals, reverse=True) and not found.notes
    wild = stylize(photo, small_style, preset="chollet", **small, learning_rate=1e6)
    assert wild.losses[-1]["total"] < totals[0] and len(wild.notes) == 1
