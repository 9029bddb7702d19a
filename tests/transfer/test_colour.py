"""Colour statistics and their transfer, before clipping exact."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from portrait_nst.transfer import initialization
from portrait_nst.transfer.colour import (
    EVENED,
    blur,
    evened,
    match_statistics,
    mean_and_covariance,
    resize,
    with_light,
)
from portrait_nst.transfer.config import StylePart, StyleSource
from portrait_nst.types import FloatArray

rng = np.random.default_rng


def matched(content: FloatArray, regions: Any) -> FloatArray:
    """`match_statistics` towards whole pictures: (region of the content, style, mask of the style)."""
    return match_statistics(content, [(region, mean_and_covariance(style, mask)) for region, style, mask in regions])


def cloud(mean: Any, spreads: Any, size: tuple[int, int] = (40, 50), seed: int = 0) -> NDArray[Any]:
    """A picture whose colours lie around `mean`, spread along turned axes; well inside [0, 1]."""
    turn = np.linalg.qr(rng(seed).normal(size=(3, 3)))[0]
    noise = np.clip(rng(seed + 1).normal(size=(*size, 3)), -2.5, 2.5) * spreads
    return np.asarray(noise @ turn.T + mean, np.float32)


def statistics(rgb: FloatArray, chosen: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    pixels = rgb[chosen].astype(np.float64)
    return pixels.mean(0), np.cov(pixels.T, bias=True)


def with_one(rgb: FloatArray) -> NDArray[Any]:
    pixels = rgb.reshape(-1, 3).astype(np.float64)
    return np.hstack([pixels, np.ones((len(pixels), 1))])


PHOTO = cloud([0.5, 0.45, 0.4], [0.08, 0.05, 0.03])
STYLES = {
    "broad": cloud([0.5, 0.5, 0.55], [0.09, 0.06, 0.04], seed=5),
    "narrow": cloud([0.6, 0.3, 0.4], [0.05, 0.01, 0.004], seed=6),
    "photo": PHOTO,
}
WHOLE = np.ones(PHOTO.shape[:2], np.float32)


def test_mean_and_covariance_are_numpys() -> None:
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
def test_mean_and_covariance_become_the_styles(style: str) -> None:
    found = matched(PHOTO, [(WHOLE, STYLES[style], None)])
    assert found.dtype == np.float32 and found.shape == PHOTO.shape
    assert found.min() > 0 and found.max() < 1, "nothing may be clipped here"
    everywhere = np.ones(PHOTO.shape[:2], bool)
    mean, covariance = statistics(found, everywhere)
    goal_mean, goal = statistics(STYLES[style], everywhere)
    np.testing.assert_allclose(mean, goal_mean, atol=1e-6)
    np.testing.assert_allclose(covariance, goal, atol=1e-7)


@pytest.mark.parametrize("spreads", [[0.08, 0.012, 0.01], [0.06, 0.02, 0.005]])
def test_nearly_grey_pictures_match_as_well(spreads: Any) -> None:
    """Colours of photographs hardly leave the grey axis; a floor under their variances would blow the rest up."""
    photo, style = cloud([0.5] * 3, spreads, seed=8), cloud([0.5, 0.4, 0.5], np.array(spreads) * 0.7, seed=9)
    found = matched(photo, [(WHOLE, style, None)])
    everywhere = np.ones(PHOTO.shape[:2], bool)
    np.testing.assert_allclose(statistics(found, everywhere)[1], statistics(style, everywhere)[1], atol=1e-7)


def test_the_map_moves_colours_least() -> None:
    """The optimal-transport map between Gaussians is symmetric and positive; matching oneself is the identity."""
    np.testing.assert_allclose(matched(PHOTO, [(WHOLE, PHOTO, None)]), PHOTO, atol=1e-6)
    found = matched(PHOTO, [(WHOLE, STYLES["broad"], None)]).astype(np.float64)
    x, y = (p.reshape(-1, 3) - p.reshape(-1, 3).mean(0) for p in (PHOTO.astype(np.float64), found))
    matrix = np.linalg.lstsq(x, y, rcond=None)[0]
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)
    assert np.linalg.eigvalsh(matrix).min() > 0


def test_each_region_takes_its_own_style_from_the_part_that_counts() -> None:
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


def test_outside_every_region_nothing_changes_and_edges_are_blended() -> None:
    region = np.zeros_like(WHOLE)
    region[:, 25:] = 1
    region[:, 24] = 0.25
    found = matched(PHOTO, [(region, STYLES["narrow"], None)])
    np.testing.assert_allclose(found[:, :24], PHOTO[:, :24], atol=1e-7)
    affine = np.linalg.lstsq(with_one(PHOTO[:, 25:]), found[:, 25:].reshape(-1, 3), rcond=None)[0]
    moved = with_one(PHOTO[:, 24]) @ affine
    np.testing.assert_allclose(found[:, 24], 0.75 * PHOTO[:, 24] + 0.25 * moved, atol=1e-5)


@pytest.mark.parametrize("colour", [[0.5, 0.5, 0.5], [0.9, 0.2, 0.1]])
def test_a_picture_of_one_colour_takes_the_styles_mean(colour: Any) -> None:
    flat = np.broadcast_to(np.float32(colour), (12, 13, 3)).copy()
    found = matched(flat, [(np.ones((12, 13), np.float32), STYLES["broad"], None)])
    np.testing.assert_allclose(found, np.broadcast_to(STYLES["broad"].mean((0, 1)), found.shape), atol=1e-3)


@pytest.mark.parametrize("tint", [[1, 1, 1], [1, 0.9, 0.75]])
def test_rounding_is_not_blown_up_to_speckles(tint: Any) -> None:
    """A grey or sepia photo of 8 bits has no hues of its own to spread: what it becomes is a ramp of colours again."""
    grey = rng(4).uniform(60, 200, (40, 50, 1))
    photo = (np.round(grey * tint) / 255).astype(np.float32)
    found = matched(photo, [(WHOLE, STYLES["broad"], None)]).astype(np.float64)
    x = grey.ravel()
    for channel in range(3):
        y = found[..., channel].ravel()
        assert np.std(y - np.polyval(np.polyfit(x, y, 1), x)) < 0.02


def test_results_are_clipped() -> None:
    style = cloud([0.9, 0.1, 0.5], [0.4, 0.4, 0.4], seed=3)
    found = matched(PHOTO, [(WHOLE, style, None)])
    assert found.min() == 0 and found.max() == 1


@pytest.mark.parametrize("size", [(20, 25), (13, 17), (40, 50), (81, 77), (80, 100)])
def test_resizing_keeps_the_mean_and_the_range(size: tuple[int, int]) -> None:
    found = resize(PHOTO, size)
    assert found.shape == (*size, 3) and found.dtype == np.float32
    assert found.min() >= PHOTO.min() - 1e-6 and found.max() <= PHOTO.max() + 1e-6
    np.testing.assert_allclose(found.mean((0, 1)), PHOTO.mean((0, 1)), atol=4e-3)
    assert resize(PHOTO[..., 0], size).shape == size


def test_shrinking_averages_areas_exactly() -> None:
    expected = PHOTO.astype(np.float64).reshape(20, 2, 10, 5, 3).mean((1, 3))
    np.testing.assert_allclose(resize(PHOTO, (20, 10)), expected, atol=1e-6)


def test_the_same_size_is_a_copy() -> None:
    same = resize(PHOTO, PHOTO.shape[:2])
    assert np.array_equal(same, PHOTO) and not np.shares_memory(same, PHOTO)


def weighted(rgb: FloatArray, region: FloatArray, power: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Moments of which each pixel counts by its colour's frequency to the minus `power`: pixel by pixel, in float64."""
    places = np.clip((blur(rgb, 1.0) * 12).astype(int), 0, 11)
    counts = np.zeros((14, 14, 14))  # with a rim of nothing
    for (red, green, blue), here in zip(places.reshape(-1, 3), region.ravel().astype(np.float64)):
        counts[red + 1, green + 1, blue + 1] += here
    smooth, kernel = np.zeros((12, 12, 12)), (0.25, 0.5, 0.25)
    for a, b, c in np.ndindex(3, 3, 3):
        smooth += kernel[a] * kernel[b] * kernel[c] * counts[a : a + 12, b : b + 12, c : c + 12]
    often = np.maximum(smooth[tuple(np.moveaxis(places, 2, 0))], 1e-3 * region.sum(dtype=np.float64))
    weights = (region * often**-power).ravel()
    pixels = rgb.reshape(-1, 3).astype(np.float64)
    return np.average(pixels, axis=0, weights=weights), np.cov(pixels.T, aweights=weights, bias=True)


