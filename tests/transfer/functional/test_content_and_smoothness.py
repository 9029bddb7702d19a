"""The terms of the objective against float64 loops, their gradients against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from portrait_nst.transfer import functional

from .single import single

range_penalty, total_variation = single(functional.range_penalty), single(functional.total_variation)
gram_distance, content_distance = single(functional.gram_distance), single(functional.content_distance)


def double(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64)


def gram(channels: int, cells: int = 50) -> torch.Tensor:
    features = double(channels, cells)
    return features @ features.T / cells


def test_gram_distance() -> None:
    g, target = gram(6), gram(6)
    above = below = 0.0
    for i in range(6):
        for j in range(6):
            above += (float(g[i, j]) - float(target[i, j])) ** 2
            below += float(target[i, j]) ** 2
    assert float(gram_distance(g, target)) == pytest.approx(above / below, rel=1e-13)
    assert gram_distance(target, target) == 0
    assert float(gram_distance(torch.zeros_like(target), target)) == pytest.approx(1)


def test_gram_distance_has_no_unit() -> None:
    """The same for features ten times as large, and for channels said twice: layers and encoders are commensurable."""
    g, target = gram(6), gram(6)
    expected = gram_distance(g, target)
    torch.testing.assert_close(gram_distance(100 * g, 100 * target), expected)
    torch.testing.assert_close(gram_distance(g.repeat(2, 2), target.repeat(2, 2)), expected)


def content_reference(
    features: torch.Tensor, target: torch.Tensor, area: torch.Tensor, weight: torch.Tensor | None = None
) -> float:
    f, t, a = features.double().numpy(), target.double().numpy(), area.double().numpy()
    w = a if weight is None else weight.double().numpy()
    channels, height, width = f.shape
    error = spread = 0.0
    for c in range(channels):
        mean = sum(a[i, j] * t[c, i, j] for i in range(height) for j in range(width)) / a.sum()
        for i in range(height):
            for j in range(width):
                error += w[i, j] * (f[c, i, j] - t[c, i, j]) ** 2
                spread += a[i, j] * (t[c, i, j] - mean) ** 2
    return error / spread


@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_content_distance(dtype: torch.dtype, tolerance: float) -> None:
    features, target = double(4, 7, 9).to(dtype), (double(4, 7, 9) + 3).to(dtype)
    weight = torch.rand(7, 9, dtype=dtype)
    weight[weight < 0.4] = 0
    found = content_distance(features, target, weight)
    assert found.dtype == dtype
    assert float(found) == pytest.approx(content_reference(features, target, weight), rel=tolerance)


def test_content_distance_has_no_unit_and_no_size() -> None:
    features, target, weight = double(4, 7, 9), double(4, 7, 9), torch.rand(7, 9, dtype=torch.float64)
    expected = content_distance(features, target, weight)
    torch.testing.assert_close(content_distance(10 * features, 10 * target, weight), expected)
    torch.testing.assert_close(content_distance(features, target, weight / 7), expected)
    tiled = [x.repeat(*[1] * (x.ndim - 2), 3, 2) for x in (features, target, weight)]
    torch.testing.assert_close(content_distance(*tiled), expected)


def test_to_hold_one_place_more_firmly_leaves_the_others_as_they_were() -> None:
    features, target, area = double(4, 7, 9), double(4, 7, 9), torch.rand(7, 9, dtype=torch.float64)
    firm = area.clone()
    firm[2:4, 3:6] *= 5
    found = content_distance(features, target, area, firm)
    assert float(found) == pytest.approx(content_reference(features, target, area, firm), rel=1e-12)
    elsewhere = area.clone()
    elsewhere[2:4, 3:6] = 0
    added = content_distance(features, target, area, firm - area)
    torch.testing.assert_close(found, content_distance(features, target, area) + added)
    torch.testing.assert_close(found - added * 5 / 4, content_distance(features, target, area, elsewhere))


def test_content_distance_ignores_what_has_no_weight() -> None:
    features, target, weight = double(4, 7, 9), double(4, 7, 9), torch.zeros(7, 9, dtype=torch.float64)
    weight[2:5, 3:8] = 1
    changed = torch.where(weight > 0, features, 50 * double(4, 7, 9))
    assert content_distance(changed, target, weight) == content_distance(features, target, weight)
    part = features[:, 2:5, 3:8], target[:, 2:5, 3:8], torch.ones(3, 5, dtype=torch.float64)
    torch.testing.assert_close(content_distance(features, target, weight), content_distance(*part))


def test_content_distance_of_half_precision_is_taken_in_float32() -> None:
    features, target = double(4, 7, 9).bfloat16(), double(4, 7, 9).bfloat16()
    found = content_distance(features, target, torch.ones(7, 9))
    assert found.dtype == torch.float32
    assert float(found) == pytest.approx(content_reference(features, target, torch.ones(7, 9)), rel=1e-5)


@pytest.mark.parametrize("exponent", [2.0, 1.25])
@pytest.mark.parametrize("weighted", [False, True])
def test_total_variation(exponent: float, weighted: bool) -> None:
    image, weight = double(3, 6, 8), torch.rand(6, 8, dtype=torch.float64)
    x, w = image.numpy(), weight.numpy() if weighted else np.ones((6, 8))
    total = area = 0.0
    for i in range(5):
        for j in range(7):
            area += w[i, j]
            for c in range(3):
                squared = (x[c, i, j + 1] - x[c, i, j]) ** 2 + (x[c, i + 1, j] - x[c, i, j]) ** 2
                total += w[i, j] * (squared if exponent == 2 else squared**1.25)
    found = total_variation(image, weight if weighted else None, exponent)
    assert float(found) == pytest.approx(total / area, rel=1e-12)


def test_total_variation_is_chollets() -> None:
    """Keras' example: sum((a + b)^1.25) over pixels and channels, a and b the squared differences down and right."""
    image = double(3, 6, 8)
    x = image.permute(1, 2, 0).numpy()[None]
    a = np.square(x[:, :5, :7, :] - x[:, 1:, :7, :])
    b = np.square(x[:, :5, :7, :] - x[:, :5, 1:, :])
    assert float(total_variation(image, exponent=1.25)) * 35 == pytest.approx(np.sum(np.power(a + b, 1.25)), rel=1e-12)


