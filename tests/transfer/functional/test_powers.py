"""Powers of symmetric matrices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from portrait_nst.transfer.functional.powers import LEAST, power

SIZE = 12


@pytest.fixture
def matrix() -> Tensor:
    half = torch.randn(SIZE, SIZE, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return half @ half.T / SIZE + 0.01 * torch.eye(SIZE, dtype=torch.float64)


@pytest.mark.parametrize("exponent", [0.5, -0.5, -1.0, 2.0])
def test_powers_are_those_of_the_eigenvalues(matrix: Tensor, exponent: float) -> None:
    values, vectors = torch.linalg.eigh(matrix)
    torch.testing.assert_close(power(matrix, exponent), vectors @ torch.diag(values**exponent) @ vectors.T)
    both = power(torch.stack([matrix, 2 * matrix]), exponent)
    torch.testing.assert_close(both[1], 2**exponent * both[0])


def test_roots_multiply_to_the_matrix_and_its_inverse(matrix: Tensor) -> None:
    root, eye = power(matrix, 0.5), torch.eye(SIZE, dtype=torch.float64)
    torch.testing.assert_close(root @ root, matrix, rtol=1e-10, atol=1e-12)
    torch.testing.assert_close(root @ power(matrix, -0.5), eye, rtol=0, atol=1e-10)


def test_eigenvalues_count_as_no_less_than_a_part_of_the_greatest() -> None:
    flat = torch.diag(torch.tensor([4.0, 0.0, -1.0], dtype=torch.float64))
    torch.testing.assert_close(power(flat, 0.5, least=0.0), torch.diag(torch.tensor([2.0, 0.0, 0.0]).double()))
    torch.testing.assert_close(power(flat, -1.0).diagonal()[1:] * LEAST, torch.full((2,), 0.25).double())
