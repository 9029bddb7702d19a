"""Quality instant: what is painted, what is left alone, and how strongly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from portrait_nst import Result, Stylizer, imaging, stylize
from portrait_nst.pipeline.instant.plan import InstantPlan
from portrait_nst.pipeline.instant.strength import HOLD, local_strength
from portrait_nst.pipeline.painting import UNPAINTED
from portrait_nst.pipeline.subject import Subject
from portrait_nst.settings import Settings
from portrait_nst.types import FloatArray, UInt8Array
from tests.pipeline.instant.conftest import QUICK


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer(device="cpu")


@pytest.fixture(scope="module")
def subject(stylizer: Stylizer, small_portrait: Path) -> Subject:
    return stylizer.prepare(small_portrait)


def far(result: Result, photo: UInt8Array, where: FloatArray) -> float:
    """How far a painting is from the photo inside a region, in levels."""
    apart = (result.rgb.astype(float) - photo)[where > 0.5]
    return float(np.sqrt((apart**2).mean()))


def test_the_background_keeps_its_bytes_and_the_person_does_not(small_portrait: Path, small_style: Path) -> None:
    result = stylize(small_portrait, small_style, **QUICK)
    photo = imaging.load(small_portrait).rgb
    outside = result.matte.alpha == 0
    assert outside.any() and np.array_equal(result.rgb[outside], photo[outside])
    assert far(result, photo, result.matte.alpha) > 10
    assert result.losses == [] and result.status == "complete" and result.likeness is not None


def test_strength_goes_steadily_from_the_photo_to_all_style(
    stylizer: Stylizer, subject: Subject, learned_file: Path
) -> None:
    strengths = (0, 0.02, 0.1, 0.2, 0.35, 0.5, 0.75, 1)
    results = [stylizer.paint(stylizer.plan(subject, learned_file, strength=s, **QUICK)).result() for s in strengths]
    distances = [far(result, subject.photo.rgb, subject.matte.alpha) for result in results]
    assert np.array_equal(results[0].rgb, subject.photo.rgb) and UNPAINTED in results[0].notes
    assert distances == sorted(distances) and 0 < distances[1] < 0.1 * distances[-1]
    slopes = np.diff(distances[:6]) / np.diff(strengths[:6])
    assert (slopes[1:] < 2 * slopes[:-1]).all() and (slopes[:-1] < 2.1 * slopes[1:]).all()


def test_faces_are_held_and_let_go(subject: Subject) -> None:
    usual = local_strength(subject, Settings(quality="instant"))
    face, eyes = subject.face_map == 1, subject.face_map == 2
    assert eyes.any() and np.allclose(usual[eyes], 1 - 2 * HOLD) and np.allclose(usual[face], 1 - HOLD)
    assert (usual[subject.face_map == 0] == 1).all()
    assert (local_strength(subject, Settings(quality="instant", strength=1)) == 1).all()
    assert (local_strength(subject, Settings(quality="instant", face_hold=0)) == 1).all()
    assert (local_strength(subject, Settings(quality="instant"), firmer=8)[face] == 0).all()


def test_a_goal_of_likeness_is_reached_by_a_firmer_hold(
    stylizer: Stylizer, subject: Subject, learned_file: Path
) -> None:
    free, held = (
        stylizer.paint(stylizer.plan(subject, learned_file, strength=0.7, likeness=goal, **QUICK)).result()
        for goal in (0.0, 0.97)
    )
    assert free.likeness is not None and held.likeness is not None
    assert held.likeness.value > free.likeness.value
    assert any("likeness 0.9" in note and "raising the face's hold" in note for note in held.notes)


@pytest.mark.parametrize("background", ["blur", "transparent", "#204060"])
def test_other_backgrounds(small_portrait: Path, learned_file: Path, half_mask: FloatArray, background: str) -> None:
    result = stylize(small_portrait, learned_file, mask=half_mask, background=background, **QUICK)
    kept = stylize(small_portrait, learned_file, mask=half_mask, **QUICK)
    inside = half_mask == 1
    assert np.array_equal(result.rgb[inside], kept.rgb[inside])
    if background == "transparent":
        assert result.alpha is not None and (result.alpha[~inside] == 0).all() and (result.alpha[inside] == 255).all()
    else:
        assert not np.array_equal(result.rgb[~inside], kept.rgb[~inside])


def test_a_background_with_a_style_has_a_network_of_its_own(
    small_portrait: Path, small_style: Path, learned_file: Path, half_mask: FloatArray
) -> None:
    photo = imaging.load(small_portrait).rgb
    result = stylize(small_portrait, learned_file, mask=half_mask, background=str(small_style), **QUICK)
    assert [network["learned"] for network in result.recipe["networks"]] == [True, False]
    assert len(result.recipe["styles"]) == 1
    assert far(result, photo, half_mask) > 10 and far(result, photo, 1 - half_mask) > 10


def test_each_region_of_a_label_map_has_its_own_network(
    small_portrait: Path, small_style: Path, learned_file: Path, tmp_path: Path
) -> None:
    labels = np.zeros((160, 136), np.uint8)
    labels[:60], labels[100:] = 100, 200
    Image.fromarray(labels).save(tmp_path / "labels.png")
    styles = {"100": [learned_file], "200": [small_style]}
    result = stylize(small_portrait, labels=tmp_path / "labels.png", region_styles=styles, **QUICK)
    photo = imaging.load(small_portrait).rgb
    assert [network["label"] for network in result.recipe["networks"]] == ["100", "200"]
    assert np.array_equal(result.rgb[labels == 0], photo[labels == 0])
    assert all(far(result, photo, (labels == label).astype(np.float32)) > 5 for label in (100, 200))


def test_grey_stays_grey(tmp_path: Path, small_portrait: Path, small_style: Path) -> None:
    for name, path in (("photo", small_portrait), ("style", small_style)):
        with Image.open(path) as image:
            image.convert("L").save(tmp_path / f"{name}.png")
    assert imaging.is_grey(stylize(tmp_path / "photo.png", tmp_path / "style.png", region="all", **QUICK).rgb)
    coloured = stylize(tmp_path / "photo.png", small_style, region="all", **QUICK)
    assert not imaging.is_grey(coloured.rgb)
    for colours in ("luminance", "pca", "cholesky"):
        assert imaging.is_grey(stylize(tmp_path / "photo.png", small_style, region="all", colours=colours, **QUICK).rgb)


def test_colours_may_be_those_of_the_photo(small_portrait: Path, learned_file: Path) -> None:
    photo = imaging.load(small_portrait).rgb.astype(float)
    how = {**QUICK, "region": "all", "face_hold": 0.0}
    own, luminance, pca = (
        stylize(small_portrait, learned_file, colours=colours, **how).rgb.astype(float)
        for colours in ("style", "luminance", "pca")
    )
    means = [np.abs(rgb.mean((0, 1)) - photo.mean((0, 1))).max() for rgb in (own, pca)]
    assert means[1] < 6 < means[0]
    chroma = [np.abs((rgb - photo)[..., 0] - (rgb - photo)[..., 2]).mean() for rgb in (own, luminance)]
    assert chroma[1] < 0.2 * chroma[0]


def test_broader_strokes_are_painted_on_a_smaller_canvas(small_portrait: Path, learned_file: Path) -> None:
    fine, broad = (
        stylize(small_portrait, learned_file, region="all", style_scale=scale, **QUICK).rgb for scale in (1.0, 2.5)
    )
    assert fine.shape == broad.shape and not np.array_equal(fine, broad)


def test_the_plan_says_what_it_takes(stylizer: Stylizer, subject: Subject, small_style: Path) -> None:
    plan = stylizer.plan(subject, small_style, **QUICK)
    assert isinstance(plan, InstantPlan)
    assert plan.scales.sizes == (subject.size,) and plan.scales.steps == (1,)
    assert plan.memory is not None and 0.4e9 < plan.memory < 1.1e9
    assert not plan.bf16 and plan.device == "cpu"
    run = stylizer.paint(plan)
    assert list(run) == [] and run.result() is run.result()
    assert any("is not learned yet" in note and "portrait-nst learn" in note for note in run.result().notes)
