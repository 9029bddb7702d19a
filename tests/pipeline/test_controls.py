"""Blends, label maps, colour and scale control, movements, reconstruction, presets: what each must keep and change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from portrait_nst import InputError, Stylizer, imaging, pipeline, reconstruct, rerun, stylize
from portrait_nst.encoders import NAMES
from portrait_nst.imaging import LUMA
from portrait_nst.pipeline import movements
from portrait_nst.presets import PRESETS, settings_of
from portrait_nst.result import Result
from portrait_nst.transfer import TargetStore, colour

QUICK: dict[str, Any] = {"size": 64, "iterations": 3, "threads": 1, "precision": "float32", "face_hold": 0.0}
RED, BLUE = (220, 30, 20), (20, 40, 210)


@pytest.fixture(scope="module")
def photo(small_portrait: Path) -> np.ndarray:
    return np.asarray(Image.open(small_portrait).convert("RGB"))


def striped(colour: tuple[int, int, int], path: Path, period: int = 8) -> Path:
    rows = np.arange(120)[:, None, None] // (period // 2) % 2
    Image.fromarray((np.array(colour) * (0.55 + 0.45 * rows)).repeat(130, 1).astype(np.uint8)).save(path)
    return path


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("styles")
    return {"red": striped(RED, folder / "red.png"), "blue": striped(BLUE, folder / "blue.png")}


@pytest.fixture(scope="module")
def plain(photo: np.ndarray, styles: dict[str, Path]) -> Result:
    """All of the photo in red, with no other setting."""
    return stylize(photo, styles["red"], region="all", **QUICK)


def redness(result: Result, where: tuple[slice, slice] | np.ndarray | None = None) -> float:
    rgb = result.rgb.astype(float) if where is None else result.rgb[where].astype(float)
    return float((rgb[..., 0] - rgb[..., 2]).mean())


def test_a_blend_lies_between_its_styles_by_their_weights(
    photo: np.ndarray, styles: dict[str, Path], plain: Result
) -> None:
    red, blue = styles["red"], styles["blue"]
    blends: list[list[Any]] = [[(red, 3.0), (blue, 1.0)], [(red, 1.0), (blue, 3.0)], [blue]]
    found = [redness(plain)] + [redness(stylize(photo, blend, region="all", **QUICK)) for blend in blends]
    assert found == sorted(found, reverse=True) and found[0] > 60 and found[-1] < -60
    assert found[0] - found[1] > 15 and found[1] - found[2] > 30 and found[2] - found[3] > 15


def test_the_weights_of_a_blend_are_relative(photo: np.ndarray, styles: dict[str, Path]) -> None:
    once = stylize(photo, [(styles["red"], 1.0), (styles["blue"], 2.0)], region="all", **QUICK)
    twice = stylize(photo, [(styles["red"], 2.0), (styles["blue"], 4.0)], region="all", **QUICK)
    assert np.abs(once.rgb.astype(int) - twice.rgb).max() <= 1


@pytest.mark.parametrize("weight", [0, -1, float("nan"), "x", True])
def test_a_weight_that_is_none(weight: Any, photo: np.ndarray, styles: dict[str, Path]) -> None:
    with pytest.raises(InputError, match="weight"):
        stylize(photo, [(styles["red"], weight)], region="all", **QUICK)


@pytest.fixture(scope="module")
def labels(photo: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    height, width = photo.shape[:2]
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[:, : width // 3] = 128
    rgb[:, -width // 3 :] = (255, 0, 0)
    path = tmp_path_factory.mktemp("labels") / "labels.png"
    Image.fromarray(rgb).save(path)
    return path


def test_each_label_has_its_style_and_the_rest_its_bytes(
    photo: np.ndarray, small_portrait: Path, styles: dict[str, Path], labels: Path, tmp_path: Path
) -> None:
    chosen = {"128": styles["red"], "#ff0000": styles["blue"]}
    found = stylize(small_portrait, labels=labels, region_styles=chosen, **QUICK)
    width = photo.shape[1]
    left, right = np.s_[:, : width // 3 - 4], np.s_[:, -width // 3 + 4 :]
    assert redness(found, left) > 40 and redness(found, right) < -40
    middle = found.matte.alpha == 0
    assert middle.mean() > 0.25 and np.array_equal(found.rgb[middle], photo[middle])
    saved = found.save(tmp_path / "regions.png")
    assert np.array_equal(rerun(saved, photo=small_portrait, inputs=[labels, *styles.values()]).rgb, found.rgb)


@pytest.mark.parametrize(
    "label, problem", [("7", "128"), ("300", "0 to 255"), ("#12", "#rrggbb"), ("red", "grey value")]
)
def test_a_label_that_is_not_there(
    label: str, problem: str, small_portrait: Path, styles: dict[str, Path], labels: Path
) -> None:
    with pytest.raises(InputError, match=problem):
        stylize(small_portrait, labels=labels, region_styles={label: styles["red"]}, **QUICK)


def test_a_style_and_labels_exclude_each_other(small_portrait: Path, styles: dict[str, Path], labels: Path) -> None:
    for arguments in ({}, {"style": styles["red"], "labels": labels}, {"labels": labels}):
        with pytest.raises(InputError, match="either a style"):
            stylize(small_portrait, **arguments, **QUICK)  # type: ignore[arg-type]


def chroma(rgb: np.ndarray) -> np.ndarray:
    rgb = rgb.astype(np.float64)
    return np.asarray(rgb - (rgb @ np.array(LUMA))[..., None])


def test_luminance_keeps_the_photos_chroma(photo: np.ndarray, styles: dict[str, Path]) -> None:
    found = stylize(photo, styles["red"], region="all", colours="luminance", **QUICK)
    inside = ((found.rgb > 0) & (found.rgb < 255)).all(2)
    assert inside.mean() > 0.5
    assert np.abs(chroma(found.rgb) - chroma(photo))[inside].max() < 1.6
    assert np.abs(found.rgb.astype(int) - photo).mean() > 2, "its lightness is painted"


@pytest.mark.parametrize("config", ["pca", "cholesky"])
def test_matched_colours_are_the_photos(config: str, photo: np.ndarray, styles: dict[str, Path], plain: Result) -> None:
    kept = stylize(photo, styles["red"], region="all", colours=config, **QUICK)
    assert redness(plain) > 60
    assert abs(redness(kept) - (photo[..., 0].astype(float) - photo[..., 2]).mean()) < 15


@pytest.mark.parametrize("config", ["pca", "cholesky"])
def test_the_affine_map_matches_mean_and_covariance(config: str) -> None:
    rng = np.random.default_rng(1)
    clouds = [
        (0.5 + 0.06 * rng.normal(size=(40, 50, 3)) @ rng.normal(size=(3, 3)) / 2).astype(np.float32) for _ in range(2)
    ]
    own, goal = (colour.mean_and_covariance(cloud, None) for cloud in clouds)
    found = colour.mean_and_covariance(colour.match_affine(clouds[0], own, goal, config), None)
    np.testing.assert_allclose(found[0], goal[0], atol=1e-5)
    np.testing.assert_allclose(found[1], goal[1], atol=2e-4)


def test_a_mixture_of_colours_has_the_moments_of_all_pixels() -> None:
    rng = np.random.default_rng(2)
    clouds = [rng.random((30, 20, 3)).astype(np.float32) * scale for scale in (0.4, 1.0)]
    mixed = colour.mixture([(colour.mean_and_covariance(cloud, None), 3.0) for cloud in clouds])
    together = colour.mean_and_covariance(np.concatenate(clouds), None)
    for found, expected in zip(mixed, together):
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_coarse_structure_joins_fine_texture(
    photo: np.ndarray, styles: dict[str, Path], plain: Result, tmp_path: Path
) -> None:
    """The style that results has the coarse picture's broad stripes in the colours of the fine one."""
    coarse = striped((200, 200, 200), tmp_path / "coarse.png", period=60)
    joined = stylize(photo, styles["red"], region="all", coarse_style=str(coarse), **QUICK)
    assert redness(joined) > 40
    assert not np.array_equal(plain.rgb, joined.rgb)
    assert joined.recipe["inputs"]["coarse_style"]["file"] == coarse.name
    assert joined.recipe["settings"]["coarse_style"] == coarse.name


