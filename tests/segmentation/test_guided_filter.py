"""The guided filter's coefficients against the paper's equations, window by window in float64."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from portrait_nst.segmentation.guided_filter import affine_coefficients
from portrait_nst.types import FloatArray


def filtered(guide: FloatArray, plane: FloatArray, radius: int, eps: float) -> FloatArray:
    *slopes, offset = affine_coefficients(guide, plane, radius, eps)
    return np.asarray(sum(slope * guide[..., c] for c, slope in enumerate(slopes)) + offset)


def by_the_book(guide: FloatArray, plane: FloatArray, radius: int, eps: float) -> NDArray[np.float64]:
    """Equations 14 and 15 with explicit windows, float64, where no window reaches the border: (H - 4 r, W - 4 r)."""
    height, width = plane.shape
    guide64, plane64 = guide.astype(np.float64), plane.astype(np.float64)
    a, b = np.zeros((height, width, 3)), np.zeros((height, width))

    def window(y: int, x: int) -> tuple[slice, slice]:
        return slice(y - radius, y + radius + 1), slice(x - radius, x + radius + 1)

    for y in range(radius, height - radius):
        for x in range(radius, width - radius):
            colours, values = guide64[window(y, x)].reshape(-1, 3), plane64[window(y, x)].ravel()
            mean, level = colours.mean(0), values.mean()
            sigma = (colours - mean).T @ (colours - mean) / len(values)
            covariance = (colours * values[:, None]).mean(0) - mean * level
            a[y, x] = np.linalg.solve(sigma + eps * np.eye(3), covariance)
            b[y, x] = level - a[y, x] @ mean
    rows, columns = range(2 * radius, height - 2 * radius), range(2 * radius, width - 2 * radius)
    return np.array(
        [
            [a[window(y, x)].reshape(-1, 3).mean(0) @ guide64[y, x] + b[window(y, x)].mean() for x in columns]
            for y in rows
        ]
    )


def picture(height: int = 23, width: int = 31) -> tuple[FloatArray, FloatArray]:
    """A noisy guide with an edge in its middle, and a plane of random zeros and ones."""
    rng = np.random.default_rng(0)
    guide = rng.random((height, width, 3), np.float32) * np.float32(0.3)
    guide[:, width // 2 :] += np.array([0.6, 0.3, 0.1], np.float32)
    return guide, (rng.random((height, width)) > 0.5).astype(np.float32)


@pytest.mark.parametrize(("radius", "eps"), [(1, 1e-2), (2, 1e-4), (3, 1e-3), (5, 1e-4)])
def test_equals_the_papers_equations(radius: int, eps: float) -> None:
    guide, plane = picture()
    result = filtered(guide, plane, radius, eps)
    assert result.dtype == np.float32
    inner = np.s_[2 * radius : -2 * radius, 2 * radius : -2 * radius]
    np.testing.assert_allclose(result[inner], by_the_book(guide, plane, radius, eps), atol=2e-4)


def test_the_border_is_repeated() -> None:
    guide, plane = picture()
    pad = 3 * 4
    wide, wide_plane = np.pad(guide, ((pad, pad), (pad, pad), (0, 0)), mode="edge"), np.pad(plane, pad, mode="edge")
    found = affine_coefficients(guide, plane, 3, 1e-3)
    # The fit is the same everywhere; the means of its coefficients are so where their windows stay inside.
    for one, other in zip(found, affine_coefficients(wide, wide_plane, 3, 1e-3)):
        np.testing.assert_allclose(one[3:-3, 3:-3], other[pad + 3 : -pad - 3, pad + 3 : -pad - 3], atol=1e-4)


def test_flat_and_dark_guides_stay_stable() -> None:
    plane = picture()[1]
    for level in (0.0, 0.97):
        guide = np.full((*plane.shape, 3), level, np.float32)
        result = filtered(guide, plane, 3, 1e-6)
        np.testing.assert_allclose(result[6:-6, 6:-6], by_the_book(guide, plane, 3, 1e-6), atol=1e-4)


def test_a_constant_plane_stays_constant() -> None:
    guide, _ = picture()
    np.testing.assert_allclose(filtered(guide, np.full(guide.shape[:2], 0.7, np.float32), 4, 1e-4), 0.7, atol=1e-4)


def test_a_coarse_mask_snaps_to_the_guides_edge() -> None:
    guide = np.zeros((60, 80, 3), np.float32)
    guide[:, 40:] = (0.8, 0.5, 0.3)
    truth = np.zeros((60, 80), np.float32)
    truth[:, 40:] = 1
    ramp = np.tile(np.clip((np.arange(80, dtype=np.float32) - 34) / 12, 0, 1), (60, 1)).astype(np.float32)
    result = filtered(guide, ramp, 8, 1e-5)
    assert np.abs(result - truth).mean() < np.abs(ramp - truth).mean()
    assert result[30, 40] - result[30, 39] > 4 * (ramp[30, 40] - ramp[30, 39])
