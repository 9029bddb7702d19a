"""Grey in, grey out: what can only be grey has no colour at all, and what has colours is painted as if nobody had looked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging, reconstruct, stylize
from portrait_nst.pipeline import styles
from portrait_nst.result import Result

QUICK: dict[str, Any] = {"size": 64, "iterations": 2, "scales": (1.0,), "threads": 1, "precision": "float32"}


def colour_of(rgb: np.ndarray, where: np.ndarray) -> int:
    """The greatest difference between two channels, in levels."""
    return int(np.ptp(rgb[where].astype(int), axis=1).max())


@pytest.fixture(scope="module")
def coloured(small_portrait: Path) -> np.ndarray:
    return np.asarray(Image.open(small_portrait).convert("RGB"))


@pytest.fixture(scope="module")
def photos(coloured: np.ndarray) -> dict[str, np.ndarray]:
    """Grey to the byte, grey to a level, and larger than it is painted."""
    grey = np.repeat(np.uint8(coloured.mean(2, keepdims=True).clip(1, 254)), 3, 2)
    off = np.random.default_rng(0).integers(0, 2, grey.shape, np.uint8)
    large = np.asarray(Image.fromarray(grey).resize((408, 480), Image.Resampling.BICUBIC))
    return {"grey": grey, "to a level": grey - off, "large": large}


@pytest.fixture(scope="module")
def grey_style(small_style: Path) -> np.ndarray:
    style = np.asarray(Image.open(small_style).convert("L"))
    return np.stack([style, style, style - (style > 0)], 2)


def is_grey(found: Result, photo: np.ndarray) -> None:
    painted = found.matte.alpha > 0
    assert np.abs(found.rgb.astype(int) - photo)[painted].mean() > 2, "it must be painted"
    assert colour_of(found.rgb, painted) == 0
    assert np.array_equal(found.rgb[~painted], photo[~painted])


@pytest.mark.parametrize(
    "colours, name",
    [
        ("style", "grey"),
        ("style", "to a level"),
        ("style", "large"),
        ("luminance", "large"),
        ("pca", "to a level"),
        ("cholesky", "to a level"),
    ],
)
def test_a_grey_photo_stays_grey(
    colours: str, name: str, photos: dict[str, np.ndarray], grey_style: np.ndarray, small_style: Path
) -> None:
    style = grey_style if colours == "style" else small_style
    is_grey(stylize(photos[name], style, colours=colours, **QUICK), photos[name])


@pytest.mark.parametrize("optimizer, init", [("lbfgs", "random"), ("adam", "statistics")])
def test_whatever_it_begins_from(
    optimizer: str, init: str, photos: dict[str, np.ndarray], grey_style: np.ndarray
) -> None:
    is_grey(stylize(photos["grey"], grey_style, optimizer=optimizer, init=init, **QUICK), photos["grey"])


@pytest.mark.slow
def test_blends_labels_and_backgrounds(photos: dict[str, np.ndarray], grey_style: np.ndarray, tmp_path: Path) -> None:
    photo = photos["grey"]
    Image.fromarray(grey_style).save(tmp_path / "style.png")
    Image.fromarray(np.uint8(np.indices(photo.shape[:2])[1] // 60 * 100)).save(tmp_path / "map.png")
    is_grey(stylize(photo, [grey_style, (255 - grey_style, 2.0)], **QUICK), photo)
    both = {"0": grey_style, "100": 255 - grey_style}
    is_grey(stylize(photo, labels=tmp_path / "map.png", region_styles=both, **QUICK), photo)
    joint = stylize(photo, 255 - grey_style, background=str(tmp_path / "style.png"), **QUICK)
    assert colour_of(joint.rgb, np.ones(photo.shape[:2], bool)) == 0
    is_grey(stylize(photo, grey_style, coarse_style=str(tmp_path / "style.png"), **QUICK), photo)


def test_a_style_is_grey_by_what_counts_of_it(photos: dict[str, np.ndarray], grey_style: np.ndarray) -> None:
    cut = np.dstack([grey_style, np.full(grey_style.shape[:2], 255, np.uint8)])
    cut[:40] = (255, 0, 0, 0)
    is_grey(stylize(photos["grey"], cut, **QUICK), photos["grey"])


def test_a_reconstruction_of_a_grey_picture_is_grey(grey_style: np.ndarray) -> None:
    for what in ("content", "style"):
        found = reconstruct(what, grey_style, **QUICK)
        assert colour_of(found.rgb, np.ones(found.rgb.shape[:2], bool)) == 0 and np.ptp(found.rgb) > 20


@pytest.mark.parametrize(
    "photo, style, changes",
    [
        ("coloured", "grey", {}),
        ("grey", "coloured", {}),
        ("coloured", "coloured", {"colours": "pca"}),
        ("coloured", "grey", {"colours": "cholesky"}),
        ("grey", "mixed", {}),
    ],
)
def test_where_there_is_colour_it_is_painted_as_ever(
    photo: str,
    style: str,
    changes: dict[str, Any],
    coloured: np.ndarray,
    photos: dict[str, np.ndarray],
    grey_style: np.ndarray,
    small_style: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = coloured if photo == "coloured" else photos["grey"]
    painting: Any = {"coloured": small_style, "grey": grey_style, "mixed": [grey_style, small_style]}[style]
    found = stylize(given, painting, **changes, **QUICK)
    assert colour_of(found.rgb, found.matte.alpha > 0) > 10
    monkeypatch.setattr(styles, "all_grey", lambda *_: False)
    assert np.array_equal(stylize(given, painting, **changes, **QUICK).rgb, found.rgb)


def test_what_is_outside_the_region_has_no_say(coloured: np.ndarray, grey_style: np.ndarray) -> None:
    photo, mask = coloured.copy(), np.zeros(coloured.shape[:2], np.float32)
    mask[40:, 30:100] = 1
    photo[mask > 0] = imaging.as_grey(photo)[mask > 0]
    is_grey(stylize(photo, grey_style, mask=mask, **QUICK), photo)
