"""A photo with a small face is painted at a finer grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from portrait_nst import Settings, Step, stylize
from portrait_nst.planning import usual_size

USUAL = usual_size(Settings())


def test_a_photo_with_a_small_face_is_painted_larger(samples: Path, small_style: Path) -> None:
    with Image.open(samples / "grace_hopper.jpg") as image:
        grace = np.asarray(image.convert("RGB").resize((170, 200)))
    photo = np.full((212, 544, 3), 90, np.uint8)
    photo[12:, :170] = grace
    mask = np.zeros((212, 544), np.float32)
    mask[12:, :170] = 1
    sizes = []
    quick: dict[str, Any] = {"scales": (1.0,), "iterations": 1, "threads": 1, "precision": "float32", "mask": mask}
    for more in ({}, {"method": "gram"}):
        seen: list[Step] = []
        result = stylize(photo, small_style, on_step=seen.append, **{**quick, **more})
        sizes.append(seen[-1].size[1])
        assert result.recipe["settings"]["size"] == (None if more else 544)
    assert sizes == [544, USUAL]
