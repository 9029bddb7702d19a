"""The published losses, against float64 formulas written out with the sums of the papers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from portrait_nst.transfer import functional
from portrait_nst.transfer.functional import FORMS
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.terms import Guidance, Weights
from tests.encoders import networks

from .single import single

wasserstein, guided_gram = single(functional.wasserstein), single(functional.guided_gram)


def content(
    form: str, features: torch.Tensor, target: torch.Tensor, area: torch.Tensor, weight: torch.Tensor | None = None
) -> torch.Tensor:
    """As the engine has it: the errors under a weight, times the area's factor."""
    errors = functional.squared_errors(features[None], target[None], (area if weight is None else weight)[None])
    return FORMS[form].factor(target[None], area[None]) * errors


N, H, W = 6, 9, 7
M, PIXELS = H * W, 4 * H * W


def maps(seed: int) -> torch.Tensor:
    return torch.randn(N, H, W, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).relu()


@pytest.fixture
def pair() -> Any:
    return maps(1), maps(2)


def summed_gram(features: torch.Tensor) -> NDArray[Any]:
    flat = features.reshape(N, -1).numpy()
    return np.array([[sum(flat[i] * flat[j]) for j in range(N)] for i in range(N)])


STYLE = {
    "relative": lambda g, a: ((g - a) ** 2).sum() / (a**2).sum(),
    "gatys2015": lambda g, a: ((g - a) ** 2).sum() / (4 * N**2 * M**2),
    "gatys2016": lambda g, a: 1e3 / N**2 * ((g / M - a / M) ** 2).mean(),
    "chollet": lambda g, a: ((g - a) ** 2).sum() / (4.0 * 3**2 * PIXELS**2),
    "half": lambda g, a: ((g / M - a / M) ** 2).sum() / 2,
}


def spread(p: NDArray[Any]) -> Any:
    return ((p - p.mean((1, 2), keepdims=True)) ** 2).sum()


CONTENT = {
    "relative": lambda f, p: ((f - p) ** 2).sum() / spread(p),
    "gatys2015": lambda f, p: ((f - p) ** 2).sum() / 2,
    "gatys2016": lambda f, p: ((f - p) ** 2).mean(),
    "chollet": lambda f, p: ((f - p) ** 2).sum(),
    "half": lambda f, p: ((f - p) ** 2).sum() / 2,
}