def test_a_picture_to_start_from(photo: np.ndarray, styles: dict[str, Path], tmp_path: Path) -> None:
    start = striped((20, 200, 30), tmp_path / "start.png")
    weak = {**QUICK, "iterations": 1, "scales": (1.0,), "style_weight": 1e-9, "content_weight": 1e-9, "tv_weight": 0.0}
    found = stylize(photo, styles["red"], region="all", init=str(start), optimizer="sgd", learning_rate=1e-6, **weak)
    assert found.rgb[..., 1].mean() > 120 > 60 > found.rgb[..., 0].mean()
    with pytest.raises(InputError, match="none of these"):
        stylize(photo, styles["red"], region="all", init="contnt", **QUICK)


@pytest.mark.parametrize(
    "form, canvas, values",
    [(form, "pixels", "byte") for form in ("gatys2015", "chollet")]
    + [(form, "pyramid", "unit") for form in ("gatys2016", "half")],
)
def test_every_published_form_paints(
    form: str, canvas: str, values: str, photo: np.ndarray, styles: dict[str, Path]
) -> None:
    changes = {**QUICK, "iterations": 6, "normalisation": form, "canvas": canvas, "values": values, "recolour": 0.0}
    found = stylize(photo, styles["red"], region="all", content_weight=0.0, **changes)
    scale = [losses["style"] for losses in found.losses][-6:]
    assert scale[-1] < 0.9 * scale[0] and np.isfinite(scale).all()


