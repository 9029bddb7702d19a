"""Small faces are painted at a finer grid: as far as that costs no more than usual, and never where a size is given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import Settings, forecast, stylize
from portrait_nst.pipeline.face_guidance import LEAST_FACE, sized_for
from portrait_nst.types import Face, Step

USUAL = forecast.usual_size(Settings())
PHOTO = (3000, 4000)


def face(width: float) -> Face:
    return Face((100.0, 100.0, width, width), ((0.0, 0.0),) * 6, 0.9)


def matte(height: int, width: int) -> np.ndarray:
    alpha = np.zeros(PHOTO, np.float32)
    alpha[40 : 40 + height, 60 : 60 + width] = 1
    return alpha


def test_a_small_face_is_painted_as_wide_as_it_needs() -> None:
    found = sized_for(Settings(), matte(1200, 800), [face(300)])
    wanted = LEAST_FACE / 300 * 4000
    assert isinstance(found.size, int) and found.size % 16 == 0
    assert abs(found.size - wanted) <= 8 and found.size > USUAL
    assert found == Settings(size=found.size)


def test_the_smallest_of_the_painted_faces_decides() -> None:
    one, both = (sized_for(Settings(), matte(1200, 800), faces) for faces in ([face(500)], [face(500), face(300)]))
    assert isinstance(one.size, int) and isinstance(both.size, int) and both.size > one.size > USUAL


@pytest.mark.parametrize("height, width", [(1500, 1200), (2800, 1800), (2999, 3900)])
def test_it_costs_no_more_than_a_square_of_the_usual_size(height: int, width: int) -> None:
    found = sized_for(Settings(), matte(height, width), [face(20)])
    size = found.size or USUAL
    assert isinstance(size, int)
    area = height * width * (size / 4000) ** 2
    assert area <= USUAL**2 * (1 + 2 * 16 / size)
    assert area > 0.9 * USUAL**2 or size == USUAL


def test_it_is_never_larger_than_the_photo() -> None:
    alpha = np.zeros((700, 600), np.float32)
    alpha[10:40, 10:30] = 1
    assert sized_for(Settings(), alpha, [face(12)]).size == 700
    assert sized_for(Settings(), alpha[:USUAL, :USUAL], [face(12)]).size is None


def test_nothing_changes_where_nothing_is_asked_for() -> None:
    alpha, small = matte(1200, 800), [face(300)]
    for settings in (
        Settings(size=300),
        Settings(size="full"),
        Settings(method="gram"),
        Settings(style_loss="wasserstein"),
    ):
        assert sized_for(settings, alpha, small) is settings
    assert sized_for(Settings(), alpha, []).size is None
    assert sized_for(Settings(), alpha, [face(4000 / USUAL * LEAST_FACE + 1)]).size is None


def test_each_quality_has_its_own_usual_size() -> None:
    sizes = [
        int(sized_for(Settings(quality=name), matte(2000, 1500), [face(100)]).size or 0)
        for name in ("draft", "standard", "fine")
    ]
    assert sizes == sorted(sizes) and len(set(sizes)) == 3


def test_the_forecast_of_memory_knows_of_it() -> None:
    larger = sized_for(Settings(), matte(1200, 1000), [face(100)])
    assert isinstance(larger.size, int) and larger.size > 1.5 * USUAL
    share = 1200 * 1000 / (PHOTO[0] * PHOTO[1])
    assert forecast.memory("stylize", larger, PHOTO, share) <= 1.05 * forecast.memory("stylize", Settings(), PHOTO)
    assert forecast.memory("stylize", Settings(size=USUAL), PHOTO) < forecast.memory("stylize", Settings(), PHOTO)


def test_a_photo_with_a_small_face_is_painted_larger(samples: Path, small_style: Path) -> None:
    with Image.open(samples / "grace_hopper.jpg") as image:
        grace = np.asarray(image.convert("RGB").resize((170, 200)))
    photo = np.full((212, 544, 3), 90, np.uint8)
    photo[12:, :170] = grace
    mask = np.zeros((212, 544), np.float32)
    mask[12:, :170] = 1
    sizes = []
    quick: dict[str, Any] = {"scales": (1.0,), "iterations": 1, "threads": 1, "precision": "float32", "mask": mask}
    changes: list[dict[str, Any]] = [{}, {"method": "gram"}]
    for more in changes:
        seen: list[Step] = []
        result = stylize(photo, small_style, on_step=seen.append, **quick, **more)
        sizes.append(seen[-1].size[1])
        assert result.recipe["settings"]["size"] == (None if more else 544)
    assert sizes == [544, USUAL]
