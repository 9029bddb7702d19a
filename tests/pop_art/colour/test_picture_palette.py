"""Palettes drawn from a picture."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.errors import InputError
from portrait_nst.pop_art import from_picture
from portrait_nst.pop_art.colour import oklab
from portrait_nst.pop_art.colour.contrast import FLOOR


def test_a_picture_gives_its_own_colours() -> None:
    rgb = np.zeros((60, 100, 3), np.uint8)
    rgb[:, :40] = (20, 20, 90)
    rgb[:, 40:70] = (220, 30, 40)
    rgb[:, 70:] = (250, 230, 90)
    found = from_picture(rgb, 3)
    hues = [oklab.lch_of(c)[2] for c in found.ramp]
    for colour, hue in zip(("#14145A", "#DC1E28", "#FAE65A"), hues):
        assert abs(oklab.lch_of(colour)[2] - hue) < 0.3
    assert oklab.closest((*found.ramp, found.ground)) >= FLOOR


def test_a_grey_picture_gives_a_palette_too() -> None:
    grey = np.linspace(0, 255, 50).astype(np.uint8)
    found = from_picture(np.broadcast_to(grey[:, None, None], (50, 50, 3)).copy(), 5)
    assert oklab.closest((*found.ramp, found.ground)) >= FLOOR


def test_a_picture_of_one_colour_is_refused() -> None:
    with pytest.raises(InputError, match="'wall' is of one colour"):
        from_picture(np.full((50, 50, 3), 128, np.uint8), 5, "wall")
