"""Maps between Gaussians for several batches."""

from __future__ import annotations

import pytest
import torch

from portrait_nst.instant.gaussian import Gaussian, monge_map
from portrait_nst.instant.learning.gaussians import inverse_root, monge
from portrait_nst.transfer.functional.powers import power


def test_the_maps_of_several_batches_are_those_of_each() -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(3, 6, 8, 9, generator=generator) @ torch.diag(torch.arange(1.0, 10.0))
    goal = Gaussian.of(torch.randn(1, 6, 20, 20, generator=generator) * 3 + 1, torch.ones(1, 20, 20))
    columns = features.permute(0, 2, 3, 1).reshape(3, -1, 6)
    matrices, offsets = monge(columns, goal.mean, power(goal.ridged(), 0.5))
    for own, matrix, offset in zip(features, matrices, offsets):
        alone = monge_map(Gaussian.of(own[None], torch.ones(1, 8, 9)), goal)
        assert torch.allclose(matrix, alone.matrix, atol=1e-4)
        assert torch.allclose(offset, alone.offset, atol=1e-3)


def test_an_inverse_root_by_newton_and_schulz_is_that_of_the_eigenvalues() -> None:
    generator = torch.Generator().manual_seed(1)
    root = torch.randn(2, 16, 16, generator=generator, dtype=torch.float64)
    matrix = root @ root.mT + 1e-3 * torch.eye(16, dtype=torch.float64)
    assert float((inverse_root(matrix) - power(matrix, -0.5)).abs().max()) == pytest.approx(0, abs=1e-6)
