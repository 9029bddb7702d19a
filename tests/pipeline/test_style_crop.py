"""What a style's transparency or mask hides changes nothing, wherever a style is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import InputError, MaskError, imaging, pipeline, reconstruct, stylize
from portrait_nst.pipeline import movements
from portrait_nst.pipeline.style_crop import shown

QUICK: dict[str, Any] = {
    "quality": "draft",
    "size": 64,
    "iterations": 1,
    "scales": (1.0,),
    "threads": 1,
    "precision": "float32",
}
SIZE = (131, 97)
HIDDEN = ((255, 0, 0), (0, 60, 255))


@pytest.fixture(scope="module")
def photo(small_portrait: Path) -> np.ndarray:
    return np.asarray(Image.open(small_portrait).convert("RGB"))


def disc(size: tuple[int, int] = SIZE) -> np.ndarray:
    """(h, w) uint8: 255 in the middle, a soft rim, 0 for most."""
    y, x = np.mgrid[: size[0], : size[1]]
    away = np.hypot((y - size[0] / 2) / size[0], (x - size[1] / 2) / size[1])
    return np.asarray(np.clip((0.33 - away) * 20, 0, 1) * 255).astype(np.uint8)


def twins(picture: np.ndarray, opacity: np.ndarray, folder: Path, alpha: bool = True) -> list[Path]:
    """Two files of `picture` with other colours where `opacity` is 0; with that as their alpha."""
    folder.mkdir()
    for number, colour in enumerate(HIDDEN):
        rgb = np.where(opacity[..., None] > 0, picture, np.array(colour, np.uint8))
        rgb[opacity == 0] ^= np.random.default_rng(number).integers(0, 60, (int((opacity == 0).sum()), 1), np.uint8)
        Image.fromarray(np.dstack([rgb, opacity]) if alpha else rgb).save(folder / f"{number}.png")
    return [folder / "0.png", folder / "1.png"]


@pytest.fixture(scope="module")
def cut_out(small_style: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    style = np.asarray(Image.open(small_style).convert("RGB").resize(SIZE[::-1]))
    return twins(style, disc(), tmp_path_factory.mktemp("cut") / "out")


@pytest.fixture(scope="module")
def labels(photo: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "map.png"
    Image.fromarray(np.uint8(np.indices(photo.shape[:2])[1] // 68 * 255)).save(path)
    return path


WAYS: dict[str, Any] = {
    "style": lambda style, other, labels: {"style": style},
    "blend": lambda style, other, labels: {"style": [other, (style, 2.0)]},
    "labels": lambda style, other, labels: {"labels": labels, "region_styles": {"0": other, "255": style}},
    "background": lambda style, other, labels: {"style": other, "background": str(style)},
    "colours": lambda style, other, labels: {"style": style, "colours": "pca"},
    "coarse": lambda style, other, labels: {"style": other, "coarse_style": str(style)},
    "fine": lambda style, other, labels: {"style": style, "coarse_style": str(other)},
    "broad": lambda style, other, labels: {"style": style, "style_scale": 0.4},
}


@pytest.mark.parametrize("way", WAYS)
def test_colours_that_transparency_hides_change_nothing(
    way: str, photo: np.ndarray, cut_out: list[Path], small_style: Path, labels: Path
) -> None:
    pictures = []
    for style in cut_out:
        given = WAYS[way](style, small_style, labels)
        region: dict[str, Any] = {} if "labels" in given else {"region": "all" if way != "background" else "person"}
        pictures.append(stylize(photo, **given, **region, **QUICK).rgb)
    assert np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[0], photo)


@pytest.mark.parametrize("size", [SIZE, (262, 194), (66, 49)])
def test_what_lies_outside_a_styles_mask_changes_nothing(
    size: tuple[int, int], photo: np.ndarray, small_style: Path, tmp_path: Path
) -> None:
    """Whatever the mask's scale: what its white part reaches, once enlarged or shrunk, is what counts."""
    Image.fromarray(disc(size)).save(tmp_path / "mask.png")
    counts = imaging.load_mask(tmp_path / "mask.png", SIZE) > 0
    style = np.asarray(Image.open(small_style).convert("RGB").resize(SIZE[::-1]))
    files = twins(style, (counts * 255).astype(np.uint8), tmp_path / "twins", alpha=False)
    only: dict[str, Any] = {"region": "all", "style_region": str(tmp_path / "mask.png")}
    pictures = [stylize(photo, file, **only, **QUICK).rgb for file in files]
    assert np.array_equal(pictures[0], pictures[1])


