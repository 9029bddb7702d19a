"""The method painterly, photo in and picture out: with every kind of style, start, canvas, optimiser, size and goal."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError, Settings, encoders, imaging, rerun, stylize, transfer
from portrait_nst.pipeline import styles
from portrait_nst.planning import plan
from portrait_nst.presets import PRESETS, settings_of
from portrait_nst.result import Result
from portrait_nst.transfer import initialization, scale_builder, windowed_optimizer
from portrait_nst.transfer.configuration import ASK_EVERY, LEAST_CONTENT, NEAREST_CONTENT, PRICE, nearest
from portrait_nst.transfer.nearest import matching
from portrait_nst.types import Photo, Step

QUICK: dict[str, Any] = {
    "size": 80,
    "scales": (0.5, 1.0),
    "iterations": 2,
    "threads": 1,
    "precision": "float32",
    "method": "painterly",
}


@pytest.fixture(scope="module")
def photo(small_portrait: Path) -> np.ndarray:
    return np.asarray(Image.open(small_portrait).convert("RGB"))


@pytest.fixture(scope="module")
def mask() -> np.ndarray:
    found = np.zeros((160, 136), np.float32)
    found[30:, 20:110] = 1
    found[26:30, 20:110] = 0.5
    return found


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("styles") / "red.png"
    rng = np.random.default_rng(1)
    rows = 0.55 + 0.45 * np.sin(np.arange(90) / 2)[:, None, None] + rng.normal(0, 0.05, (90, 120, 1))
    Image.fromarray(np.uint8(np.clip(np.array([230, 60, 40]) * rows, 0, 255))).save(path)
    return path


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "map.png"
    Image.fromarray(np.uint8(np.indices((160, 136))[1] // 68 * 255)).save(path)
    return path


@pytest.fixture(scope="module")
def plain(photo: np.ndarray, mask: np.ndarray, small_style: Path) -> Result:
    return stylize(photo, small_style, mask=mask, **QUICK)


def test_it_is_the_default_and_paints_what_is_to_be_painted(
    plain: Result, photo: np.ndarray, mask: np.ndarray, small_style: Path
) -> None:
    assert np.array_equal(plain.rgb[mask == 0], photo[mask == 0])
    assert np.abs(plain.rgb[mask == 1].astype(int) - photo[mask == 1]).mean() > 8
    assert set(plain.losses[-1]) == {"content", "style", "tv", "nearest", "total"}
    assert plain.losses[-1]["nearest"] > 0 and plain.losses[-1]["content"] > 0
    again = stylize(photo, small_style, mask=mask, **{**QUICK, "method": "auto"})
    assert np.array_equal(again.rgb, plain.rgb), "the same call gives the same bytes, and auto is painterly"


WAYS: dict[str, dict[str, Any]] = {
    "blend": {"style": "both"},
    "labels": {"style": "labels"},
    "background": {"background": "red"},
    "luminance": {"colours": "luminance"},
    "pca": {"colours": "pca"},
    "random": {"init": "random"},
    "statistics": {"init": "statistics", "recolour": 0.3},
    "picture": {"init": "red"},
    "pixels": {"canvas": "pixels", "iterations": 7},
    "adam": {"optimizer": "adam", "iterations": 7},
    "one layer": {"style_layers": ("relu3_1",), "content_layers": ("relu3_1",)},
    "no partner": {"style_weight": 0.0},
    "coarse": {"coarse_style": "red"},
    "levels": {"levels": 1},
    "broad": {"style_scale": 2.5},
    "fine": {"style_scale": 0.2},
    "bfloat16": {"precision": "bfloat16"},
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_paints(
    way: str, plain: Result, photo: np.ndarray, mask: np.ndarray, small_style: Path, red: Path, labels: Path
) -> None:
    given = {name: str(red) if value == "red" else value for name, value in WAYS[way].items()}
    style: Any = {"style": small_style, "mask": mask}
    if given.pop("style", None) == "both":
        style = {"style": [small_style, (red, 2.0)], "mask": mask}
    elif way == "labels":
        style = {"labels": labels, "region_styles": {"0": small_style, "255": red}}
    found = stylize(photo, **style, **{**QUICK, **given})
    assert found.rgb.shape == photo.shape and np.isfinite(found.losses[-1]["total"])
    assert not np.array_equal(found.rgb, plain.rgb) and not np.array_equal(found.rgb, photo)
    if way not in ("labels", "background"):
        assert np.array_equal(found.rgb[mask == 0], photo[mask == 0])
    if way == "labels":
        redder = found.rgb[..., 0].astype(float) - found.rgb[..., 2]
        assert redder[:, 72:].mean() > redder[:, :64].mean() + 30
    if way == "background":
        assert (found.rgb[mask == 0].astype(int) - photo[mask == 0])[:, 0].mean() > 5


def test_each_step_within_a_question_makes_the_objective_smaller(
    photo: np.ndarray, mask: np.ndarray, small_style: Path
) -> None:
    steps: list[Step] = []
    stylize(photo, small_style, mask=mask, on_step=steps.append, **{**QUICK, "iterations": ASK_EVERY + 3})
    for scale in (0, 1):
        totals = [step.losses["total"] for step in steps if step.scale == scale]
        first, second = totals[:ASK_EVERY], totals[ASK_EVERY:]
        for part in (first, second):
            assert all(b <= a for a, b in itertools.pairwise(part))
        assert first[-1] < 0.9 * first[0]


@pytest.mark.slow
def test_a_goal_of_likeness_holds_the_face(small_portrait: Path, small_style: Path) -> None:
    free, held = (
        stylize(small_portrait, small_style, likeness=goal, **{**QUICK, "iterations": 6, "strength": 0.95, "size": 128})
        for goal in (0.0, 0.7)
    )
    assert free.likeness is not None and held.likeness is not None
    assert free.likeness.value < 0.5 and held.likeness.value > free.likeness.value + 0.05
    assert not np.array_equal(held.rgb, free.rgb)


@pytest.mark.slow
def test_gain_maps_and_the_sitter_only(
    small_portrait: Path, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A portrait is the style of itself: its sitter answers for the photo's face."""
    with Image.open(samples / "grace_hopper.jpg") as image:
        image.convert("RGB").resize((170, 200)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "sitter.png")
    style = tmp_path / "sitter.png"
    plain, person, gained = (
        stylize(small_portrait, style, **more, **QUICK)
        for more in ({}, {"style_region": "person"}, {"style_region": "person", "gain_maps": True})
    )
    assert not np.array_equal(plain.rgb, person.rgb) and not np.array_equal(person.rgb, gained.rgb)
    half = np.zeros((200, 170), np.uint8)
    half[:, :90] = 255
    Image.fromarray(half).save(tmp_path / "half.png")
    masked = stylize(small_portrait, style, style_region=str(tmp_path / "half.png"), **QUICK)
    assert not np.array_equal(masked.rgb, plain.rgb)
    monkeypatch.setattr(styles, "_faces", lambda *_: None)
    faceless = stylize(small_portrait, style, style_region="person", **QUICK)
    assert not np.array_equal(faceless.rgb, person.rgb), "faces ask faces"


