"""Gaussians under a guide and the maps between them, against float64 references."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from portrait_nst.instant.gaussian import FLAT, RIDGE, AffineMap, Gaussian, mixture, monge_map
from portrait_nst.transfer.functional.powers import power
from tests.instant.networks import gaussian

CHANNELS = 6
EYE = torch.eye(CHANNELS, dtype=torch.float64)


def features(seed: int = 0, offset: float = 0.0) -> tuple[Tensor, Tensor]:
    """Features (1, C, 9, 7) and a soft guide (1, 9, 7)."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.eye(CHANNELS) + 0.3 * torch.randn(CHANNELS, CHANNELS, generator=generator)
    mixed = torch.einsum("dc,bchw->bdhw", mixing, torch.randn(1, CHANNELS, 9, 7, generator=generator))
    return mixed + offset, torch.rand(1, 9, 7, generator=generator)


def reference(found: Tensor, guide: Tensor) -> tuple[Tensor, Tensor]:
    """The weighted mean and covariance of the columns, in float64."""
    columns, weights = found[0].double().flatten(1), guide.double().flatten()
    weights = weights / weights.sum()
    mean = columns @ weights
    centred = columns - mean[:, None]
    return mean, (centred * weights) @ centred.T


@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_a_gaussian_is_the_weighted_mean_and_covariance(offset: float) -> None:
    found, guide = features(offset=offset)
    mean, covariance = reference(found, guide)
    own = Gaussian.of(found, guide)
    tolerance = 1e-6 * max(1.0, offset)
    torch.testing.assert_close(own.mean, mean, rtol=1e-6, atol=tolerance)
    torch.testing.assert_close(own.covariance, covariance, rtol=1e-4 if offset else 1e-5, atol=2e-5)
    assert own.mean.dtype == own.covariance.dtype == torch.float64


def test_what_the_guide_leaves_out_does_not_count() -> None:
    found, guide = features()
    guide = (guide > 0.5).float()
    changed = torch.where(guide[:, None] > 0, found, 50.0)
    one, other = Gaussian.of(found, guide), Gaussian.of(changed, guide)
    torch.testing.assert_close(one.mean, other.mean, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(one.covariance, other.covariance, rtol=1e-3, atol=1e-2)


def test_a_region_of_no_cell_and_a_picture_of_one_colour_have_no_variance() -> None:
    found, guide = features()
    for own in (Gaussian.of(found, 0 * guide), Gaussian.of(torch.full_like(found, 3.7), guide)):
        assert own.mean.isfinite().all() and own.covariance.abs().max() < 1e-9
        carry = monge_map(own, gaussian(0, CHANNELS))
        assert carry.matrix.isfinite().all() and carry.offset.isfinite().all()


def test_the_ridge_is_of_the_mean_variance() -> None:
    own = gaussian(1, CHANNELS)
    added = RIDGE * own.covariance.trace() / CHANNELS
    torch.testing.assert_close(own.ridged(), own.covariance + added * EYE, rtol=1e-12, atol=0)
    torch.testing.assert_close(own.ridged(0.5, 100.0), own.covariance + 50.0 * EYE, rtol=1e-12, atol=0)
    assert power(Gaussian(own.mean, 0 * own.covariance).ridged(), -0.5).isfinite().all()


def test_the_map_carries_mean_and_covariance_exactly() -> None:
    own, goal = gaussian(3, CHANNELS), gaussian(4, CHANNELS)
    carry = monge_map(own, goal)
    matrix = carry.matrix.double()
    torch.testing.assert_close(matrix @ own.ridged() @ matrix.T, goal.ridged(), rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(matrix @ own.mean + carry.offset.double(), goal.mean, rtol=1e-5, atol=1e-6)


def test_the_map_is_monges() -> None:
    """Of all linear maps that carry the covariance, it is the one that is symmetric and positive."""
    carry = monge_map(gaussian(3, CHANNELS), gaussian(4, CHANNELS))
    torch.testing.assert_close(carry.matrix, carry.matrix.T, rtol=0, atol=1e-5)
    assert torch.linalg.eigvalsh(carry.matrix.double()).min() > 0


def test_a_gaussian_is_carried_to_itself_by_the_identity() -> None:
    own = gaussian(5, CHANNELS)
    carry = monge_map(own, own)
    torch.testing.assert_close(carry.matrix, EYE.float(), rtol=0, atol=1e-6)
    torch.testing.assert_close(carry.offset, torch.zeros(CHANNELS), rtol=0, atol=1e-6)


def test_carried_features_have_the_painting_s_gaussian() -> None:
    found, guide = features(6)
    goal = gaussian(7, CHANNELS)
    carry = monge_map(Gaussian.of(found, guide), goal, ridge=0.0)
    moved = torch.einsum("dc,bchw->bdhw", carry.matrix.double(), found.double()) + carry.offset.double().view(
        1, -1, 1, 1
    )
    mean, covariance = reference(moved, guide)
    torch.testing.assert_close(mean, goal.mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(covariance, goal.covariance, rtol=1e-3, atol=1e-4)


def test_the_noise_of_a_flat_photo_is_not_amplified_into_strokes() -> None:
    goal = gaussian(8, CHANNELS)
    faint = Gaussian(goal.mean, 1e-8 * EYE)
    greatest = torch.linalg.matrix_norm(monge_map(faint, goal).matrix.double(), 2)
    bound = (torch.linalg.matrix_norm(goal.ridged(), 2) / (RIDGE * FLAT * goal.variance)).sqrt()
    assert greatest <= 1.001 * bound


def test_a_share_moves_features_part_of_the_way() -> None:
    found, _ = features(9)
    found = found.relu()  # as those of the encoder are
    carry = monge_map(gaussian(3, CHANNELS), gaussian(4, CHANNELS))
    assert torch.equal(carry(found, 0.0), found)
    moved = torch.einsum("dc,bchw->bdhw", carry.matrix, found) + carry.offset.view(1, -1, 1, 1)
    torch.testing.assert_close(carry(found), moved.relu())
    torch.testing.assert_close(carry(found, 0.3), (found + 0.3 * (moved - found)).relu(), rtol=1e-4, atol=1e-5)
    shares = torch.rand(1, 1, *found.shape[-2:])
    torch.testing.assert_close(carry(found, shares), (found + shares * (moved - found)).relu(), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(carry(found, 0 * shares), found)


def test_a_share_of_bfloat16_features() -> None:
    found, carry = features(9)[0].relu(), AffineMap(EYE.float() * 2, torch.ones(CHANNELS))
    for share in (1.0, 0.25, torch.full((1, 1, *found.shape[-2:]), 0.25)):
        moved = carry(found.bfloat16(), share)
        assert moved.dtype == torch.bfloat16
        torch.testing.assert_close(moved.float(), carry(found, share), rtol=0.02, atol=0.02)


def test_a_mixture_has_the_moments_of_all_columns_together() -> None:
    (one, _), (other, _) = features(1), features(2, offset=3.0)
    even = torch.ones(1, 9, 7)
    mixed = mixture([(Gaussian.of(one, even), 2.0), (Gaussian.of(other, even), 1.0)])
    mean, covariance = reference(torch.cat([one, one, other], 2), torch.ones(1, 27, 7))
    torch.testing.assert_close(mixed.mean, mean, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(mixed.covariance, covariance, rtol=1e-5, atol=1e-5)
    alone = gaussian(3, CHANNELS)
    same = mixture([(alone, 0.25), (alone, 4.0)])
    torch.testing.assert_close(same.covariance, alone.covariance, rtol=1e-12, atol=1e-15)
