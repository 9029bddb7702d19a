"""Closed-form matting against its definition: the whole Laplacian written out in float64, and solved."""

from __future__ import annotations

import numpy as np
import pytest

from portrait_nst.segmentation.matting import PINNED, _Laplacian, closed_form

EPS = 1e-3


def laplacian(image: np.ndarray, eps: float = EPS) -> np.ndarray:
    """Levin et al., equation 12, window by window: (H W, H W) float64, divided by 9."""
    height, width = image.shape[:2]
    pixels = np.arange(height * width).reshape(height, width)
    result = np.zeros((height * width, height * width))
    for i in range(height):
        for j in range(width):
            rows, columns = slice(max(i - 1, 0), i + 2), slice(max(j - 1, 0), j + 2)
            colours = image[rows, columns].reshape(-1, 3).astype(np.float64)
            centred = colours - colours.mean(axis=0)
            sigma = centred.T @ centred / len(colours) + eps * np.eye(3)
            kernel = (1 + centred @ np.linalg.inv(sigma) @ centred.T) / len(colours)
            inside = pixels[rows, columns].ravel()
            result[np.ix_(inside, inside)] += np.eye(len(colours)) - kernel
    return result / 9


def solution(image: np.ndarray, prior: np.ndarray, weight: np.ndarray, eps: float = EPS) -> np.ndarray:
    tied = np.diag(weight.ravel().astype(np.float64))
    return np.linalg.solve(laplacian(image, eps) + tied, tied @ prior.ravel()).reshape(prior.shape)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def picture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Two colours that meet at a slanted edge, and some noise; (height, width, 3) float32."""
    y, x = np.mgrid[:height, :width]
    part = np.clip((x - width / 2 + 0.3 * (y - height / 2)) / 3 + 0.5, 0, 1)[..., None]
    clear = part * np.array([0.8, 0.3, 0.2]) + (1 - part) * np.array([0.1, 0.3, 0.7])
    return np.asarray(np.clip(clear + rng.normal(0, 0.01, clear.shape), 0, 1), np.float32)


def test_its_rows_are_those_of_the_definition(rng: np.random.Generator) -> None:
    image, x = rng.random((5, 6, 3)).astype(np.float32), rng.random((5, 6)).astype(np.float32)
    wanted = (laplacian(image) @ x.ravel()).reshape(5, 6)
    some = rng.random((5, 6)) < 0.4
    for solved in (np.ones((5, 6), bool), some):
        rows = _Laplacian(image, solved, EPS)
        assert np.allclose(rows.of(x), wanted[solved], atol=1e-6)
        only = np.where(solved, x, 0)
        assert np.allclose(rows(x[solved]), (laplacian(image) @ only.ravel()).reshape(5, 6)[solved], atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (9, 1), (24, 31)])
def test_all_of_a_picture_undecided(shape: tuple[int, int], rng: np.random.Generator) -> None:
    image, prior = picture(rng, *shape), rng.random(shape).astype(np.float32)
    weight = rng.uniform(0.02, 0.2, shape).astype(np.float32)
    found = closed_form(image, prior, weight, eps=EPS, iterations=200, tolerance=1e-6)
    assert np.abs(found - solution(image, prior, weight)).max() < 1e-4


@pytest.mark.parametrize("middle", [15, 0, 30])  # of the undecided columns: within the picture, and along its borders
def test_most_of_a_picture_pinned(middle: int, rng: np.random.Generator) -> None:
    image, shape = picture(rng, 24, 31), (24, 31)
    at = np.broadcast_to(np.abs(np.arange(31) - middle), shape)
    prior = np.where(at < 4, rng.random(shape), np.arange(31) > middle).astype(np.float32)
    weight = np.where(at < 4, np.float32(0.02), PINNED)
    found = closed_form(image, prior, weight, eps=EPS, iterations=200, tolerance=1e-6)
    assert np.abs(found - solution(image, prior, weight)).max() < 5e-4
    assert np.abs(found - solution(image, prior, weight))[at < 4].max() < 1e-4
    assert np.array_equal(found[at >= 6], prior[at >= 6])


def test_colours_on_a_line_are_no_matter_of_rounding() -> None:
    # Their covariance has one great eigenvalue and two of eps: its determinant is less than float32 knows of it.
    grey = np.linspace(0, 1, 20 * 20, dtype=np.float32)
    image = np.random.default_rng(5).permutation(grey).reshape(20, 20, 1) * np.array([0.9, 0.8, 0.7], np.float32)
    prior = np.random.default_rng(6).random((20, 20)).astype(np.float32)
    weight = np.full((20, 20), 0.05, np.float32)
    found = closed_form(image, prior, weight, eps=1e-4, iterations=400, tolerance=1e-6)
    assert np.abs(found - solution(image, prior, weight, 1e-4)).max() < 1e-3


def test_nothing_undecided_is_the_prior(rng: np.random.Generator) -> None:
    prior = rng.random((40, 30)).astype(np.float32)
    alpha = closed_form(picture(rng, 40, 30), prior, np.full((40, 30), PINNED, np.float32))
    assert np.array_equal(alpha, prior)
    assert alpha is not prior