def test_a_style_with_a_mask_of_a_few_pixels_is_painted_with(
    photo: np.ndarray, mask: np.ndarray, small_style: Path, tmp_path: Path
) -> None:
    thin = np.zeros((96, 96), np.uint8)
    thin[93:, 20:80] = 255
    Image.fromarray(thin).save(tmp_path / "thin.png")
    with Image.open(small_style) as image:
        image.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "other.png")
    for style in (small_style, [small_style, tmp_path / "other.png"]):
        found = stylize(photo, style, mask=mask, style_region=str(tmp_path / "thin.png"), **QUICK)
        assert np.isfinite(found.losses[-1]["total"]) and not np.array_equal(found.rgb, photo)


@pytest.mark.parametrize("size", [(16, 16), (16, 1000), (20, 17), (33, 34)])
def test_tiny_photos_are_painted(size: tuple[int, int], small_style: Path) -> None:
    tiny = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    found = stylize(tiny, small_style, region="all", **{**QUICK, "size": 512})
    assert found.rgb.shape == tiny.shape and not np.array_equal(found.rgb, tiny)


def test_strength_0_is_the_photo_and_more_is_more(
    plain: Result, photo: np.ndarray, mask: np.ndarray, small_style: Path
) -> None:
    nothing = stylize(photo, small_style, mask=mask, strength=0, **QUICK)
    assert np.array_equal(nothing.rgb, photo) and "strength 0: the photo itself" in nothing.notes
    assert not nothing.losses
    inside = mask == 1
    moved = [
        np.abs(result.rgb[inside].astype(int) - photo[inside]).mean()
        for result in (
            *(stylize(photo, small_style, mask=mask, strength=s, **QUICK) for s in (0.03, 0.12)),
            plain,
            stylize(photo, small_style, mask=mask, strength=1.0, **QUICK),
        )
    ]
    assert 0 < moved[0] < moved[1] < moved[2] < moved[3]


