"""The pyramid is an exact linear change of variables."""

from __future__ import annotations

import pytest
import torch

from portrait_nst.transfer.optim.parametrization import Pyramid

SIZES = [(33, 47), (64, 65), (100, 37), (128, 96), (9, 70), (7, 7), (1, 1)]


@pytest.mark.parametrize("levels", [1, 2, 5])
@pytest.mark.parametrize("size", SIZES)
def test_the_picture_comes_back(size: tuple[int, int], levels: int) -> None:
    pyramid, image = Pyramid(*size, levels), torch.rand(1, 3, *size)
    coefficients = pyramid.analyse(image)
    assert coefficients.shape == (sum(pyramid.lengths),) and coefficients.dtype == torch.float32
    torch.testing.assert_close(pyramid.synthesise(coefficients), image, rtol=0, atol=1e-5)


@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
def test_the_picture_comes_back_whatever_the_gain(gain: float) -> None:
    pyramid, image = Pyramid(41, 52, 4, gain), torch.rand(1, 3, 41, 52)
    torch.testing.assert_close(pyramid.synthesise(pyramid.analyse(image)), image, rtol=0, atol=1e-5)


def test_levels_halve_until_a_side_is_under_8() -> None:
    assert Pyramid(100, 37, 5).sizes == [(100, 37), (50, 19), (25, 10), (13, 5)]
    assert Pyramid(100, 37, 2).sizes == [(100, 37), (50, 19)]
    assert Pyramid(7, 200, 5).sizes == [(7, 200)]
    assert Pyramid(8, 200, 5).sizes == [(8, 200), (4, 100)]


@pytest.mark.parametrize("size", [(33, 47), (64, 65), (12, 90)])
def test_both_ways_are_linear(size: tuple[int, int]) -> None:
    pyramid = Pyramid(*size, 5)
    n = sum(pyramid.lengths)
    u, v = torch.randn(n, dtype=torch.float64), torch.randn(n, dtype=torch.float64)
    both = pyramid.synthesise(2 * u - 3 * v)
    torch.testing.assert_close(both, 2 * pyramid.synthesise(u) - 3 * pyramid.synthesise(v), rtol=0, atol=1e-12)
    a, b = torch.rand(1, 3, *size), torch.rand(1, 3, *size)
    torch.testing.assert_close(
        pyramid.analyse(2 * a - 3 * b), 2 * pyramid.analyse(a) - 3 * pyramid.analyse(b), rtol=0, atol=5e-5
    )


@pytest.mark.parametrize("size", [(33, 47), (64, 65), (12, 90)])
def test_its_gradient_is_the_adjoint(size: tuple[int, int]) -> None:
    """<S c, w> = <c, S^T w>, S^T w being what backpropagation gives."""
    pyramid = Pyramid(*size, 5)
    c = torch.randn(sum(pyramid.lengths), dtype=torch.float64)
    w = torch.randn(1, 3, *size, dtype=torch.float64)
    leaf = torch.zeros_like(c).requires_grad_(True)
    torch.autograd.backward(pyramid.synthesise(leaf), w)
    assert leaf.grad is not None
    left, right = float((pyramid.synthesise(c) * w).sum()), float((c * leaf.grad).sum())
    assert left == pytest.approx(right, rel=1e-11, abs=1e-10)


def test_the_adjoint_is_the_matrix_transposed() -> None:
    """Column by column, small."""
    pyramid = Pyramid(9, 11, 3)
    n = sum(pyramid.lengths)
    assert len(pyramid.sizes) == 2
    matrix = torch.stack([pyramid.synthesise(unit).flatten() for unit in torch.eye(n, dtype=torch.float64)], 1)
    leaf = torch.zeros(n, dtype=torch.float64, requires_grad=True)
    w = torch.randn(1, 3, 9, 11, dtype=torch.float64)
    torch.autograd.backward(pyramid.synthesise(leaf), w)
    assert leaf.grad is not None
    torch.testing.assert_close(leaf.grad, matrix.T @ w.flatten(), rtol=0, atol=1e-12)


def test_a_flat_picture_is_all_in_the_coarsest_level() -> None:
    pyramid = Pyramid(60, 44, 4, gain=1.0)
    bands = torch.split(pyramid.analyse(torch.full((1, 3, 60, 44), 0.7)), pyramid.lengths)
    for band in bands[:-1]:
        torch.testing.assert_close(band, torch.zeros_like(band), rtol=0, atol=1e-6)
    torch.testing.assert_close(bands[-1], torch.full_like(bands[-1], 0.7), rtol=0, atol=1e-6)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_coefficient_moves_a_smooth_patch_of_its_level(level: int) -> None:
    """Nowhere negative, about 2^level wide, and falling from its middle: no dot, no ring."""
    pyramid = Pyramid(96, 96, 5, gain=0.5)
    coefficients = torch.zeros(sum(pyramid.lengths))
    height, width = pyramid.sizes[level]
    coefficients[sum(pyramid.lengths[:level]) + (height // 2) * width + width // 2] = 1
    patch = pyramid.synthesise(coefficients)[0, 0]
    assert patch.min() >= 0 and patch.sum() == pytest.approx(0.5**level * 4**level, rel=1e-4)
    touched = patch > 0.05 * patch.max()
    rows = touched.any(1).sum()
    assert 2**level <= rows <= 4 * 2**level + 2
    assert torch.equal(touched.any(1), touched.any(0))
    line = patch[patch.argmax() // 96]
    steps = line.diff()
    peak = int(line.argmax())
    assert (steps[:peak] >= -1e-6).all() and (steps[peak:] <= 1e-6).all()
