"""Nearest features against loops in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from portrait_nst.transfer import functional


def test_the_nearest_is_the_cell_of_greatest_cosine() -> None:
    features, style = torch.randn(2, 5, 4, 7, dtype=torch.float64), torch.randn(2, 5, 6, 3, dtype=torch.float64)
    found = functional.nearest_features(features, style)
    assert found.shape == (2, 4, 7) and found.dtype == torch.int64
    for sample in range(2):
        cells = style[sample].flatten(1).numpy()
        for row in range(4):
            for column in range(7):
                v = features[sample, :, row, column].numpy()
                cosines = [float(v @ a) / np.linalg.norm(v) / np.linalg.norm(a) for a in cells.T]
                assert int(found[sample, row, column]) == int(np.argmax(cosines))


def test_lengths_do_not_matter_and_queries_may_be_more_than_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    features, style = torch.randn(1, 5, 9, 7), torch.randn(1, 5, 6, 3)
    found = functional.nearest_features(features, style)
    lengths = torch.rand(1, 1, 6, 3) + 0.1
    assert torch.equal(functional.nearest_features(3 * features, style * lengths), found)
    monkeypatch.setattr("portrait_nst.transfer.functional.nearest.BLOCK", 10)
    assert torch.equal(functional.nearest_features(features, style), found)


def test_the_distance_is_that_of_a_loop() -> None:
    features, matches = torch.randn(2, 5, 4, 3, dtype=torch.float64), torch.randn(2, 5, 4, 3, dtype=torch.float64)
    guide = torch.rand(1, 4, 3, dtype=torch.float64)
    for weight in (None, guide):
        found = functional.nearest_distance(features, matches, weight, tie=0.3)
        for sample in range(2):
            total = area = 0.0
            for row in range(4):
                for column in range(3):
                    v, a = features[sample, :, row, column].numpy(), matches[sample, :, row, column].numpy()
                    cosine = float(v @ a) / math.sqrt(float(v @ v) * float(a @ a))
                    t = 1.0 if weight is None else float(guide[0, row, column])
                    total += t * (1 - cosine + 0.3 * float(((v - a) ** 2).sum()))
                    area += t
            assert float(found[sample]) == pytest.approx(total / area, rel=1e-12)


def test_a_picture_is_at_no_distance_from_itself() -> None:
    features = torch.randn(1, 5, 4, 3, dtype=torch.float64)
    assert float(functional.nearest_distance(features, features)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("features_type", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("style_type", [torch.float32, torch.float64, torch.float16])
def test_features_and_style_may_be_of_two_types(features_type: torch.dtype, style_type: torch.dtype) -> None:
    features, style = torch.randn(1, 5, 4, 3).to(features_type), torch.randn(1, 5, 6, 3).to(style_type)
    found = functional.nearest_features(features, style)
    assert torch.equal(found, functional.nearest_features(features.double(), style.double()))


def test_cells_of_zeros_have_no_direction_to_be_drawn_in() -> None:
    """As after a rectifier. Only the squared distance draws them, with the gradient -2 tie a, also where the match is zeros."""
    features, matches = torch.zeros(1, 5, 1, 2), torch.randn(1, 5, 1, 2)
    matches[..., 1] = 0
    features.requires_grad_(True)
    matches.requires_grad_(True)
    functional.nearest_distance(features, matches, tie=0.1).sum().backward()
    assert features.grad is not None and matches.grad is not None
    torch.testing.assert_close(features.grad, -0.1 * matches.detach())
    assert bool(matches.grad.isfinite().all())