def test_the_sitter_is_looked_for_in_what_can_be_seen(photo: np.ndarray, tmp_path: Path) -> None:
    """Segmentation and gain maps look at the style's pixels themselves; a mask and transparency hold both."""
    opacity = np.full(photo.shape[:2], 255, np.uint8)
    opacity[:, :30] = opacity[:20] = 0
    opacity[140:] = 100
    files = twins(photo, opacity, tmp_path / "twins")
    first, second = (shown(imaging.load(file), "person") for file in files)
    assert first.mask is not None and second.mask is not None
    assert np.array_equal(first.mask, second.mask) and np.array_equal(first.rgb, second.rgb)
    assert (first.mask[opacity == 0] == 0).all() and first.mask[50:120, 60:80].min() == 1
    assert first.mask[145:, 50:100].max() == pytest.approx(100 / 255)
    pictures = [stylize(photo, file, style_region="person", gain_maps=True, **QUICK).rgb for file in files]
    assert np.array_equal(pictures[0], pictures[1])


def test_a_mask_keeps_the_styles_face_from_the_gain_maps(photo: np.ndarray, tmp_path: Path) -> None:
    low = np.zeros(photo.shape[:2], np.uint8)
    low[-20:] = 255
    Image.fromarray(low).save(tmp_path / "low.png")
    with pytest.raises(MaskError, match="No face was found in the style"):
        stylize(photo, photo, style_region=str(tmp_path / "low.png"), gain_maps=True, **QUICK)


def test_a_mask_and_transparency_hold_both(tmp_path: Path) -> None:
    rgba = np.random.default_rng(0).integers(1, 256, (40, 60, 4), np.uint8)
    rgba[:, :20, 3] = 0
    half = np.full((40, 60), 128, np.uint8)
    half[:, 40:] = 0
    Image.fromarray(half).save(tmp_path / "half.png")
    style = pipeline.load(rgba)
    found = shown(style, str(tmp_path / "half.png"))
    assert found.mask is not None and not found.mask[:, :20].any() and not found.mask[:, 40:].any()
    np.testing.assert_allclose(found.mask[:, 20:40], rgba[:, 20:40, 3] / 255 * (128 / 255), rtol=1e-6)
    assert np.array_equal(found.rgb[:, 20:40], rgba[:, 20:40, :3])
    half[:, 20:] = 0
    Image.fromarray(half).save(tmp_path / "half.png")
    with pytest.raises(MaskError, match=r"Nothing of the style picture is left by --style-region .*half\.png"):
        shown(style, str(tmp_path / "half.png"))


def test_an_opaque_style_is_what_it_was() -> None:
    style = pipeline.load(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8))
    assert shown(style).rgb is style.rgb and shown(style).mask is None


@pytest.mark.parametrize("way", WAYS)
def test_a_style_of_which_nothing_is_visible_is_refused(
    way: str, photo: np.ndarray, small_style: Path, labels: Path, tmp_path: Path
) -> None:
    Image.fromarray(np.zeros((40, 30, 4), np.uint8)).save(tmp_path / "empty.png")
    given = WAYS[way](tmp_path / "empty.png", small_style, labels)
    region: dict[str, Any] = {} if "labels" in given or "background" in given else {"region": "all"}
    with pytest.raises(InputError, match=r"empty\.png is transparent everywhere.*expected.*Give another"):
        stylize(photo, **given, **region, **QUICK)


def test_a_black_mask_for_a_style_is_refused(photo: np.ndarray, small_style: Path, tmp_path: Path) -> None:
    Image.new("L", (96, 96), 0).save(tmp_path / "black.png")
    with pytest.raises(MaskError, match=r"black\.png is black everywhere; paint white what shall count of the style"):
        stylize(photo, small_style, region="all", style_region=str(tmp_path / "black.png"), **QUICK)


@pytest.mark.parametrize("what", ["content", "style"])
def test_a_reconstruction_has_nothing_hidden(what: str, cut_out: list[Path]) -> None:
    pictures = [reconstruct(what, file, **{**QUICK, "scales": (0.5, 1.0), "iterations": 3}).rgb for file in cut_out]
    assert np.array_equal(pictures[0], pictures[1])


@pytest.mark.slow
def test_the_choice_of_paintings_and_a_palette_see_nothing_hidden(
    photo: np.ndarray, cut_out: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "library" / "one").mkdir(parents=True)
    for number, file in enumerate(cut_out):
        (tmp_path / "library" / "one" / f"{number}.png").write_bytes(file.read_bytes())
    Image.fromarray(np.zeros((40, 30, 4), np.uint8)).save(tmp_path / "library" / "one" / "empty.png")
    blend, notes = movements.choose(tmp_path / "library", "one", photo, pick="nearest")
    one, other = (movements._descriptor(painting.rgb) for painting, _ in blend)
    assert np.array_equal(one, other)
    assert len(notes) == 1 and "empty.png" in notes[0]
    posters = [pipeline.popart(photo, region="all", palette_from=file).render()[0] for file in cut_out]
    assert np.array_equal(posters[0], posters[1])


def test_hidden_pixels_are_none_of_a_photos_grey() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (40, 60, 1), np.uint8).repeat(4, 2)
    rgba[..., 3] = 255
    assert shown(pipeline.load(rgba)).grey
    rgba[:20, :, 0] = 255
    assert not shown(pipeline.load(rgba)).grey
    rgba[:20, :, 3] = 0
    assert shown(pipeline.load(rgba)).grey