@pytest.mark.parametrize("power", [0.25, EVENED, 1.0])
@pytest.mark.parametrize("soft", [False, True])
def test_a_colour_counts_by_a_power_of_how_often_it_is_there(power: float, soft: bool) -> None:
    region = rng(3).random(PHOTO.shape[:2]).astype(np.float32) if soft else WHOLE
    mixed = np.where(np.arange(50)[None, :, None] < 40, PHOTO, STYLES["narrow"])
    for found, expected in zip(evened(mixed, region, power), weighted(mixed, region, power)):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.abs(evened(mixed, region, power)[0] - evened(mixed, region, 0.0)[0]).max() > 0.005


@pytest.mark.parametrize("size", [(40, 50), (300, 700), (512, 512), (1000, 3)])
def test_without_a_power_these_are_the_plain_moments_of_a_small_picture(size: tuple[int, int]) -> None:
    rgb, region = resize(PHOTO, size), rng(4).random(size).astype(np.float32)
    scale = min(1, 256 / max(size))
    small = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    expected = mean_and_covariance(resize(rgb, small), resize(region, small))
    for found, wanted in zip(evened(rgb, region, 0.0), expected):
        np.testing.assert_allclose(found, wanted, atol=1e-7)


def test_of_nothing_there_are_moments_still() -> None:
    mean, covariance = evened(PHOTO, np.zeros_like(WHOLE))
    assert np.isfinite(mean).all() and np.isfinite(covariance).all()


