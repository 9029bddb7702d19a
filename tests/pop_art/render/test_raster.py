"""The picture as pixels: colours in use, in the shares of their areas."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.pop_art import PopartResult
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.render.paints import paints


def test_every_pixel_is_a_blend_of_colours_in_use(ramp: PopartResult) -> None:
    rgb, _ = ramp.render((374, 450))
    colours = np.array([oklab.rgb_of(c) for c in set(ramp.colourings[0].colours)])
    exact = (rgb[:, :, None] == colours).all(axis=3).any(axis=2)
    assert exact.mean() > 0.9


def test_raster_shares_are_the_areas(ramp: PopartResult) -> None:
    frame = ramp.partition.frame
    rgb, _ = ramp.render((2 * frame.width, 2 * frame.height))
    for paint in paints(ramp)[0]:
        share = (rgb == oklab.rgb_of(paint.colours[0])).all(axis=2).mean()
        assert share == pytest.approx(paint.share, abs=0.02)


def test_raster_at_any_size(ramp: PopartResult) -> None:
    for size in ((1, 1), (7, 9), (31, 1000)):
        rgb, alpha = ramp.render(size)
        assert rgb.shape == (size[1], size[0], 3) and alpha is None


def test_a_grid_has_a_palette_a_cell(grid: PopartResult) -> None:
    assert len({c.palette.name for c in grid.colourings}) == 4
    rgb, _ = grid.render()
    height, width = rgb.shape[:2]
    corners = {tuple(rgb[y, x]) for y in (2, height // 2 + 2) for x in (2, width // 2 + 2)}
    assert len(corners) == 4
    assert grid.svg().count("<use") >= 4 * 6
