"""Guided statistics against loops in float64, and what must not change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer import functional

from .single import single

guided_gram, guided_mean = single(functional.guided_gram), single(functional.guided_mean)
propagate = single(functional.propagate_guide)


def reference(features: torch.Tensor, guide: torch.Tensor) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean and Gram matrix, cell by cell: m = sum T f / sum T, G = sum T f f^T / sum T."""
    f, t = features.double().numpy(), guide.double().numpy()
    channels, height, width = f.shape
    mean, gram, area = np.zeros(channels), np.zeros((channels, channels)), 0.0
    for i in range(height):
        for j in range(width):
            mean += t[i, j] * f[:, i, j]
            gram += t[i, j] * np.outer(f[:, i, j], f[:, i, j])
            area += t[i, j]
    return mean / area, gram / area


def small_encoder(pooling: str = "average") -> Encoder:
    net = Vgg(((4, 4), (6, 6), (8, 8, 8, 8)), pooling=pooling).requires_grad_(False)
    layers = ("relu1_1", "relu2_1", "relu3_1", "relu3_4")
    return Encoder("small", net, layers, layers, layers[-1:], 1, "")


@pytest.mark.parametrize("shape", [(5, 7, 11), (16, 1, 9), (3, 12, 12)])
@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-13), (torch.float32, 2e-6)])
def test_gram_and_mean_are_those_of_a_loop(shape: tuple[int, ...], dtype: torch.dtype, tolerance: float) -> None:
    features, guide = torch.randn(shape, dtype=dtype) + 0.5, torch.rand(shape[1:], dtype=dtype)
    guide[guide < 0.3] = 0
    mean, gram = reference(features, guide)
    np.testing.assert_allclose(guided_mean(features, guide), mean, rtol=0, atol=tolerance * 3)
    np.testing.assert_allclose(guided_gram(features, guide), gram, rtol=0, atol=tolerance * 3)
    statistics = single(functional.feature_statistics)
    np.testing.assert_array_equal(statistics(features, guide), guided_gram(features, guide))
    both = statistics(features, guide, "wasserstein")
    np.testing.assert_allclose(both[:-1, :-1], gram, rtol=0, atol=tolerance * 3)
    np.testing.assert_allclose(both[-1, :-1], mean, rtol=0, atol=tolerance * 3)
    np.testing.assert_array_equal(both[:-1, -1], both[-1, :-1])
    assert both[-1, -1] == 1


def test_covariance_under_a_hard_mask_is_numpys() -> None:
    features, guide = torch.randn(4, 9, 8, dtype=torch.float64), (torch.rand(9, 8) > 0.5).double()
    chosen = features[:, guide.bool()].numpy()
    both = single(functional.feature_statistics)(features, guide, "wasserstein")
    covariance = both[:-1, :-1] - torch.outer(both[-1, :-1], both[-1, :-1])
    np.testing.assert_allclose(covariance, np.cov(chosen, bias=True), atol=1e-13)


@pytest.mark.parametrize("kind", functional.STATISTICS)
def test_a_basis_is_as_if_the_features_were_in_it(kind: str) -> None:
    features, guide = torch.randn(2, 4, 5, 6, dtype=torch.float64), torch.rand(2, 5, 6, dtype=torch.float64)
    basis = torch.randn(4, 4, dtype=torch.float64).triu()
    turned = torch.einsum("ij,bjhw->bihw", basis, features)
    found = functional.feature_statistics(features, guide, kind, basis)
    torch.testing.assert_close(found, functional.feature_statistics(turned, guide, kind))
    gram = functional.guided_gram(features, guide)[0]
    assert functional.apply_basis(gram, None) is gram


@pytest.mark.parametrize("statistic", [guided_gram, guided_mean])
def test_half_precision_is_summed_in_float32(statistic: Callable[..., torch.Tensor]) -> None:
    """4096 bfloat16 products of 1 would end at 256 if they were summed as they are."""
    features = torch.ones(2, 64, 64, dtype=torch.bfloat16)
    found = statistic(features, torch.ones(64, 64))
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, torch.ones_like(found), rtol=1e-6, atol=0)


def test_an_empty_guide_gives_zeros() -> None:
    features = torch.randn(3, 5, 5)
    assert not guided_gram(features, torch.zeros(5, 5)).any()
    assert not guided_mean(features, torch.zeros(5, 5)).any()


def test_a_soft_edge_counts_once_over_the_regions_of_a_partition() -> None:
    features = torch.randn(5, 12, 13, dtype=torch.float64)
    guides = torch.rand(3, 12, 13, dtype=torch.float64)
    guides /= guides.sum(0)
    whole = guided_gram(features, torch.ones(12, 13))
    parts = sum(guided_gram(features, guide) * guide.sum() for guide in guides) / guides.sum()
    torch.testing.assert_close(parts, whole, rtol=0, atol=1e-13)


def test_a_partition_of_the_picture_is_one_of_every_layer() -> None:
    """The same down the network: the regions' Gram sums add up to the whole map's."""
    encoder = small_encoder()
    soft = torch.rand(3, 45, 50)
    soft /= soft.sum(0)
    maps = encoder.features(torch.rand(1, 3, 45, 50), encoder.layers)
    for layer in encoder.layers:
        features = maps[layer][0].double()
        guides = [propagate(mask, encoder.geometry(layer)).double() for mask in soft]
        parts = sum(guided_gram(features, guide) * guide.sum() for guide in guides)
        whole = guided_gram(features, torch.ones(features.shape[1:], dtype=torch.float64)) * features[0].numel()
        torch.testing.assert_close(parts, whole, rtol=1e-5, atol=1e-6)