def portrait() -> tuple[NDArray[Any], slice]:
    """A portrait's colours, 85 % dark coat, 10 % face and 5 % shirt, and the rows where the face is."""
    rgb = np.empty((100, 80, 3))
    rgb[:85], rgb[85:95], rgb[95:] = (0.08, 0.08, 0.1), (0.8, 0.6, 0.5), (0.9, 0.9, 0.92)
    rgb += rng(5).normal(0, 0.015, rgb.shape)
    return np.clip(rgb, 0, 1).astype(np.float32), slice(87, 93)


@pytest.mark.parametrize("style", ["broad", "narrow"])
def test_a_face_beside_a_dark_coat_stays_within_the_styles_colours(style: str) -> None:
    """By plain statistics it is an outlier, and is moved beyond what the style has."""
    rgb, face = portrait()
    mean, covariance = mean_and_covariance(STYLES[style], None)
    region, inverse = np.ones(rgb.shape[:2], np.float32), np.linalg.inv(covariance + np.eye(3) * 1e-4)

    def far(evenly: bool) -> float:
        """How many of the style's deviations its mean is away from the face's."""
        moved = match_statistics(rgb, [(region, (mean, covariance))], evenly=evenly)
        apart = moved[face].mean((0, 1)) - mean
        return math.sqrt(apart @ inverse @ apart)

    assert far(False) > 2.2 and far(True) < 1.9
    plain = match_statistics(rgb, [(region, (mean, covariance))])
    assert np.array_equal(plain, match_statistics(rgb, [(region, (mean, covariance))], evenly=False))


@pytest.mark.parametrize("bounded", [False, True])
def test_a_photo_in_a_styles_colours_counts_evenly_where_it_is_bounded(bounded: bool) -> None:
    """For nearest features alone; Gram matrices have the plain statistics that they had."""
    rgb, _ = portrait()
    region = np.ones(rgb.shape[:2], np.float32)
    moments = mean_and_covariance(STYLES["narrow"], None)
    goal = with_light(moments, mean_and_covariance(rgb, region), initialization.LEAST_LIGHT) if bounded else moments
    source = StyleSource((StylePart(STYLES["narrow"]),), region)
    found = initialization.in_style_colours(rgb, [source], [region], bounded=bounded)
    np.testing.assert_array_equal(found, match_statistics(rgb, [(region, goal)], evenly=bounded))
    assert np.abs(found - match_statistics(rgb, [(region, goal)], evenly=not bounded)).max() > 0.05
