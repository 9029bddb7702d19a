"""Small faces are painted at a finer grid: as far as that costs no more than usual, and never where a size is given."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst import Settings
from portrait_nst.planning import Extent, make_plan, usual_size
from portrait_nst.planning.scales import LEAST_FACE, size_for_faces

USUAL = usual_size(Settings())
PHOTO = (3000, 4000)


def box(height: int, width: int, photo: tuple[int, int] = PHOTO) -> Extent:
    """A painted box of these sides, in pixels of the photo."""
    alpha = np.zeros(photo, np.float32)
    alpha[:height, :width] = 1
    return Extent.of(alpha)


def sized(settings: Settings, extent: Extent, *widths: float, photo: tuple[int, int] = PHOTO) -> Settings:
    return size_for_faces(settings, photo, extent, widths)


def test_a_small_face_is_painted_as_wide_as_it_needs() -> None:
    found = sized(Settings(), box(1200, 800), 300)
    wanted = LEAST_FACE / 300 * 4000
    assert isinstance(found.size, int) and found.size % 16 == 0
    assert abs(found.size - wanted) <= 8 and found.size > USUAL
    assert found == Settings(size=found.size)


def test_the_smallest_of_the_painted_faces_decides() -> None:
    one, both = (sized(Settings(), box(1200, 800), *widths).size for widths in ([500], [500, 300]))
    assert isinstance(one, int) and isinstance(both, int) and both > one > USUAL


@pytest.mark.parametrize("height, width", [(1500, 1200), (2800, 1800), (2999, 3900)])
def test_it_costs_no_more_than_a_square_of_the_usual_size(height: int, width: int) -> None:
    found = sized(Settings(), box(height, width), 20)
    size = found.size or USUAL
    assert isinstance(size, int)
    area = height * width * (size / 4000) ** 2
    assert area <= USUAL**2 * (1 + 2 * 16 / size)
    assert area > 0.9 * USUAL**2 or size == USUAL


def test_it_is_never_larger_than_the_photo() -> None:
    small = box(30, 20, (700, 600))
    assert sized(Settings(), small, 12, photo=(700, 600)).size == 700
    assert sized(Settings(), small, 12, photo=(USUAL, USUAL)).size is None


def test_nothing_changes_where_nothing_is_asked_for() -> None:
    extent = box(1200, 800)
    for settings in (
        Settings(size=300),
        Settings(size="full"),
        Settings(method="gram"),
        Settings(style_loss="wasserstein"),
    ):
        assert sized(settings, extent, 300) is settings
    assert sized(Settings(), extent).size is None
    assert sized(Settings(), extent, 4000 / USUAL * LEAST_FACE + 1).size is None


def test_each_quality_has_its_own_usual_size() -> None:
    sizes = [sized(Settings(quality=name), box(2000, 1500), 100).size for name in ("draft", "standard", "fine")]
    whole = [size for size in sizes if isinstance(size, int)]
    assert whole == sorted(set(whole)) and len(whole) == 3


def test_the_plan_takes_the_size_and_its_memory_is_foreseen_before_faces_are_known() -> None:
    extent = box(1200, 1000)
    larger = make_plan(Settings(), PHOTO, extent=extent, faces=[100])
    assert isinstance(larger.settings.size, int) and larger.settings.size > 1.5 * USUAL
    assert max(larger.sizes[-1]) == larger.settings.size
    unknown = make_plan(Settings(), PHOTO)
    assert unknown.settings.size is None and larger.peak <= 1.05 * unknown.peak
    assert make_plan(Settings(size=USUAL), PHOTO).peak <= unknown.peak
    usual = max(scale.bytes for scale in unknown.scales)
    assert usual < max(scale.bytes for scale in larger.scales)
