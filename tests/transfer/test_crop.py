"""The part of a large photo that is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import pytest
import torch
from torch import Tensor

from portrait_nst import encoders
from portrait_nst.encoders import Encoder
from portrait_nst.imaging import to_uint8
from portrait_nst.planning import Mode
from portrait_nst.planning.extent import MARGIN
from portrait_nst.settings import Settings
from portrait_nst.transfer import StyleOptimizer, StylePart, StyleSource, build_config
from portrait_nst.transfer.crop import Crop
from portrait_nst.transfer.initialization import halved
from portrait_nst.transfer.objective.tiles import Tiling
from portrait_nst.types import FloatArray, Step

SIZES = [(50, 75), (100, 150), (200, 300)]


def region(top: int, bottom: int, left: int, right: int, size: tuple[int, int] = (400, 600)) -> FloatArray:
    found = np.zeros(size, np.float32)
    found[top:bottom, left:right] = 1
    return found


def test_it_holds_the_painted_part_and_the_coarsest_margin() -> None:
    crop = Crop((400, 600), SIZES, [region(250, 390, 320, 360), region(260, 395, 330, 380)], whole=False)
    margin = (MARGIN + 1) * 8
    assert crop.rows == (250 - margin, 400) and crop.columns == (320 - margin, 380 + margin)
    assert [h / w for h, w in crop.sizes] == pytest.approx([350 / 460] * 3, rel=0.03)
    assert not crop.all


def test_the_whole_photo_where_that_is_wanted_or_needed() -> None:
    assert Crop((400, 600), SIZES, [region(250, 390, 320, 360)], whole=True).all
    assert Crop((400, 600), SIZES, [region(0, 400, 0, 600)], whole=False).all


def test_a_part_comes_back_to_its_place() -> None:
    photo = np.random.default_rng(0).random((200, 300, 3)).astype(np.float32)
    crop = Crop((200, 300), [(25, 38), (200, 300)], [region(90, 110, 0, 20, (200, 300))], whole=False)
    base = np.round(photo * 255).astype(np.uint8)
    part = crop.cut(photo)
    assert part.shape[:2] == crop.sizes[-1]
    np.testing.assert_allclose(
        np.asarray(crop.paste(part, base), np.float64), photo.astype(np.float64), atol=0.5 / 255 + 1e-6
    )
    pasted = crop.paste(np.zeros_like(base[: crop.sizes[-1][0], : crop.sizes[-1][1]]), base)
    rows, columns = crop.rows, crop.columns
    assert not pasted[rows[0] : rows[1], columns[0] : columns[1]].any()
    outside = np.ones((200, 300), bool)
    outside[rows[0] : rows[1], columns[0] : columns[1]] = False
    assert (pasted[outside] == base[outside]).all()


@pytest.mark.parametrize(("optimizer", "mode", "near"), [("adam", "tiled", 0.1), ("lbfgs", "windowed", 0.6)])
def test_a_large_canvas_in_parts_and_in_its_crop_is_painted_as_it_is_whole(
    optimizer: Literal["adam", "lbfgs"], mode: Mode, near: float
) -> None:
    """In tiles with the same steps; in windows, which are optimised by L-BFGS, with other steps to the same end."""
    rng = np.random.default_rng(1)
    encoder = encoders.get("embedded")
    photo, style = rng.random((160, 200, 3)).astype(np.float32), rng.random((90, 90, 3)).astype(np.float32)
    person = region(60, 150, 90, 150, (160, 200))
    settings = Settings(size=200, iterations=3, precision="float32", scales=(0.5, 1.0), optimizer=optimizer)
    found = []
    whole = build_config(settings, encoder, 160, 200)
    in_parts = replace(whole, modes=("whole", mode), tiling=Tiling(64, 4000))
    for config in (whole, in_parts):
        painter = StyleOptimizer(encoder, photo, [StyleSource((StylePart(style),), person)], config)
        sizes = [step.image().shape for step in painter.steps()]
        assert sizes[0][:2] == config.sizes[0] and sizes[-1][:2] == (160, 200)
        found.append((painter.inputs.crop.all, painter.finish()))
    (everything, first), (cropped, second) = found
    assert everything and not cropped and first.shape == second.shape
    moved = np.abs(first - photo)[60:150, 90:150].mean()
    assert moved > 0.02
    assert np.abs(first - second)[60:150, 90:150].mean() < near * moved


def test_half_the_memory_keeps_every_grey_level() -> None:
    levels = np.arange(256, dtype=np.float32) / np.float32(255)
    kept = halved(levels)
    assert kept.nbytes * 2 == levels.nbytes
    np.testing.assert_array_equal(to_uint8(kept.astype(np.float32)), np.arange(256))
    assert np.abs(kept - levels).max() < 1 / 255 / 8


Method = Literal["gram", "painterly"]
ON_A_CARD = torch.OutOfMemoryError("CUDA out of memory")
IN_THE_C_LIBRARY = RuntimeError("[enforce fail] . DefaultCPUAllocator: can't allocate memory")


def paint_all_over(method: Method, encoder: Encoder) -> list[Step]:
    """The steps of a painting of 264 x 400 px, of which every pixel is painted."""
    rng = np.random.default_rng(1)
    photo, style = rng.random((264, 400, 3)).astype(np.float32), rng.random((90, 90, 3)).astype(np.float32)
    settings = Settings(method=method, size=400, iterations=1, precision="float32", scales=(1.0,))
    source = StyleSource((StylePart(style),), np.ones((264, 400), np.float32))
    return list(StyleOptimizer(encoder, photo, [source], build_config(settings, encoder, 264, 400)).steps())


@cache
def unlimited(method: Method) -> list[Step]:
    """The same where memory suffices."""
    return paint_all_over(method, encoders.get("embedded"))


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("gram", ON_A_CARD),
        pytest.param("painterly", IN_THE_C_LIBRARY, marks=pytest.mark.slow),
    ],
)
def test_out_of_memory_goes_on_in_tiles_and_says_so(
    method: Method, error: RuntimeError, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 320**2  # the canvas is larger, and so is one tile of 512 px
    asked: list[int] = []
    encoder = encoders.get("embedded")
    plain = encoder.features

    def limited(image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        if image.requires_grad:
            asked.append(image.shape[-2] * image.shape[-1])
            if asked[-1] > most:
                raise error
        return plain(image, layers)

    monkeypatch.setattr(encoder, "features", limited)
    found, wanted = paint_all_over(method, encoder), unlimited(method)
    assert max(asked) > most >= asked[-1] > 0
    assert "tiles of 256 px" in found[0].note and not wanted[0].note
    assert found[-1].losses["total"] == pytest.approx(wanted[-1].losses["total"], rel=1e-3)


def test_an_error_that_is_none_of_memory_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = encoders.get("embedded")
    config = build_config(Settings(size=64, iterations=1, scales=(1.0,)), encoder, 64, 64)
    rng = np.random.default_rng(1)
    photo = rng.random((64, 64, 3)).astype(np.float32)
    painter = StyleOptimizer(encoder, photo, [StyleSource((StylePart(photo),), np.ones((64, 64), np.float32))], config)

    def broken(image: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        raise RuntimeError("a shape does not fit")

    plain = encoder.features
    monkeypatch.setattr(
        encoder, "features", lambda image, layers: (broken if image.requires_grad else plain)(image, layers)
    )
    with pytest.raises(RuntimeError, match="does not fit"):
        next(iter(painter.steps()))
