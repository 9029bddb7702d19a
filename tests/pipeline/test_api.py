"""Photo in, `Result` out: the background's bytes, regions, backgrounds, recipes, interruptions."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError, MaskError, Settings, imaging, pipeline, stylize
from portrait_nst.errors import ResourceError
from portrait_nst.result import Result
from portrait_nst.types import Samples, Step

pytestmark = pytest.mark.usefixtures("small_pop_art")
QUICK: dict[str, Any] = {"size": 64, "iterations": 2, "threads": 1, "precision": "float32"}


@pytest.fixture(scope="module")
def portrait_array(small_portrait: Path) -> np.ndarray:
    return np.asarray(Image.open(small_portrait).convert("RGB"))


@pytest.fixture(scope="module")
def half_mask() -> np.ndarray:
    mask = np.zeros((160, 136), np.float32)
    mask[40:, 30:100] = 1
    mask[36:40, 30:100] = 0.5
    return mask


@pytest.fixture(scope="module")
def painted(small_portrait: Path, small_style: Path) -> Result:
    return stylize(small_portrait, small_style, **QUICK)


def test_the_background_keeps_its_bytes_and_the_person_is_painted(painted: Result, portrait_array: np.ndarray) -> None:
    outside = painted.matte.alpha == 0
    assert 0.2 < outside.mean() < 0.9
    assert painted.rgb.shape == portrait_array.shape
    assert np.array_equal(painted.rgb[outside], portrait_array[outside])
    inside = painted.matte.alpha == 1
    assert np.abs(painted.rgb[inside].astype(int) - portrait_array[inside]).mean() > 8


def test_each_step_makes_the_objective_smaller_within_a_scale(small_portrait: Path, small_style: Path) -> None:
    steps: list[Step] = []
    stylize(small_portrait, small_style, on_step=steps.append, **{**QUICK, "iterations": 6})
    assert {s.scale for s in steps} == set(range(steps[0].scales))
    last = [s for s in steps if s.scale == steps[-1].scale]
    totals = [s.losses["total"] for s in last]
    assert all(b <= a for a, b in itertools.pairwise(totals))
    assert last[-1].losses["style"] < 0.8 * steps[0].losses["style"]
    assert last[-1].image().shape == (*last[-1].size, 3)
    assert all(s.seconds_left >= 0 for s in steps) and steps[-1].seconds_left == 0


def test_the_same_call_gives_the_same_bytes(painted: Result, small_portrait: Path, small_style: Path) -> None:
    again = stylize(small_portrait, small_style, **QUICK)
    assert np.array_equal(again.rgb, painted.rgb)


def test_the_seed_decides_a_random_start(portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path) -> None:
    def paint(seed: int) -> np.ndarray:
        quick = {**QUICK, "iterations": 1, "scales": (1.0,)}
        return stylize(portrait_array, small_style, mask=half_mask, init="random", seed=seed, **quick).rgb

    one = paint(1)
    assert np.array_equal(one, paint(1))
    assert not np.array_equal(one, paint(2))


@pytest.mark.parametrize(
    "init, optimizer",
    [
        ("content", "lbfgs"),
        ("statistics", "lbfgs"),
        ("random", "lbfgs"),
        ("content", "adam"),
        ("random", "nadam"),
        ("statistics", "rmsprop"),
        ("random", "sgd"),
    ],
)
def test_every_start_and_optimiser_reduces_the_style_loss(
    init: str, optimizer: str, portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path
) -> None:
    result = stylize(
        portrait_array, small_style, mask=half_mask, init=init, optimizer=optimizer, **{**QUICK, "iterations": 6}
    )
    style = [step["style"] for step in result.losses]
    assert style[-1] < 0.9 * style[0]


@pytest.mark.slow
def test_a_stronger_strength_ends_nearer_to_the_style_and_further_from_the_photo(
    portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path
) -> None:
    def at(strength: float) -> tuple[float, float]:
        result = stylize(portrait_array, small_style, mask=half_mask, strength=strength, **{**QUICK, "iterations": 10})
        inside = half_mask == 1
        return result.losses[-1]["nearest"], float(
            np.abs(result.rgb[inside].astype(int) - portrait_array[inside]).mean()
        )

    weak, middle, strong = at(0.1), at(0.5), at(0.9)
    assert weak[0] > middle[0] > strong[0]
    assert weak[1] < middle[1] < strong[1]


def test_a_colour_behind_the_person(portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path) -> None:
    result = stylize(portrait_array, small_style, mask=half_mask, background="#10fa20", **QUICK)
    assert (result.rgb[half_mask == 0] == (0x10, 0xFA, 0x20)).all()


def test_a_transparent_background_is_the_matte(
    portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path
) -> None:
    result = stylize(portrait_array, small_style, mask=half_mask, background="transparent", **QUICK)
    assert result.alpha is not None
    assert np.array_equal(result.alpha, np.round(half_mask * 255))


def test_a_blurred_background_has_less_detail(
    portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path
) -> None:
    result = stylize(portrait_array, small_style, mask=half_mask, background="blur", **QUICK)
    top = slice(0, 30)
    assert (
        np.abs(np.diff(result.rgb[top].astype(int), axis=0)).mean()
        < 0.5 * np.abs(np.diff(portrait_array[top].astype(int), axis=0)).mean()
    )


def test_a_background_with_a_style_of_its_own(
    portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 64), (250, 30, 30)).save(tmp_path / "red.png")
    result = stylize(
        portrait_array,
        small_style,
        mask=half_mask,
        background=str(tmp_path / "red.png"),
        strength=1.0,
        **{**QUICK, "iterations": 10},
    )
    red = result.rgb[..., 0].astype(int) - result.rgb[..., 1]
    before = portrait_array[..., 0].astype(int) - portrait_array[..., 1]
    outside = half_mask == 0
    assert red[outside].mean() > before[outside].mean() + 60
    assert set(result.recipe["inputs"]) == {"photo", "style", "mask", "background"}


def test_the_sitter_of_the_style_only(portrait_array: np.ndarray, half_mask: np.ndarray, tmp_path: Path) -> None:
    style = np.full((96, 96, 3), (20, 20, 240), np.uint8)
    style[:, 48:] = (240, 20, 20)
    Image.fromarray(style).save(tmp_path / "two.png")
    only = np.zeros((96, 96), np.uint8)
    only[:, 48:] = 255
    Image.fromarray(only).save(tmp_path / "right.png")
    result = stylize(
        portrait_array,
        tmp_path / "two.png",
        mask=half_mask,
        style_region=str(tmp_path / "right.png"),
        strength=1.0,
        **{**QUICK, "iterations": 10},
    )
    inside = half_mask == 1
    assert result.rgb[inside][:, 0].mean() > 2 * result.rgb[inside][:, 2].mean()


def test_the_whole_picture(portrait_array: np.ndarray, small_style: Path) -> None:
    result = stylize(portrait_array, small_style, region="all", **QUICK)
    assert (result.matte.alpha == 1).all()
    assert np.abs(result.rgb.astype(int) - portrait_array).mean(axis=2)[:10].mean() > 3


def test_a_photo_larger_than_the_painting_comes_back_in_its_own_size(
    portrait_array: np.ndarray, small_style: Path
) -> None:
    large = np.asarray(Image.fromarray(portrait_array).resize((408, 480), Image.Resampling.BICUBIC))
    mask = np.zeros((480, 408), np.float32)
    mask[150:, 90:300] = 1
    result = stylize(large, small_style, mask=mask, **QUICK)
    assert result.rgb.shape == large.shape
    assert np.array_equal(result.rgb[mask == 0], large[mask == 0])


def test_full_size_paints_every_pixel(portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path) -> None:
    steps: list[Step] = []
    stylize(portrait_array, small_style, mask=half_mask, on_step=steps.append, **{**QUICK, "size": "full"})
    assert steps[-1].size == (160, 136)


def test_transparency_of_the_photo_stays(portrait_array: np.ndarray, small_style: Path, half_mask: np.ndarray) -> None:
    opacity = np.full((160, 136, 1), 255, np.uint8)
    opacity[:, :40] = 0
    result = stylize(np.concatenate([portrait_array, opacity], 2), small_style, mask=half_mask, **QUICK)
    assert result.alpha is not None and np.array_equal(result.alpha, opacity[..., 0])
    assert (result.matte.alpha[:, :40] == 0).all()


def test_an_interruption_returns_the_picture_so_far(
    portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path
) -> None:
    def stop(step: Step) -> None:
        if step.scale == 1:
            raise KeyboardInterrupt

    result = stylize(portrait_array, small_style, mask=half_mask, on_step=stop, **{**QUICK, "size": 96})
    assert result.status == "interrupted" and any("so far" in note for note in result.notes)
    assert result.rgb.shape == portrait_array.shape
    assert not np.array_equal(result.rgb, portrait_array)
    assert np.array_equal(result.rgb[half_mask == 0], portrait_array[half_mask == 0])


def test_nobody_in_the_picture(small_style: Path) -> None:
    grey = np.full((120, 120, 3), 128, np.uint8)
    with pytest.raises(MaskError, match=r"--mask FILE.*--region all"):
        stylize(grey, small_style, **QUICK)


def test_an_empty_mask(portrait_array: np.ndarray, small_style: Path) -> None:
    with pytest.raises(MaskError, match="empty"):
        stylize(portrait_array, small_style, mask=np.zeros((160, 136), np.float32), **QUICK)


@pytest.mark.parametrize("colour", ["#12", "#ggg000", "#1234567"])
def test_a_bad_colour(colour: str, portrait_array: np.ndarray, small_style: Path) -> None:
    with pytest.raises(InputError, match="#rrggbb"):
        stylize(portrait_array, small_style, region="all", background=colour, **QUICK)


def test_a_background_that_is_nothing(portrait_array: np.ndarray, small_style: Path) -> None:
    with pytest.raises(InputError, match="keep, blur, transparent"):
        stylize(portrait_array, small_style, region="all", background="no-such-file.png", **QUICK)


@pytest.mark.parametrize("size", [(17, 40), (33, 200), (61, 61)])
def test_odd_and_small_photos(size: tuple[int, int], small_style: Path) -> None:
    photo = np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8)
    mask = np.zeros(size, np.float32)
    mask[5:, 5:-5] = 1
    result = stylize(photo, small_style, mask=mask, **QUICK)
    assert result.rgb.shape == photo.shape


def test_the_recipe_names_everything(painted: Result, small_portrait: Path) -> None:
    recipe = painted.recipe
    assert recipe["settings"] == Settings(**QUICK).as_dict()
    assert recipe["inputs"]["photo"]["sha256"] == imaging.load(small_portrait).sha256
    assert len(recipe["weights_sha256"]) == 64
    assert recipe["versions"]["torch"] != "unknown"


def test_arrays_are_checked(small_style: Path) -> None:
    with pytest.raises(InputError, match="uint8"):
        pipeline.load(np.zeros((10, 10, 3), np.float32))


def test_a_painting_turned_into_pop_art_keeps_the_background(
    small_portrait: Path, painted: Result, portrait_array: np.ndarray
) -> None:
    from portrait_nst.pipeline import as_popart

    own = Samples(painted.rgb.astype(np.uint16) * 257 - (painted.rgb > 0), 16)
    segments = as_popart(dataclasses.replace(painted, native=own), small_portrait, likeness=False)
    outside = painted.matte.alpha == 0
    assert np.array_equal(segments.rgb[outside], portrait_array[outside])
    assert segments.native is not None
    assert np.array_equal(segments.native.values[outside], own.values[outside])
    inside = painted.matte.alpha == 1
    assert np.abs(segments.native.values[inside] / 257 - segments.rgb[inside]).max() < 0.01
    assert (
        len(np.unique(segments.rgb[painted.matte.alpha == 1], axis=0))
        < len(np.unique(painted.rgb.reshape(-1, 3), axis=0)) / 2
    )


def test_the_public_pop_art_function(small_portrait: Path) -> None:
    import portrait_nst

    data = small_portrait.read_bytes()
    portrait = portrait_nst.popart(data, tones=4, likeness=False)
    buffer = io.BytesIO()
    portrait.save(buffer, format="png")  # as a painting is saved
    assert imaging.read_recipe(buffer.getvalue())["photo"] == hashlib.sha256(data).hexdigest()
    assert portrait.svg().startswith("<svg") or portrait.svg().startswith("<?xml")
    assert portrait.render()[0].shape[2] == 3


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_losses_that_are_not_finite_end_in_a_clear_error(
    optimizer: str,
    portrait_array: np.ndarray,
    half_mask: np.ndarray,
    small_style: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from portrait_nst.transfer import functional

    monkeypatch.setattr(functional, "range_penalty", lambda image: image.sum()[None] * float("nan"))
    with pytest.raises(InputError, match=r"not finite.*embedded"):
        stylize(portrait_array, small_style, mask=half_mask, optimizer=optimizer, **QUICK)


def test_bfloat16_that_overflows_falls_back_to_float32(
    portrait_array: np.ndarray, half_mask: np.ndarray, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst.transfer.objective.objective import Objective

    plain = Objective.__call__

    def overflowing(self: Objective, image: Any) -> Any:
        values, gradient = plain(self, image)
        return (values, gradient) if not self.bf16 else ({**values, "total": float("inf")}, gradient)

    monkeypatch.setattr(Objective, "__call__", overflowing)
    result = stylize(portrait_array, small_style, mask=half_mask, **{**QUICK, "precision": "bfloat16"})
    assert any("float32" in note for note in result.notes)
    assert np.isfinite(result.losses[-1]["total"])


def test_a_painting_keeps_within_the_memory_it_is_given(portrait_array: np.ndarray, small_style: Path) -> None:
    large = np.kron(portrait_array, np.ones((8, 8, 1), np.uint8))
    mask = np.zeros(large.shape[:2], np.float32)
    mask[40:-40, 40:-40] = 1
    options: dict[str, Any] = {"mask": mask, "size": "full", "iterations": 1, "scales": (1.0,), "threads": 1}
    result = stylize(large, small_style, max_memory=1.5, **options)
    assert any("instead of" in note and "1.5 GB" in note for note in result.notes)
    assert 256 <= result.recipe["settings"]["size"] < max(large.shape)
    assert result.rgb.shape == large.shape
    with pytest.raises(ResourceError, match=r"needs at least 1\.[2345] GB of memory, 0.2 are left"):
        stylize(large, small_style, max_memory=0.2, **options)
