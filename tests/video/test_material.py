"""What moves along with a filmed body."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.instant.ground import TILE, grain_along, grain_at
from portrait_nst.motion import Motion
from portrait_nst.types import FloatArray
from portrait_nst.video.material import FADE, SLACK, SMEARED, STRETCH, Material, whole
from tests.video.scenes import motion_of

SIZE = (48, 64)
ALL = np.ones(SIZE, np.float32)


def pixels() -> FloatArray:
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    return np.stack([columns, rows], -1)


def nearer(factor: float) -> Motion:
    """The camera comes `factor` times as near to the middle."""
    middle = np.array([SIZE[1] / 2, SIZE[0] / 2], np.float32)
    return Motion((pixels() - middle) * np.float32(1 / factor - 1), ALL)


def test_places_move_along_with_a_pan_for_ever_and_what_comes_into_view_goes_on() -> None:
    material = Material.still(SIZE)
    for _ in range(2000):
        material = material.along(motion_of(SIZE, 0.375, -1), ALL)
    np.testing.assert_allclose(material.shift[..., 0], 750, atol=0.1)
    np.testing.assert_allclose(material.shift[..., 1], -2000, atol=0.1)
    assert material.older is None


def test_the_offset_follows_by_whole_pixels_and_noise_does_not_move_it_to_and_fro() -> None:
    material, seen = Material.still(SIZE), []
    for step in (0.7, -0.1, 0.1, -0.1, 0.3, -0.3, 0.1):  # to .7, and about it, where rounding would give 1; .9 at most
        material = material.along(motion_of(SIZE, step, 0), ALL)
        seen.append(material.offset[0])
        assert abs(material.shift[0, 0, 0] - material.offset[0]) <= SLACK + 1e-5
    assert seen == [0, 0, 0, 0, 1, 1, 1]


def test_where_nothing_can_be_carried_places_go_on_from_those_around() -> None:
    motion = motion_of(SIZE, 5, 0)
    motion.trust[20:30, 20:40] = 0
    motion.back[20:30, 20:40] = 40
    found = Material.still(SIZE).along(motion, ALL)
    np.testing.assert_allclose(found.shift[..., 0], 5, atol=0.05)


def test_places_that_would_be_drawn_out_go_on_from_those_around() -> None:
    motion = motion_of(SIZE, 0, 0)
    motion.back[:, 24:40, 0] = 24 - np.arange(24, 40)  # all of one column: a smear, though trusted
    found = Material.still(SIZE).along(motion, ALL)
    across = np.diff((whole(found.shift, SIZE) + pixels())[:, 26:38, 0], axis=1)
    assert across.mean() > 1 / SMEARED


def test_a_body_that_comes_nearer_gets_a_fresh_material_that_fades_in() -> None:
    material, fading, stretched = Material.still(SIZE), [], []
    for _ in range(140):
        material = material.along(nearer(1.01), ALL)
        fading.append(material.older is not None)
        stretched.append(float(1 / (1 + np.diff(whole(material.shift, SIZE)[24, :, 0]).mean())))
    assert max(stretched) < STRETCH * 1.05
    begins = [number for number in range(1, 140) if fading[number] and not fading[number - 1]]
    assert len(begins) >= 2  # 1.01 ** 140 is STRETCH four times
    assert begins[0] == pytest.approx(np.log(STRETCH) / np.log(1.01), abs=4)
    assert sum(fading[: begins[1]]) == FADE


@pytest.mark.parametrize("fading", [0, FADE // 2, FADE - 1])
def test_two_materials_print_as_strongly_as_one(fading: int) -> None:
    noise = np.random.default_rng(0).normal(0, 1, (2, 256, 256, 3)).astype(np.float32)
    shift = np.zeros((2, 256, 256, 2), np.float32)
    shift[1] = 1
    printed = Material(shift[0], shift[1], fading).printed(
        lambda places: noise[int(places.mean())], lambda shift: shift
    )
    np.testing.assert_allclose(printed.std(), 1, atol=0.02)


def test_grain_is_looked_up_as_it_lies() -> None:
    rows, columns = np.mgrid[:70, :90].astype(np.float32)
    places = np.stack([columns + 350, rows - 20], -1)
    found = grain_along(places).numpy()
    np.testing.assert_allclose(found, grain_at((70, 90), (TILE - 20, 350)).numpy(), atol=1e-6)
    np.testing.assert_array_equal(grain_along(places + 1000 * TILE).numpy(), found)


def test_grain_is_about_as_strong_between_its_pixels() -> None:
    rows, columns = np.mgrid[:384, :384].astype(np.float32)
    whole, between = (grain_along(np.stack([columns + part, rows + part], -1)).numpy().std() for part in (0, 0.5))
    assert between == pytest.approx(whole, rel=0.03)
