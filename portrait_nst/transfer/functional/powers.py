"""Roots and other powers of symmetric matrices."""

from __future__ import annotations

import torch
from torch import Tensor

LEAST = 1e-12  # of the greatest eigenvalue, so that negative powers stay finite in float64


def power(matrix: Tensor, exponent: float, least: float = LEAST) -> Tensor:
    """A power of symmetric matrices (..., C, C), whose eigenvalues count as at least `least` times the greatest."""
    values, vectors = torch.linalg.eigh((matrix + matrix.mT) / 2)
    values = torch.maximum(values, values.amax(-1, keepdim=True) * least)
    found: Tensor = (vectors * values.unsqueeze(-2) ** exponent) @ vectors.mT
    return found