def test_wasserstein_paints(photo: np.ndarray, styles: dict[str, Path]) -> None:
    found = stylize(photo, styles["red"], region="all", style_loss="wasserstein", **{**QUICK, "iterations": 6})
    assert found.losses[-1]["style"] < 0.7 * found.losses[-6]["style"] and redness(found) > 40


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_settings_of_real_encoders(name: str) -> None:
    settings = settings_of(name, seed=3)
    assert (
        settings.seed == 3 and settings.encoder in NAMES and settings.canvas == "pixels" and settings.scales == (1.0,)
    )
    assert settings_of(name, encoder="embedded", learning_rate=1.0).encoder == "embedded"
    with pytest.raises(InputError, match=name):
        settings_of("no such")


def test_a_presets_run_on_another_encoder(photo: np.ndarray, styles: dict[str, Path]) -> None:
    small: dict[str, Any] = {"encoder": "embedded", "style_layers": (), "content_layers": (), "size": 64, "threads": 1}
    for name in PRESETS:
        found = stylize(photo, styles["red"], preset=name, **{**small, "iterations": 3, "region": "all"})
        losses = [step["total"] for step in found.losses]
        assert np.isfinite(losses).all() and len(losses) == 3, name
        assert not np.array_equal(found.rgb, photo), name


def test_targets_are_computed_once_and_kept_in_the_folder(
    photo: np.ndarray, styles: dict[str, Path], tmp_path: Path
) -> None:
    once = {**QUICK, "iterations": 1}
    store = TargetStore(tmp_path / "kept")
    first = stylize(photo, styles["red"], region="all", stylizer=Stylizer(store=store), **once)
    computed = store.computed
    again = stylize(photo[:, 1:], styles["red"], region="all", stylizer=Stylizer(store=store), **once)
    assert store.computed == computed > 0, "a photo of nearly the same size shares them"
    fresh = TargetStore(tmp_path / "kept")
    third = stylize(photo, styles["red"], region="all", stylizer=Stylizer(store=fresh), **once)
    assert fresh.computed == 0 and np.array_equal(first.rgb, third.rgb) and again.rgb.shape != first.rgb.shape
    for path in (tmp_path / "kept").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    damaged = TargetStore(tmp_path / "kept")
    fourth = stylize(photo, styles["red"], region="all", stylizer=Stylizer(store=damaged), **once)
    assert damaged.computed == computed and np.array_equal(first.rgb, fourth.rgb)


