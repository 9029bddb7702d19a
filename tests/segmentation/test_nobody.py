"""Where nobody is, the error names the ways out; nothing strange is too small or too long."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import segmentation
from portrait_nst.errors import MaskError
from portrait_nst.types import Photo


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3)).astype(np.uint8)


def gradient(height: int, width: int) -> np.ndarray:
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(ramp[None, :, None], (height, width, 3)))


@pytest.mark.parametrize("choice", ["all", "largest", 1])
@pytest.mark.parametrize(
    "rgb",
    [np.full((240, 320, 3), 128, np.uint8), noise(240, 320), gradient(240, 320), noise(1, 1), noise(3, 900)],
    ids=["flat", "noise", "gradient", "one pixel", "a strip"],
)
def test_nobody(rgb: np.ndarray, choice: str | int) -> None:
    with pytest.raises(MaskError) as caught:
        segmentation.person(Photo(rgb), person=choice)
    assert "--mask FILE" in str(caught.value)
    assert "--region all" in str(caught.value)


def test_a_sitter_without_a_head_is_nobody(grace: Photo) -> None:
    with pytest.raises(MaskError, match="no face"):
        segmentation.person(Photo(np.ascontiguousarray(grace.rgb[390:])))
