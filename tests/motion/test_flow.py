"""Flow between two views whose motion is known, stillness under noise, and what is not to be trusted."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.motion import between
from portrait_nst.types import UInt8Array
from tests.motion.scenes import Field, noisy, pan, views

CENTRE = 128


def turn(columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A head that turns: 4 px in its middle, nothing at its rim."""
    near = np.exp(-((columns - CENTRE) ** 2 + (rows - CENTRE) ** 2) / (2 * 50.0**2)).astype(np.float32)
    return 4 * near, 0 * near


def zoom(columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (columns - CENTRE) * 0.01, (rows - CENTRE) * 0.01


def rotation(columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return -(rows - CENTRE) * 0.0175, (columns - CENTRE) * 0.0175


@pytest.mark.parametrize("fine", [False, True])
@pytest.mark.parametrize(
    ("field", "median", "most"),
    [
        (pan(1, 0), 0.06, 0.3),
        (pan(3.4, -1.7), 0.12, 0.4),
        (pan(20, 0), 0.05, 0.3),
        (turn, 0.1, 0.4),
        (zoom, 0.12, 0.5),
        (rotation, 0.15, 0.5),
    ],
    ids=["pan 1", "pan 3.4", "pan 20", "turn", "zoom", "rotation"],
)
def test_motion_is_found(photo: UInt8Array, field: Field, median: float, most: float, fine: bool) -> None:
    earlier, later, exact = views(photo, field)
    motion = between(earlier, later, fine)
    error = np.linalg.norm(motion.back.astype(np.float64) - exact, axis=2)[24:-24, 24:-24]
    assert motion.back.dtype == motion.trust.dtype == np.float32
    assert np.median(error) < median
    assert np.quantile(error, 0.95) < most
    assert motion.trust[24:-24, 24:-24].mean() > 0.95


@pytest.mark.parametrize("fine", [False, True])
def test_equal_frames_do_not_move(photo: UInt8Array, fine: bool) -> None:
    motion = between(photo, photo, fine)
    assert not motion.back.any()
    assert (motion.trust == 1).all()


@pytest.mark.parametrize(("fine", "most"), [(False, 0.1), (True, 0.4)])
def test_a_sensor_s_noise_is_no_motion(photo: UInt8Array, fine: bool, most: float) -> None:
    motion = between(noisy(photo, 2, 0), noisy(photo, 2, 1), fine)
    length = np.linalg.norm(motion.back, axis=2)
    assert (length == 0).mean() > 0.8
    assert np.quantile(length, 0.99) < most
    assert motion.trust.mean() > 0.97


def test_large_frames_are_looked_at_small(photo: UInt8Array) -> None:
    big = np.kron(photo, np.ones((4, 4, 1), np.uint8))
    motion = between(big[:, :-8], big[:, 8:])
    assert motion.size == (1408, 1400)
    assert np.median(np.abs(motion.back[..., 0] - 8)) < 0.4
    assert np.median(np.abs(motion.back[..., 1])) < 0.2


def test_what_came_into_view_is_not_trusted(photo: UInt8Array, other: UInt8Array) -> None:
    earlier, later = photo.copy(), photo.copy()
    earlier[100:200, 60:160] = other[100:200, 60:160]
    later[100:200, 100:200] = other[100:200, 60:160]  # the square has moved by 40 px to the right
    motion = between(earlier, later)
    assert motion.trust[112:188, 64:96].mean() < 0.35
    assert motion.trust[:, 240:].mean() > 0.95


def test_what_leaves_the_picture_behind_is_not_trusted(photo: UInt8Array) -> None:
    earlier, later, _ = views(photo, pan(12, 0))
    motion = between(earlier, later)
    assert motion.trust[16:-16, -9:].max() == 0
    assert motion.trust[16:-16, 16:-24].mean() > 0.95


def test_light_that_changes_is_not_trusted_but_not_taken_for_motion(photo: UInt8Array) -> None:
    brighter = np.clip(photo.astype(np.float32) * 1.3 + 25, 0, 255).astype(np.uint8)
    motion = between(photo, brighter)
    assert motion.trust.mean() < 0.3
    assert np.median(np.linalg.norm(motion.back, axis=2)) < 0.2


def test_trust_is_between_0_and_1_and_everything_finite(photo: UInt8Array, other: UInt8Array) -> None:
    for earlier, later in [
        (photo, other),
        (photo, photo * 0),
        (photo * 0, photo * 0 + 255),
        (photo[:9, :7], photo[9:18, :7]),
    ]:
        motion = between(earlier, later)
        assert np.isfinite(motion.back).all()
        assert motion.trust.min() >= 0
        assert motion.trust.max() <= 1


def test_frames_of_different_sizes_are_refused(photo: UInt8Array) -> None:
    with pytest.raises(ValueError, match="one size"):
        between(photo, photo[:-1])