@pytest.mark.parametrize("form", FORMS)
def test_style_is_the_published_formula(form: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    whole = torch.ones(H, W, dtype=torch.float64)
    grams = [guided_gram(features, whole) for features in pair]
    found = FORMS[form].style(grams[0][None], grams[1][None], M, PIXELS)
    expected = STYLE[form](summed_gram(pair[0]), summed_gram(pair[1]))
    assert float(found) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_content_is_the_published_formula(form: str, pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    found = content(form, *pair, torch.ones(H, W, dtype=torch.float64))
    assert float(found) == pytest.approx(CONTENT[form](pair[0].numpy(), pair[1].numpy()), rel=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_content_outside_the_area_does_not_count_and_firmness_does(
    form: str, pair: tuple[torch.Tensor, torch.Tensor]
) -> None:
    features, target = pair
    area = torch.zeros(H, W, dtype=torch.float64)
    area[2:6, 1:5] = 1
    other = torch.where(area > 0, features, maps(3))
    found = float(content(form, features, target, area))
    assert found == pytest.approx(float(content(form, other, target, area)))
    assert float(content(form, features, target, area, 3 * area)) == pytest.approx(3 * found)


@pytest.mark.parametrize(
    "form, expected",
    [
        ("relative", [0.25, 0.75]),
        ("gatys2015", [0.5, 1.5]),
        ("chollet", [0.5, 1.5]),
        ("gatys2016", [1, 3]),
        ("half", [1, 3]),
    ],
)
def test_layer_weights(form: str, expected: list[float]) -> None:
    weights = [1.0, 3.0]
    assert [FORMS[form].layer_share(weight, weights) for weight in weights] == expected


def statistics(features: torch.Tensor) -> torch.Tensor:
    whole = torch.ones(1, *features.shape[1:], dtype=features.dtype)
    return functional.feature_statistics(features[None], whole, "wasserstein")[0]


def reference_w2(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Between the Gaussians of two clouds (N, cells), by the eigenvalues of the product of their covariances."""
    means, covariances = [x.mean(1) for x in (a, b)], [np.cov(x, bias=True) for x in (a, b)]
    cross = np.sqrt(np.maximum(np.linalg.eigvals(covariances[0] @ covariances[1]).real, 0)).sum()
    return float(((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0] + covariances[1]) - 2 * cross)


def test_wasserstein(pair: tuple[torch.Tensor, torch.Tensor]) -> None:
    expected = reference_w2(*(x.reshape(N, -1).numpy() for x in pair))
    found = wasserstein(statistics(pair[0]), statistics(pair[1]))
    assert float(found) == pytest.approx(expected, rel=1e-9)
    assert float(wasserstein(statistics(pair[0]), statistics(pair[0]))) == pytest.approx(0, abs=1e-9)
    relative = float(wasserstein(statistics(pair[0]), statistics(pair[1]), relative=True))
    assert relative == pytest.approx(expected / float(pair[1].square().sum() / M), rel=1e-9)
    assert float(wasserstein(0 * statistics(pair[0]), statistics(pair[1]), relative=True)) == pytest.approx(1, rel=1e-4)


def test_the_gradient_of_wasserstein_also_where_covariances_have_no_full_rank(
    pair: tuple[torch.Tensor, torch.Tensor],
) -> None:
    features = pair[0].clone()
    features[1] = 2 * features[0]
    target = statistics(pair[1])
    leaf = features.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(wasserstein(statistics(leaf), target), leaf)
    step = 1e-6 * torch.randn(gradient.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    step[1] = 2 * step[0]  # along the features of that rank
    change = wasserstein(statistics(features + step), target) - wasserstein(statistics(features - step), target)
    assert torch.isfinite(gradient).all()
    assert float((gradient * step).sum()) == pytest.approx(float(change) / 2, rel=1e-4)


@pytest.mark.parametrize("exponent", [1.25, 2.0])
def test_an_objective_of_published_form_is_the_sum_of_the_formulas(exponent: float) -> None:
    """Chollet's, over two style layers, one content layer and total variation, in an encoder of float64."""
    encoder = networks.encoder()
    encoder.net.double()
    content, style, image = (torch.rand(1, 3, 24, 20, dtype=torch.float64) for _ in range(3))
    layers = (("relu1_1", 1.0), ("relu2_1", 0.5))
    weights = Weights(3.0, 2.0, 0.7, layers, (("relu2_1", 1.0),), form="chollet", tv_exponent=exponent)
    whole = torch.ones(24, 20, dtype=torch.float64)
    targets = gram_targets(encoder, style, None, [name for name, _ in layers], 1)
    regions = [Region(whole, targets)]
    objective = canvas_objective(encoder, content, whole, None, regions, weights, levels=1, guidance=Guidance())
    losses, gradient = objective(image)

    leaf = image.clone().requires_grad_(True)
    found, wanted, held = (encoder.features(x, ["relu1_1", "relu2_1"]) for x in (leaf, style, content))
    total = 2.0 * (found["relu2_1"] - held["relu2_1"]).square().sum()
    for name, weight in layers:
        f, s = found[name][0].flatten(1), wanted[name][0].flatten(1)
        total = total + 3.0 * weight / 2 * (f @ f.T - s @ s.T).square().sum() / (4 * 9 * (24 * 20) ** 2)
    across = F.pad(leaf, (0, 1))[..., :-1, 1:-1] - leaf[..., :-1, :-1]
    down = leaf[..., 1:, :-1] - leaf[..., :-1, :-1]
    squares = across**2 + down**2
    total = total + 0.7 * (squares if exponent == 2 else squares**exponent).sum()
    (expected,) = torch.autograd.grad(total, leaf)
    assert losses["total"] == pytest.approx(float(total.detach()), rel=1e-6)
    torch.testing.assert_close(gradient, expected, rtol=1e-5, atol=1e-8)
