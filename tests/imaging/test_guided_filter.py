"""The guided filter against the paper's equations, window by window in float64."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.imaging import guided_filter


def by_the_book(guide, src, radius, eps):
    """Equations 14 and 15 with explicit windows, float64."""
    height, width = src.shape
    guide, src = guide.astype(np.float64), src.astype(np.float64)
    a, b = np.zeros((height, width, 3)), np.zeros((height, width))

    def window(y, x):
        return slice(max(0, y - radius), y + radius + 1), slice(max(0, x - radius), x + radius + 1)

    for y in range(height):
        for x in range(width):
            colours, values = guide[window(y, x)].reshape(-1, 3), src[window(y, x)].ravel()
            mean, level = colours.mean(0), values.mean()
            sigma = (colours - mean).T @ (colours - mean) / len(values)
            covariance = (colours * values[:, None]).mean(0) - mean * level
            a[y, x] = np.linalg.solve(sigma + eps * np.eye(3), covariance)
            b[y, x] = level - a[y, x] @ mean
    result = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            at = window(y, x)
            result[y, x] = a[at].reshape(-1, 3).mean(0) @ guide[y, x] + b[at].mean()
    return result


def picture(height=23, width=31, seed=0):
    rng = np.random.default_rng(seed)
    guide = rng.random((height, width, 3), np.float32) * 0.3
    guide[:, width // 2 :] += np.float32([0.6, 0.3, 0.1])
    src = (rng.random((height, width)) > 0.5).astype(np.float32)
    return guide, src


@pytest.mark.parametrize(("radius", "eps"), [(1, 1e-2), (3, 1e-3), (5, 1e-4), (40, 1e-2)])
def test_equals_the_papers_equations(radius, eps):
    guide, src = picture()
    result = guided_filter(guide, src, radius, eps)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, by_the_book(guide, src, radius, eps), atol=1e-4)


def test_flat_and_dark_guides_stay_stable():
    src = picture()[1]
    for level in (0.0, 0.97):
        guide = np.full((*src.shape, 3), level, np.float32)
        np.testing.assert_allclose(guided_filter(guide, src, 3, 1e-6), by_the_book(guide, src, 3, 1e-6), atol=1e-4)


def test_a_constant_plane_stays_constant():
    guide, _ = picture()
    np.testing.assert_allclose(guided_filter(guide, np.full(guide.shape[:2], 0.7, np.float32), 4, 1e-4), 0.7, atol=1e-5)


def test_a_coarse_mask_snaps_to_the_guides_edge():
    guide = np.zeros((60, 80, 3), np.float32)
    guide[:, 40:] = (0.8, 0.5, 0.3)
    truth = np.zeros((60, 80), np.float32)
    truth[:, 40:] = 1
    ramp = np.broadcast_to(np.clip((np.arange(80, dtype=np.float32) - 34) / 12, 0, 1), (60, 80)).copy()
    result = guided_filter(guide, ramp, 8, 1e-5)
    assert np.abs(result - truth).mean() < np.abs(ramp - truth).mean()
    assert result[30, 40] - result[30, 39] > 4 * (ramp[30, 40] - ramp[30, 39])


@pytest.mark.parametrize("subsample", [2, 3, 4])
def test_the_fast_variant_is_close_to_the_exact_one(subsample):
    y, x = np.mgrid[0:121, 0:157].astype(np.float32)
    guide = np.stack([np.sin(x / 19), np.cos(y / 23), np.sin((x + y) / 29)], -1) * 0.5 + 0.5
    src = ((x - 70) ** 2 + (y - 60) ** 2 < 45**2).astype(np.float32)
    exact = guided_filter(guide, src, 16, 1e-3)
    fast = guided_filter(guide, src, 16, 1e-3, subsample=subsample)
    assert fast.shape == exact.shape
    assert np.abs(fast - exact).mean() < 0.015
    assert np.abs(exact - src).mean() > 0.045  # the filter does something, or the line above says nothing


def test_shapes_and_values_are_checked():
    guide, src = picture()
    with pytest.raises(ValueError, match="guide must be"):
        guided_filter(guide, src[1:], 2, 1e-3)
    for radius, eps, subsample in [(0, 1e-3, 1), (2, 0.0, 1), (2, 1e-3, 0)]:
        with pytest.raises(ValueError, match="radius"):
            guided_filter(guide, src, radius, eps, subsample=subsample)