def test_a_regions_size_does_not_fade_it() -> None:
    """Twice the same texture weighs no more than once, and a guide of a half no less than a full one."""
    tile = torch.randn(4, 6, 6, dtype=torch.float64)
    once = guided_gram(tile, torch.ones(6, 6))
    torch.testing.assert_close(guided_gram(tile.repeat(1, 3, 5), torch.ones(18, 30)), once)
    torch.testing.assert_close(guided_gram(tile, torch.full((6, 6), 0.5)), once)


@pytest.mark.parametrize("mode", ["soft", "inside", "all"])
def test_features_outside_the_guide_change_nothing(mode: str) -> None:
    mask = torch.zeros(48, 52)
    mask[10:41, 12:45] = 1
    mask[10] = 0.5
    guide = propagate(mask, small_encoder().geometry("relu2_1"), mode)
    assert (guide == 0).any() and (guide > 0).any()
    features = torch.randn(6, *guide.shape)
    changed = torch.where(guide > 0, features, 100 * torch.randn(features.shape))
    assert not torch.equal(features, changed)
    assert torch.equal(guided_gram(features, guide), guided_gram(changed, guide))
    assert torch.equal(guided_mean(features, guide), guided_mean(changed, guide))


def test_pixels_outside_the_region_change_nothing_inside() -> None:
    """With `inside` no receptive field that counts reaches them: the statistics are the same bits."""
    encoder = small_encoder()
    mask = torch.zeros(64, 71)
    mask[5:60, 8:66] = 1
    image = torch.rand(1, 3, 64, 71)
    other = torch.where(mask > 0, image, torch.rand(image.shape))
    first, second = (encoder.features(x, encoder.layers) for x in (image, other))
    for layer in encoder.layers:
        guide = propagate(mask, encoder.geometry(layer), "inside")
        assert guide.sum() > 0, layer
        assert torch.equal(guided_gram(first[layer][0], guide), guided_gram(second[layer][0], guide)), layer
        whole = torch.ones_like(guide)
        assert not torch.equal(guided_gram(first[layer][0], whole), guided_gram(second[layer][0], whole)), layer


def test_with_soft_pixels_outside_the_region_change_little() -> None:
    """Only fields across the edge see them; `all`, whose cells lie outside too, changes more."""
    encoder = small_encoder()
    mask = torch.zeros(96, 96)
    mask[16:80, 16:80] = 1
    image = torch.rand(1, 3, 96, 96)
    other = torch.where(mask > 0, image, 0 * image)
    first, second = (encoder.features(x, ["relu3_1"])["relu3_1"][0] for x in (image, other))
    change = {}
    for mode in ("soft", "all"):
        guide = propagate(mask, encoder.geometry("relu3_1"), mode)
        before = guided_gram(first, guide)
        change[mode] = float((guided_gram(second, guide) - before).norm() / before.norm())
    assert 0 < change["soft"] < change["all"]


@pytest.mark.parametrize("mode, config", [("inside", "zeros"), ("inside", "noise"), ("soft", "noise")])
@pytest.mark.parametrize("pooling", ["average", "max"])
def test_padding_the_picture_outside_the_region_changes_nothing(mode: str, config: Any, pooling: str) -> None:
    """By 8 and 12 pixels, whole cells of every layer, at each side. `soft` needs the region to be 40 px off the frame."""
    encoder = small_encoder(pooling)
    edge = 2 if mode == "inside" else 40
    mask = torch.zeros(128, 136)
    mask[edge:-edge, edge:-edge] = 1
    image = torch.rand(1, 3, 128, 136)
    pads = (8, 8, 12, 12)
    large = torch.rand(1, 3, 152, 152) if config == "noise" else torch.zeros(1, 3, 152, 152)
    large[..., 12:-12, 8:-8] = image
    large_mask = F.pad(mask, pads)
    first, second = encoder.features(image, encoder.layers), encoder.features(large, encoder.layers)
    for layer in encoder.layers:
        geometry = encoder.geometry(layer)
        small_guide, large_guide = propagate(mask, geometry, mode), propagate(large_mask, geometry, mode)
        assert small_guide.sum() == large_guide.sum() > 0
        torch.testing.assert_close(
            guided_gram(second[layer][0], large_guide), guided_gram(first[layer][0], small_guide), rtol=1e-5, atol=1e-7
        )


def test_an_empty_guide_can_grow_no_gradient_of_infinity() -> None:
    """Where nothing is in the region yet, the divisor is a constant."""
    features, guide = torch.randn(3, 4, 5), torch.zeros(4, 5, requires_grad=True)
    torch.autograd.backward(guided_gram(features, guide).square().sum())
    assert guide.grad is not None and bool(guide.grad.isfinite().all())


@pytest.mark.parametrize("shape, tolerance", [((24, 61, 53), 1e-3), ((32, 16, 9), 1e-3), ((33, 1, 5), 4e-3)])
def test_bfloat16_features_lose_little(shape: tuple[int, ...], tolerance: float) -> None:
    """Channels of a vector register's width and others; more cells than blocks, and fewer, which are added up in bfloat16."""
    features = torch.rand(shape).to(torch.bfloat16).requires_grad_(True)
    exact = features.detach().double().requires_grad_(True)
    guide = torch.rand(shape[1:])
    low, high = guided_gram(features, guide), guided_gram(exact, guide.double())
    assert low.dtype == torch.float32
    assert (low - high).norm() < tolerance * high.norm()
    weights = torch.randn(shape[0], shape[0])
    torch.autograd.backward((low * weights).sum())
    torch.autograd.backward((high * weights.double()).sum())
    assert features.grad is not None and exact.grad is not None
    assert (features.grad - exact.grad).norm() < 1e-2 * exact.grad.norm()
