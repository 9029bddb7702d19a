"""Colour statistics and their transfer, before clipping exact."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.transfer.colour import match_statistics, mean_and_covariance, resize

rng = np.random.default_rng


def matched(content, regions):
    """`match_statistics` towards whole pictures: (region of the content, style, mask of the style)."""
    return match_statistics(content, [(region, mean_and_covariance(style, mask)) for region, style, mask in regions])


def cloud(mean, spreads, size=(40, 50), seed=0) -> np.ndarray:
    """A picture whose colours lie around `mean`, spread along turned axes; well inside [0, 1]."""
    turn = np.linalg.qr(rng(seed).normal(size=(3, 3)))[0]
    noise = np.clip(rng(seed + 1).normal(size=(*size, 3)), -2.5, 2.5) * spreads
    return (noise @ turn.T + mean).astype(np.float32)


def statistics(rgb, chosen) -> tuple[np.ndarray, np.ndarray]:
    pixels = rgb[chosen].astype(np.float64)
    return pixels.mean(0), np.cov(pixels.T, bias=True)


def with_one(rgb) -> np.ndarray:
    pixels = rgb.reshape(-1, 3).astype(np.float64)
    return np.hstack([pixels, np.ones((len(pixels), 1))])


PHOTO = cloud([0.5, 0.45, 0.4], [0.08, 0.05, 0.03])
STYLES = {
    "broad": cloud([0.5, 0.5, 0.55], [0.09, 0.06, 0.04], seed=5),
    "narrow": cloud([0.6, 0.3, 0.4], [0.05, 0.01, 0.004], seed=6),
    "photo": PHOTO,
}
WHOLE = np.ones(PHOTO.shape[:2], np.float32)


def test_mean_and_covariance_are_numpys():
    chosen = rng(1).random(PHOTO.shape[:2]) > 0.4
    mean, covariance = mean_and_covariance(PHOTO, chosen.astype(np.float32))
    np.testing.assert_allclose(mean, statistics(PHOTO, chosen)[0], atol=1e-12)
    np.testing.assert_allclose(covariance, statistics(PHOTO, chosen)[1], atol=1e-12)
    weights = rng(2).random(PHOTO.shape[:2]).astype(np.float32)
    mean, covariance = mean_and_covariance(PHOTO, weights)
    expected = np.cov(PHOTO.reshape(-1, 3).T.astype(np.float64), aweights=weights.ravel(), bias=True)
    np.testing.assert_allclose(covariance, expected, atol=1e-12)
    np.testing.assert_array_equal(mean_and_covariance(PHOTO, None)[0], mean_and_covariance(PHOTO, WHOLE)[0])


@pytest.mark.parametrize("style", STYLES)
def test_mean_and_covariance_become_the_styles(style):
    found = matched(PHOTO, [(WHOLE, STYLES[style], None)])
    assert found.dtype == np.float32 and found.shape == PHOTO.shape
    assert found.min() > 0 and found.max() < 1, "nothing may be clipped here"
    everywhere = np.ones(PHOTO.shape[:2], bool)
    mean, covariance = statistics(found, everywhere)
    goal_mean, goal = statistics(STYLES[style], everywhere)
    np.testing.assert_allclose(mean, goal_mean, atol=1e-6)
    np.testing.assert_allclose(covariance, goal, atol=1e-7)


@pytest.mark.parametrize("spreads", [[0.08, 0.012, 0.01], [0.06, 0.02, 0.005]])
def test_nearly_grey_pictures_match_as_well(spreads):
    """Colours of photographs hardly leave the grey axis; a floor under their variances would blow the rest up."""
    photo, style = cloud([0.5] * 3, spreads, seed=8), cloud([0.5, 0.4, 0.5], np.array(spreads) * 0.7, seed=9)
    found = matched(photo, [(WHOLE, style, None)])
    everywhere = np.ones(PHOTO.shape[:2], bool)
    np.testing.assert_allclose(statistics(found, everywhere)[1], statistics(style, everywhere)[1], atol=1e-7)


def test_the_map_moves_colours_least():
    """The optimal-transport map between Gaussians is symmetric and positive; matching oneself is the identity."""
    np.testing.assert_allclose(matched(PHOTO, [(WHOLE, PHOTO, None)]), PHOTO, atol=1e-6)
    found = matched(PHOTO, [(WHOLE, STYLES["broad"], None)]).astype(np.float64)
    x, y = (p.reshape(-1, 3) - p.reshape(-1, 3).mean(0) for p in (PHOTO.astype(np.float64), found))
    matrix = np.linalg.lstsq(x, y, rcond=None)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_each_region_takes_its_own_style_from_the_part_that_counts():
    left = np.zeros_like(WHOLE)
    left[:, :22] = 1
    counted = np.zeros_like(WHOLE)
    counted[10:30, 5:35] = 1
    spoiled = np.where(counted[..., None] > 0, STYLES["broad"], 0).astype(np.float32)
    found = matched(PHOTO, [(left, spoiled, counted), (1 - left, STYLES["narrow"], None)])
    for region, goal in [
        (left > 0, statistics(STYLES["broad"], counted > 0)),
        (left == 0, statistics(STYLES["narrow"], np.ones_like(left, bool))),
    ]:
        mean, covariance = statistics(found, region)
        np.testing.assert_allclose(mean, goal[0], atol=1e-6)
        np.testing.assert_allclose(covariance, goal[1], atol=1e-7)


def test_outside_every_region_nothing_changes_and_edges_are_blended():
    region = np.zeros_like(WHOLE)
    region[:, 25:] = 1
    region[:, 24] = 0.25
    found = matched(PHOTO, [(region, STYLES["narrow"], None)])
    np.testing.assert_allclose(found[:, :24], PHOTO[:, :24], atol=1e-7)
    affine = np.linalg.lstsq(with_one(PHOTO[:, 25:]), found[:, 25:].reshape(-1, 3), rcond=None)[0]
    moved = with_one(PHOTO[:, 24]) @ affine
    np.testing.assert_allclose(found[:, 24], 0.75 * PHOTO[:, 24] + 0.25 * moved, atol=1e-5)


@pytest.mark.parametrize("colour", [[0.5, 0.5, 0.5], [0.9, 0.2, 0.1]])
def test_a_picture_of_one_colour_takes_the_styles_mean(colour):
    flat = np.broadcast_to(np.float32(colour), (12, 13, 3)).copy()
    found = matched(flat, [(np.ones((12, 13), np.float32), STYLES["broad"], None)])
    np.testing.assert_allclose(found, np.broadcast_to(STYLES["broad"].mean((0, 1)), found.shape), atol=1e-3)


@pytest.mark.parametrize("tint", [[1, 1, 1], [1, 0.9, 0.75]])
def test_rounding_is_not_blown_up_to_speckles(tint):
    """A grey or sepia photo of 8 bits has no hues of its own to spread: what it becomes is a ramp of colours again."""
    grey = rng(4).uniform(60, 200, (40, 50, 1))
    photo = (np.round(grey * tint) / 255).astype(np.float32)
    found = matched(photo, [(WHOLE, STYLES["broad"], None)]).astype(np.float64)
    x = grey.ravel()
    for channel in range(3):
        y = found[..., channel].ravel()
        assert np.std(y - np.polyval(np.polyfit(x, y, 1), x)) < 0.02


def test_results_are_clipped():
    style = cloud([0.9, 0.1, 0.5], [0.4, 0.4, 0.4], seed=3)
    found = matched(PHOTO, [(WHOLE, style, None)])
    assert found.min() == 0 and found.max() == 1


@pytest.mark.parametrize("size", [(20, 25), (13, 17), (40, 50), (81, 77), (80, 100)])
def test_resizing_keeps_the_mean_and_the_range(size):
    found = resize(PHOTO, size)
    assert found.shape == (*size, 3) and found.dtype == np.float32
    assert found.min() >= PHOTO.min() - 1e-6 and found.max() <= PHOTO.max() + 1e-6
    np.testing.assert_allclose(found.mean((0, 1)), PHOTO.mean((0, 1)), atol=4e-3)
    assert resize(PHOTO[..., 0], size).shape == size


def test_shrinking_averages_areas_exactly():
    expected = PHOTO.astype(np.float64).reshape(20, 2, 10, 5, 3).mean((1, 3))
    np.testing.assert_allclose(resize(PHOTO, (20, 10)), expected, atol=1e-6)


def test_the_same_size_is_a_copy():
    same = resize(PHOTO, PHOTO.shape[:2])
    assert np.array_equal(same, PHOTO) and not np.shares_memory(same, PHOTO)