def test_targets_in_memory_are_bounded(
    photo: np.ndarray, styles: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from portrait_nst.transfer import target_store

    monkeypatch.setattr(target_store, "KEPT_BYTES", 1)
    store = TargetStore()
    stylize(photo, styles["red"], region="all", stylizer=Stylizer(store=store), **QUICK)
    assert len(store.kept) == 1


@pytest.fixture
def library(styles: dict[str, Path], tmp_path: Path) -> Path:
    for movement, tones in {"Red_School": [RED, (200, 60, 40), (230, 10, 60)], "blue": [BLUE, (10, 90, 200)]}.items():
        (tmp_path / "library" / movement / "deep").mkdir(parents=True)
        for number, tone in enumerate(tones):
            striped(tone, tmp_path / "library" / movement / ("deep" if number else ".") / f"{number}.png")
    (tmp_path / "library" / "empty").mkdir()
    (tmp_path / "library" / "blue" / "broken.jpg").write_text("no picture")
    return tmp_path / "library"


def test_the_movements_of_a_library(library: Path) -> None:
    found = movements.movements(library)
    assert {name: len(paths) for name, paths in found.items()} == {"Red_School": 3, "blue": 3}
    for folder, problem in ((library / "no", "not a folder"), (library / "empty", "no folder with pictures")):
        with pytest.raises(InputError, match=problem):
            movements.movements(folder)


def test_the_mean_of_a_movement(library: Path, photo: np.ndarray) -> None:
    blend, notes = movements.choose(library, "red school", photo)
    assert len(blend) == 3 and not notes
    assert redness(stylize(photo, blend, region="all", **QUICK)) > 40
    blend, notes = movements.choose(library, "BLUE", photo)
    assert len(blend) == 2 and len(notes) == 1 and "broken.jpg" in notes[0]
    with pytest.raises(InputError, match="Red_School, blue"):
        movements.choose(library, "fauvism", photo)
    with pytest.raises(InputError, match="at least 1"):
        movements.choose(library, "blue", photo, count=0)


def test_the_nearest_of_a_movement(
    library: Path, styles: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The painting that looks like the photo is found; the second time from what was kept."""
    like = np.asarray(Image.open(library / "Red_School" / "deep" / "1.png"))
    seen, described = movements._descriptor, []

    def counted(rgb: np.ndarray) -> np.ndarray:
        described.append(rgb)
        return seen(rgb)

    monkeypatch.setattr(movements, "_descriptor", counted)
    for expected in (4, 5):  # three paintings and the photo; then the photo alone
        blend, _ = movements.choose(library, "red-school", like, pick="nearest", count=1, cache=tmp_path / "cache")
        assert [picture.path.name for picture, _ in blend if picture.path] == ["1.png"]
        assert len(described) == expected


def test_content_comes_back_from_noise(photo: np.ndarray) -> None:
    shallow = reconstruct("content", photo, content_layers=("relu1_1",), size=64, iterations=40, threads=1)
    deep = reconstruct("content", photo, content_layers=("relu3_4",), size=64, iterations=40, threads=1)
    small = imaging.to_uint8(colour.resize(imaging.to_float(photo), shallow.rgb.shape[:2]))
    errors = [np.abs(result.rgb.astype(int) - small).mean() for result in (shallow, deep)]
    assert errors[0] < 6 and errors[0] < errors[1] < 65
    assert shallow.losses[-1]["content"] < 0.02 * shallow.losses[0]["content"]
    assert shallow.recipe["command"] == "reconstruct content"


def test_a_style_comes_back_as_a_texture(styles: dict[str, Path]) -> None:
    found = reconstruct("style", styles["red"], size=64, iterations=40, threads=1)
    assert found.losses[-1]["style"] < 0.1 * found.losses[0]["style"]
    assert redness(found) > 60
    with pytest.raises(ValueError, match="content"):
        reconstruct("texture", styles["red"])


def test_one_seed_one_reconstruction(styles: dict[str, Path]) -> None:
    runs = [reconstruct("style", styles["red"], size=64, iterations=4, seed=seed, threads=1) for seed in (0, 0, 1)]
    assert np.array_equal(runs[0].rgb, runs[1].rgb) and not np.array_equal(runs[0].rgb, runs[2].rgb)


def test_the_grey_canvas_is_grey() -> None:
    rgb = torch.rand(1, 3, 5, 6)
    found = colour.grey(rgb)
    assert torch.equal(found[:, 0], found[:, 2])
    np.testing.assert_allclose(found[0].permute(1, 2, 0), colour.grey_array(rgb[0].permute(1, 2, 0).numpy()), atol=1e-6)


def test_jobs_know_their_files(small_portrait: Path, styles: dict[str, Path], tmp_path: Path) -> None:
    from portrait_nst.recipe import read_job

    found = stylize(small_portrait, [(styles["red"], 2.0), styles["blue"]], region="all", **QUICK)
    job = read_job(found.save(tmp_path / "blend.png"), photo=small_portrait, style=list(styles.values()))
    assert job.style == [(styles["red"], 2.0), (styles["blue"], 1.0)]
    assert job.files == [small_portrait, styles["red"], styles["blue"]]
    assert np.array_equal(pipeline.paint_job(job).rgb, found.rgb)