@pytest.mark.slow
def test_full_size_is_painted_in_windows_where_it_is_too_large(
    photo: np.ndarray, mask: np.ndarray, small_style: Path, red: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In windows, and in tiles what cannot be painted in windows; both come near to what the whole canvas becomes."""
    whole = stylize(photo, small_style, mask=mask, **{**QUICK, "size": "full"})
    monkeypatch.setattr(plan, "WHOLE", 12_000)
    monkeypatch.setattr(windowed_optimizer, "SIDE", 64)
    passes, tiled = list[int](), list[int]()

    def counted(original: Callable[..., Any], calls: list[int]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            calls.append(1)
            return original(*args)

        return call

    paint_pass, evaluate = windowed_optimizer.WindowedOptimizer.paint_pass, matching.TiledNearestTerm.evaluate
    monkeypatch.setattr(windowed_optimizer.WindowedOptimizer, "paint_pass", counted(paint_pass, passes))
    monkeypatch.setattr(matching.TiledNearestTerm, "evaluate", counted(evaluate, tiled))
    parts = stylize(photo, small_style, mask=mask, **{**QUICK, "size": "full"})
    assert len(passes) == 2 and not tiled
    tiles = stylize(photo, small_style, mask=mask, canvas="pixels", **{**QUICK, "size": "full"})
    assert len(passes) == 2 and tiled
    for found in (parts, tiles):
        assert np.array_equal(found.rgb[mask == 0], photo[mask == 0])
        assert np.abs(found.rgb[mask == 1].astype(int) - photo[mask == 1]).mean() > 5
    moved, apart = (
        np.abs(a[mask == 1].astype(int) - b[mask == 1]).mean() for a, b in ((whole.rgb, photo), (parts.rgb, whole.rgb))
    )
    assert apart < 0.5 * moved


def test_the_method_gram_asks_nothing(photo: np.ndarray, mask: np.ndarray, small_style: Path) -> None:
    encoder = encoders.get("embedded")
    for settings in (Settings(method="gram"), Settings(normalisation="gatys2016"), Settings(style_loss="wasserstein")):
        assert not settings.painterly and transfer.build_config(settings, encoder, 160, 136).nearest is None
    assert not Settings(values="byte").painterly and Settings().painterly
    for preset in PRESETS:
        assert not settings_of(preset).painterly, preset
    found = stylize(photo, small_style, mask=mask, **{**QUICK, "method": "gram"})
    assert "nearest" not in found.losses[-1]
    for form in ({"normalisation": "chollet"}, {"style_loss": "wasserstein"}, {"values": "byte"}):
        with pytest.raises(InputError, match="method painterly has losses of its own"):
            stylize(photo, small_style, mask=mask, **{**QUICK, **form})


def test_a_recipe_of_before_the_method_is_made_again_as_gram(
    photo: np.ndarray, small_style: Path, tmp_path: Path
) -> None:
    Image.fromarray(photo).save(tmp_path / "photo.png")
    old = stylize(tmp_path / "photo.png", small_style, region="all", **{**QUICK, "method": "gram"})
    recipe = {**old.recipe, "settings": {k: v for k, v in old.recipe["settings"].items() if k != "method"}}
    imaging.save(Photo(old.rgb), tmp_path / "old.png", recipe=recipe)
    assert np.array_equal(rerun(tmp_path / "old.png", style=small_style).rgb, old.rgb)
    new = stylize(tmp_path / "photo.png", small_style, region="all", **QUICK)
    new.save(tmp_path / "new.png")
    again = rerun(tmp_path / "new.png", style=small_style)
    assert np.array_equal(again.rgb, new.rgb) and not np.array_equal(new.rgb, old.rgb)


def test_whole_stays_whole_below_the_threshold() -> None:
    encoder = encoders.get("embedded")
    config = transfer.build_config(Settings(size=512), encoder, 512, 512)
    assert config.nearest is not None and not config.tiling.needed_for((512, 512))
    assert config.tiling.needed_for((1000, plan.WHOLE // 1000 + 1))


def test_strength_sets_how_the_photo_is_held_and_asked_for() -> None:
    middle, full, none = (nearest(Settings(strength=s)) for s in (0.5, 1.0, 0.0))
    assert middle.content == pytest.approx(NEAREST_CONTENT) and middle.photo == pytest.approx(0.25)
    assert middle.detail == pytest.approx(0.5**1.74)
    assert middle.price == pytest.approx(PRICE) and none.price == pytest.approx(2 * PRICE)
    assert nearest(Settings(strength=0.9)).price == pytest.approx(0.2 * PRICE)
    assert (full.content, full.photo, full.detail, full.price) == (LEAST_CONTENT, 0.0, 0.0, 0.0)
    assert none.content > 100 and none.detail == 1
    weights = [nearest(Settings(strength=s)).content for s in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert weights == sorted(weights, reverse=True) and nearest(Settings(content_weight=7.0)).content == 7


def test_a_scale_begins_with_a_share_of_the_photos_detail_and_asks_with_all_of_it(
    photo: np.ndarray, mask: np.ndarray, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []
    plain = initialization.refined

    def refined(frame: Any, content: Any, box: Any, share: float = 1.0) -> Any:
        shares.append(share)
        return plain(frame, content, box, share)

    monkeypatch.setattr(scale_builder, "refined", refined)
    stylize(photo, small_style, mask=mask, strength=0.7, **QUICK)
    assert shares == [1.0, nearest(Settings(strength=0.7)).detail]


def test_a_style_of_one_colour_keeps_light_and_shade_and_says_so(
    photo: np.ndarray, mask: np.ndarray, tmp_path: Path
) -> None:
    Image.new("RGB", (80, 60), (200, 60, 40)).save(tmp_path / "flat.png")
    result = stylize(photo, tmp_path / "flat.png", mask=mask, **QUICK)
    assert any("one colour" in note for note in result.notes)
    inside = mask == 1
    before, after = (rgb[inside].astype(float) @ [0.299, 0.587, 0.114] for rgb in (photo, result.rgb))
    assert np.corrcoef(before, after)[0, 1] > 0.95 and after.std() > 0.5 * min(before.std(), 0.12 * 255)
    red, green, blue = result.rgb[inside].mean(0)
    assert red > green + 60 and red > blue + 60


def test_a_photo_that_would_be_painted_too_thin_is_refused_in_a_line(small_style: Path) -> None:
    thin = np.random.default_rng(1).integers(0, 256, (900, 17, 3), np.uint8)
    with pytest.raises(InputError, match=r"painted at 1 x 64; expected at least 4 on each side"):
        stylize(thin, small_style, region="all", size=64, iterations=1)
