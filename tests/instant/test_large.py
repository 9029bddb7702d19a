"""Pictures of any size, and strokes of any size."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from portrait_nst.instant import Painter, freeze, large, paint_large
from portrait_nst.instant.large import canvases, output_size
from portrait_nst.transfer.colour import resize
from portrait_nst.types import FloatArray
from tests.instant.networks import encoder, network
from tests.instant.test_windows import painter, picture


def photo(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    found = picture(height, width)[0].permute(1, 2, 0).numpy()
    return np.round(found * 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("size", "longest", "stroke", "expected"),
    [
        ((512, 400), None, 1.0, [(512, 400)]),
        ((3000, 4000), None, 1.0, [(384, 512)]),
        ((530, 400), "full", 1.0, [(530, 400)]),  # nearly native
        ((300, 200), None, 1.0, [(512, 341)]),  # strokes finer than learned: a larger canvas
        ((512, 400), None, 0.25, [(1024, 800)]),  # but at most twice as large
        ((512, 512), None, 2.0, [(256, 256), (512, 512)]),
        ((2048, 1024), "full", 1.0, [(512, 256), (1024, 512), (2048, 1024)]),
        ((2048, 1024), "full", 0.25, [(2048, 1024)]),
        ((512, 128), None, 100.0, [(256, 64), (512, 128)]),  # no canvas in which nothing can be seen
        ((40, 30), None, 1.0, [(80, 60)]),
    ],
)
def test_the_canvas_makes_strokes_as_broad_as_asked(
    size: tuple[int, int], longest: int | str | None, stroke: float, expected: list[tuple[int, int]]
) -> None:
    assert canvases(size, longest, stroke) == expected


def test_every_further_canvas_is_about_twice_as_large() -> None:
    for side in range(560, 9000, 777):
        found = canvases((side, side // 2), "full")
        assert max(found[0]) == pytest.approx(512, abs=1)
        assert found[-1] == output_size((side, side // 2), "full") == (side, side // 2)
        assert all(1.05 < b[0] / a[0] < 2.2 for a, b in itertools.pairwise(found))


def test_one_canvas_is_what_the_painter_paints() -> None:
    own = Painter(encoder(), replace(network(), grain=0.0))
    found = photo(520, 300)
    given = torch.from_numpy(found.astype(np.float32) / 255).permute(2, 0, 1)[None]
    maps = own.maps(own.statistics(given))
    expected = own.paint(given, maps)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(paint_large(own, found, size="full"), expected, atol=2e-3)
    np.testing.assert_allclose(paint_large(own, found, size="full", maps=[maps]), expected, atol=1e-5)


def test_broad_strokes_keep_the_colours_of_the_small_canvas() -> None:
    found = photo(200, 150)
    small = paint_large(painter(), found, size=100, stroke=512 / 100)
    large = paint_large(painter(), found, size="full", stroke=512 / 100)
    assert large.shape == (200, 150, 3)
    assert large.dtype == np.float32
    assert large.min() >= 0
    assert large.max() <= 1
    assert np.abs(resize(large, (25, 19)) - resize(small, (25, 19))).mean() < 0.05


def test_frozen_maps_paint_the_picture_alike_and_another_number_is_refused() -> None:
    found = photo(160, 200)
    settings = {"size": 200, "stroke": 5.0}
    maps = freeze(painter(), found, **settings)  # type: ignore[arg-type]
    assert len(maps) == len(canvases(found.shape[:2], 200, 5.0)) == 2
    first, second = (paint_large(painter(), found, maps=given, **settings) for given in (None, maps))  # type: ignore[arg-type]
    np.testing.assert_allclose(first, second, atol=1e-5)
    with pytest.raises(ValueError, match="2 maps are given"):
        paint_large(painter(), found, maps=maps)


def test_the_ground_laid_in_bands_is_that_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    found = photo(150, 90)
    there = np.zeros((150, 90), np.float32)
    there[40:80, 30:60] = 2
    monkeypatch.setattr(large, "BAND", 150 * 90)
    whole = paint_large(painter(), found, faces=there, size="full")
    monkeypatch.setattr(large, "BAND", 24 * 90)
    np.testing.assert_allclose(paint_large(painter(), found, faces=there, size="full"), whole, atol=1e-5)
    assert np.abs(paint_large(painter(), found, size="full") - whole).max() > 1e-3, "faces change nothing"


def test_floats_are_painted_as_bytes_are() -> None:
    found, share = photo(100, 80), np.full((100, 80), 0.5, np.float32)
    floats: FloatArray = (found / np.float32(255)).astype(np.float32)
    expected = paint_large(painter(), found, share=0.5)
    np.testing.assert_allclose(paint_large(painter(), floats, share=0.5), expected, atol=1e-4)
    np.testing.assert_allclose(paint_large(painter(), found, share=share), expected, atol=1e-3)