@pytest.mark.parametrize("exponent", [2.0, 1.25])
def test_total_variation_of_a_flat_image_is_nothing(exponent: float) -> None:
    image = torch.full((3, 6, 8), 0.3, requires_grad=True)
    value = total_variation(image, exponent=exponent)
    torch.autograd.backward(value)
    assert image.grad is not None
    assert value == 0 and torch.equal(image.grad, torch.zeros_like(image))


def test_range_penalty() -> None:
    image = torch.tensor([-0.5, 0.0, 0.25, 1.0, 1.1, 3.0], dtype=torch.float64).view(1, 2, 3)
    assert float(range_penalty(image)) == pytest.approx((0.25 + 0.01 + 4) / 6, rel=1e-12)
    assert range_penalty(torch.rand(3, 5, 5)) == 0


@pytest.mark.parametrize("exponent", [0.5, 0.75, 1.0, 1.25, 2.0])
def test_a_flat_part_of_a_picture_has_no_gradient_of_infinity(exponent: float) -> None:
    image = torch.zeros(1, 3, 4, 6, dtype=torch.float64)
    image[..., 4:] = 1
    functional.total_variation(image.requires_grad_(True), exponent=exponent).sum().backward()
    assert image.grad is not None and bool(image.grad.isfinite().all())
    assert not image.grad[..., :2].any() and image.grad[..., 4].abs().max() > 0


def test_the_last_strip_of_one_row_adds_nothing() -> None:
    image = torch.rand(1, 3, 1, 6, requires_grad=True)
    found = functional.total_variation(image, torch.ones(1, 1, 6))
    found.sum().backward()
    assert float(found.detach()) == 0 and image.grad is not None and not image.grad.any()
