"""A picture made again from its recipe: the same bytes, or one line about what has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from portrait_nst import InputError, ModelError, WeightsError, encoders, imaging, rerun, stylize
from portrait_nst.encoders.vgg_layout import VGG19
from portrait_nst.recipe import read_job
from portrait_nst.result import Result
from portrait_nst.types import Photo
from tests.encoders import networks

QUICK: dict[str, Any] = {"size": 64, "iterations": 2, "threads": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def painted(small_portrait: Path, small_style: Path) -> Result:
    return stylize(small_portrait, small_style, **QUICK)


def test_rerun_gives_the_same_bytes(painted: Result, small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    path = painted.save(tmp_path / "out.png")
    again = rerun(path, photo=small_portrait, style=small_style).save(tmp_path / "again.png")
    assert path.read_bytes() == again.read_bytes()


def test_rerun_checks_its_inputs(
    small_portrait: Path, small_style: Path, half_mask: np.ndarray, tmp_path: Path
) -> None:
    made = stylize(small_portrait, small_style, mask=half_mask, **QUICK).save(tmp_path / "array-mask.png")
    with pytest.raises(InputError, match=r"The mask that .* was made with was bytes or an array"):
        rerun(made, photo=small_portrait, style=small_style)
    with pytest.raises(InputError, match=r"waves\.png is not the photo that .* was made from: its sha256 differs"):
        rerun(made, photo=small_style)


def test_no_recipe_at_all(painted: Result, tmp_path: Path) -> None:
    for suffix in (".png", ".jpg", ".webp", ".tif"):
        path = painted.save(tmp_path / f"out{suffix}", recipe=False)
        assert b"sha256" not in path.read_bytes() and b"portrait-nst" not in path.read_bytes()
        with pytest.raises(InputError, match=r"holds no recipe.*--no-recipe"):
            rerun(path)


def test_files_of_settings_are_inputs_too(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    """By their names; after a move of everything into one folder nothing has to be said."""
    away = tmp_path / "away"
    away.mkdir()
    for name, file in (("p.png", small_portrait), ("s.png", small_style), ("start.png", small_portrait)):
        (away / name).write_bytes(file.read_bytes())
    how: dict[str, Any] = {**QUICK, "region": "all", "init": str(away / "start.png"), "background": str(away / "s.png")}
    made = stylize(away / "p.png", away / "s.png", **how).save(away / "out.png")
    assert str(tmp_path) not in str(imaging.read_recipe(made))
    moved = away.rename(tmp_path / "moved")
    again = rerun(moved / "out.png").save(moved / "again.png")
    assert again.read_bytes() == (moved / "out.png").read_bytes()


def test_weights_that_have_changed_are_refused_in_one_line_before_anything_is_painted(
    painted: Result, small_portrait: Path, small_style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = painted.save(tmp_path / "out.png")
    job = read_job(path, photo=small_portrait, style=small_style)
    assert job.weights_sha256 == painted.recipe["weights_sha256"]
    other = encoders.get("embedded")
    other.sha256 = "0" * 64
    monkeypatch.setattr(encoders, "get", lambda *_, **__: other)
    monkeypatch.setattr(imaging, "estimate_foreground", None)
    with pytest.raises(WeightsError, match="embedded are not those that the picture was made with") as caught:
        rerun(path, photo=small_portrait, style=small_style)
    assert "\n" not in str(caught.value) and isinstance(caught.value, ModelError)


def test_a_file_of_other_weights_is_refused(small_portrait: Path, small_style: Path, tmp_path: Path) -> None:
    file = networks.write_npz(tmp_path / "vgg19.npz", networks.caffe_state(VGG19, seed=1))
    how: dict[str, Any] = {
        "encoder": "vgg19",
        "weights": str(file),
        "region": "all",
        "scales": (1.0,),
        "method": "gram",
    }
    path = stylize(small_portrait, small_style, **how, **{**QUICK, "size": 64, "iterations": 1}).save(
        tmp_path / "out.png"
    )
    again = rerun(path, photo=small_portrait, style=small_style).save(tmp_path / "again.png")
    assert path.read_bytes() == again.read_bytes()
    networks.write_npz(file, networks.caffe_state(VGG19, seed=2))
    with pytest.raises(WeightsError, match=r"vgg19\.npz is not the file"):
        rerun(path, photo=small_portrait, style=small_style)


def test_a_recipe_that_names_no_weights_is_made_again(
    painted: Result, small_portrait: Path, small_style: Path, tmp_path: Path
) -> None:
    recipe = {name: value for name, value in painted.recipe.items() if name != "weights_sha256"}
    path = imaging.save(Photo(painted.rgb), tmp_path / "old.png", recipe=recipe)
    assert np.array_equal(rerun(path, photo=small_portrait, style=small_style).rgb, painted.rgb)


def test_a_picture_of_another_command_names_that_command(painted: Result, tmp_path: Path) -> None:
    recipes: list[tuple[dict[str, Any], str]] = [
        ({"popart": {}, "photo": "0"}, "made by 'popart', which is not made again"),
        (
            {"format": 9, "command": "stylize", "portrait_nst": "9.0"},
            "'stylize' of portrait_nst '9.0' in a recipe format",
        ),
        ({}, "an unknown command of portrait_nst an unknown version"),
    ]
    for recipe, said in recipes:
        path = imaging.save(Photo(painted.rgb), tmp_path / "other.png", recipe=recipe, overwrite=True)
        with pytest.raises(InputError, match=said):
            rerun(path)
