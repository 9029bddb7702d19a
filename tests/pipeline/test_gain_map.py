"""The gain map of an Ultra HDR photo, from its file to that of the result."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from portrait_nst import imaging, pipeline, stylize
from portrait_nst.imaging.gain_maps.gain_map import NOT_KEPT
from portrait_nst.imaging.gain_maps.writing import attach
from portrait_nst.result import Result
from portrait_nst.types import FloatArray, GainMap, UInt8Array

QUICK: dict[str, Any] = {"size": 64, "iterations": 1, "threads": 1, "precision": "float32"}
METADATA: dict[str, tuple[float, ...]] = {
    "GainMapMin": (0.0,),
    "GainMapMax": (2.0,),
    "Gamma": (1.0,),
    "OffsetSDR": (1 / 64,),
    "OffsetHDR": (1 / 64,),
    "HDRCapacityMin": (0.0,),
    "HDRCapacityMax": (2.0,),
}


@pytest.fixture(scope="module")
def ultra_hdr(small_portrait: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small portrait, twice as bright where it is light."""
    path = tmp_path_factory.mktemp("ultra") / "hdr.jpg"
    file = io.BytesIO()
    with Image.open(small_portrait) as image:
        image.save(file, "JPEG", quality=95, subsampling=0)
        codes = np.where(np.array(image.convert("L").resize((68, 80))) > 128, 128, 20).astype(np.uint8)
    path.write_bytes(attach(file.getvalue(), GainMap(codes[..., None], METADATA), 95))
    return path


@pytest.fixture(scope="module")
def painted(ultra_hdr: Path, small_style: Path, half_mask: FloatArray) -> Result:
    return stylize(ultra_hdr, small_style, mask=half_mask, **QUICK)


def brighter(file: bytes) -> FloatArray:
    """(H, W): by how much the HDR rendition is brighter than the picture itself, where that is not black."""
    hdr = imagecodecs.ultrahdr_decode(file)[..., :3].astype(np.float32).mean(2)
    srgb = np.array(Image.open(io.BytesIO(file)).convert("RGB")) / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4).mean(2)
    return np.asarray((hdr + 1 / 64) / (linear + 1 / 64), np.float32)


def shrunk(mask: UInt8Array, pixels: int) -> Any:
    import cv2

    return cv2.erode(mask, np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)).astype(bool)


def test_a_bright_screen_shows_the_background_as_before_and_the_painted_person_no_brighter(
    painted: Result, ultra_hdr: Path, half_mask: FloatArray, tmp_path: Path
) -> None:
    written = painted.save(tmp_path / "out.jpg").read_bytes()
    assert imagecodecs.ultrahdr_check(written)
    before, after = brighter(ultra_hdr.read_bytes()), brighter(written)
    # A reader interpolates the map, of half the size: four pixels on both sides of the edge see both.
    inside, outside = (shrunk((half_mask == value).astype(np.uint8), 4) for value in (1, 0))
    assert before[inside].max() > 1.9
    assert np.abs(after[inside] - 1).max() < 0.08  # of the JPEG of the map
    assert np.abs(after[outside] / before[outside] - 1).mean() < 0.02
    assert before[outside].max() > 1.9


def test_the_codes_of_the_background_are_the_photos(painted: Result, ultra_hdr: Path, half_mask: FloatArray) -> None:
    photo, part = imaging.load(ultra_hdr), half_mask.reshape(80, 2, 68, 2)
    assert photo.gain_map is not None and painted.gain_map is not None
    kept = part.max((1, 3)) == 0
    assert np.array_equal(painted.gain_map.codes[kept], photo.gain_map.codes[kept])
    assert not painted.gain_map.codes[part.min((1, 3)) == 1].any()


def test_its_loss_is_said(painted: Result, ultra_hdr: Path, small_style: Path, half_mask: FloatArray) -> None:
    assert painted.lost_in("a.jpg") == () and "PNG cannot hold" in painted.lost_in("a.png")[0]
    assert NOT_KEPT not in painted.notes
    blue = stylize(ultra_hdr, small_style, mask=half_mask, strength=0, background="#0000ff", **QUICK)
    assert blue.gain_map is None and NOT_KEPT in blue.notes
    same = stylize(ultra_hdr, small_style, mask=half_mask, strength=0, **QUICK)
    assert same.gain_map is not None and same.gain_map is not painted.gain_map
    photo = imaging.load(ultra_hdr)
    assert photo.gain_map is not None and np.array_equal(same.gain_map.codes, photo.gain_map.codes)


@pytest.mark.usefixtures("small_pop_art")
def test_pop_art_over_the_photo_keeps_it(
    painted: Result, ultra_hdr: Path, half_mask: FloatArray, tmp_path: Path
) -> None:
    made = pipeline.popart(ultra_hdr, mask=half_mask, background="keep", likeness=False)
    written = made.save(tmp_path / "pop.jpg", imaging.load(ultra_hdr)).read_bytes()
    inside = shrunk(half_mask.astype(np.uint8), 8)  # its straight silhouette leaves the mask by a few pixels
    assert np.abs(brighter(written)[inside] - 1).max() < 0.08
    cut_out = pipeline.popart(ultra_hdr, mask=half_mask, likeness=False)
    assert NOT_KEPT in cut_out.notes
    over = pipeline.as_popart(painted, imaging.load(ultra_hdr), likeness=False)
    assert over.gain_map is not None and NOT_KEPT not in over.notes
