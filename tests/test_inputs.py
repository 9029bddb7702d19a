"""Pictures and masks that a caller from Python gets wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from portrait_nst import InputError, MaskError, pipeline


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (np.zeros((1, 1, 3), np.uint8), "1 x 1 pixels; expected at least 16"),
        (np.zeros((0, 40, 3), np.uint8), "40 x 0 pixels"),
        (None, "path, an array or a Photo, not NoneType"),
        ([[0, 0]], "not list"),
    ],
)
def test_what_is_no_picture_is_told(picture: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        pipeline.load(picture)


def test_a_mask_with_nan_is_refused() -> None:
    mask = np.full((40, 40), np.nan)
    with pytest.raises(MaskError, match="not finite"):
        pipeline.matte(np.zeros((40, 40, 3), np.uint8), mask=mask)
