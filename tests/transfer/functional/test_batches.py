"""Batches: as many single samples, gradients by finite differences, and shapes that do not fit are refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from portrait_nst.encoders.geometry import Geometry
from portrait_nst.transfer import functional

B, C, H, W = 3, 4, 5, 6
GEOMETRY = Geometry().then(3, 1, 1).then(2, 2)


def normal(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.float64)


def positive(*shape: int) -> Tensor:
    return torch.rand(shape, dtype=torch.float64) + 0.1


def statistics(count: int, kind: str = "gram") -> Tensor:
    return functional.feature_statistics(normal(count, C, 9, 9), positive(count, 9, 9), kind)


def gaussian(count: int) -> Tensor:
    return statistics(count, "wasserstein")


# Of each: the function, its arguments for a batch, those after the first also for a single sample, and which are differentiable.
Case = tuple[Callable[..., Tensor], tuple[Callable[[int], Tensor], ...], tuple[int, ...]]
CASES: dict[str, Case] = {
    "guided_gram": (functional.guided_gram, (lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)), (0, 1)),
    "guided_mean": (functional.guided_mean, (lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)), (0, 1)),
    "gram statistics": (
        lambda f, g: functional.feature_statistics(f, g, basis=torch.ones(C, C, dtype=f.dtype).triu()),
        (lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)),
        (0, 1),
    ),
    "wasserstein statistics": (
        lambda f, g: functional.feature_statistics(f, g, "wasserstein"),
        (lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)),
        (0, 1),
    ),
    "gram_distance": (functional.gram_distance, (statistics, statistics), (0, 1)),
    "wasserstein": (functional.wasserstein, (gaussian, gaussian), ()),
    "relative wasserstein": (lambda a, b: functional.wasserstein(a, b, relative=True), (gaussian, gaussian), ()),
    "squared_errors": (
        functional.squared_errors,
        (lambda n: normal(n, C, H, W), lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)),
        (0, 1, 2),
    ),
    "content_factor": (functional.content_factor, (lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)), (0, 1)),
    "content_distance": (
        functional.content_distance,
        (
            lambda n: normal(n, C, H, W),
            lambda n: normal(n, C, H, W),
            lambda n: positive(n, H, W),
            lambda n: positive(n, H, W),
        ),
        (0, 1, 2, 3),
    ),
    "total_variation": (
        functional.total_variation,
        (lambda n: normal(n, 3, H, W), lambda n: positive(n, H, W)),
        (0, 1),
    ),
    "Chollet's total_variation": (
        lambda image, weight: functional.total_variation(image, weight, 1.25),
        (lambda n: normal(n, 3, H, W), lambda n: positive(n, H, W)),
        (0, 1),
    ),
    "unweighted total_variation": (functional.total_variation, (lambda n: normal(n, 3, H, W),), (0,)),
    "range_penalty": (functional.range_penalty, (lambda n: normal(n, 3, H, W),), (0,)),
    "nearest_distance": (
        lambda f, m, g: functional.nearest_distance(f, m.expand_as(f), g),
        (lambda n: normal(n, C, H, W), lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)),
        (0, 1, 2),
    ),
    "nearest_features": (functional.nearest_features, (lambda n: normal(n, C, H, W), lambda n: normal(n, C, 4, 3)), ()),
    "propagate_guide": (lambda guide: functional.propagate_guide(guide, GEOMETRY), (lambda n: positive(n, H, W),), ()),
    "inside": (lambda g: functional.propagate_guide(g, GEOMETRY, "inside", 1), (lambda n: positive(n, H, W),), ()),
}
CASES |= {
    f"the form {name}": (
        lambda gram, target, form=form: form.style(gram, target, 30.0, 480.0),
        (statistics, statistics),
        (0, 1),
    )
    for name, form in functional.FORMS.items()
}
CASES |= {
    f"the factor of {name}": (form.factor, (lambda n: normal(n, C, H, W), lambda n: positive(n, H, W)), ())
    for name, form in functional.FORMS.items()
}


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_a_batch_is_as_many_samples(name: str, shared: bool) -> None:
    """`shared`: the arguments after the first are one sample for all of the batch."""
    function, makers, _ = CASES[name]
    args = [make(1 if shared and number else B) for number, make in enumerate(makers)]
    found = function(*args)
    assert len(found) == B
    for sample in range(B):
        alone = function(*(arg[sample : sample + 1] if len(arg) == B else arg for arg in args))
        torch.testing.assert_close(found[sample : sample + 1], alone, rtol=1e-12, atol=1e-12)
    if not shared:
        assert not torch.equal(found[0], found[1]) or name.startswith("the factor")


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", [name for name, (*_, differentiable) in CASES.items() if differentiable])
def test_gradients(name: str, count: int) -> None:
    function, makers, differentiable = CASES[name]
    args = [make(count).requires_grad_(number in differentiable) for number, make in enumerate(makers)]
    assert gradcheck(function, args)


def test_the_gradient_of_wasserstein() -> None:
    """By way of features: a symmetric matrix has no free entries that finite differences could move."""
    target, guide = gaussian(2), positive(2, 4, 5)

    def distance(features: Tensor) -> Tensor:
        return functional.wasserstein(functional.feature_statistics(features, guide, "wasserstein"), target)

    assert gradcheck(distance, normal(2, C, 4, 5).requires_grad_(True))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_half_precision_is_compared_in_float32(dtype: torch.dtype) -> None:
    features, guide = normal(2, C, H, W).to(dtype), torch.ones(1, H, W)
    wanted = torch.float64 if dtype == torch.float64 else torch.float32
    for found in (
        functional.guided_gram(features, guide),
        functional.guided_mean(features, guide),
        functional.squared_errors(features, features + 1, guide),
        functional.content_factor(features, guide),
        functional.nearest_distance(features, features),
        functional.gram_distance(features[:, 0, :, :5], features[:, 1, :, :5]),
        functional.wasserstein(features[:, 0, :, :5], features[:, 1, :, :5]),
        functional.total_variation(features),
        functional.range_penalty(features),
        *(form.style(features[:, 0, :, :5], features[:, 1, :, :5], 30.0, 480.0) for form in functional.FORMS.values()),
        *(form.factor(features, guide.to(dtype)) for form in functional.FORMS.values()),
    ):
        assert found.dtype == wanted


F, G = torch.ones(2, 4, 5, 6), torch.ones(2, 5, 6)
WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "features without a batch": (
        lambda: functional.guided_gram(F[0], G),
        r"features .*\(B, C, H, W\), not \(4, 5, 6\)",
    ),
    "a guide of another size": (
        lambda: functional.guided_mean(F, G[:, :4]),
        r"guide .*\(2, 5, 6\) or \(1, 5, 6\) .* features, not \(2, 4, 6\)",
    ),
    "a guide without a batch": (lambda: functional.feature_statistics(F, G[0]), r"guide .*\(2, 5, 6\).*not \(5, 6\)"),
    "a kind that there is not": (lambda: functional.feature_statistics(F, G, "mean"), "gram, wasserstein, not 'mean'"),
    "targets for three samples": (
        lambda: functional.gram_distance(torch.ones(2, 4, 4), torch.ones(3, 4, 4)),
        r"target .*\(2, 4, 4\) or \(1, 4, 4\) .* gram, not \(3, 4, 4\)",
    ),
    "a target of other channels": (
        lambda: functional.squared_errors(F, F[:, :3], G),
        r"target .*\(2, 4, 5, 6\).*not \(2, 3, 5, 6\)",
    ),
    "an area of another size": (lambda: functional.content_factor(F, G[..., :3]), r"area .*not \(2, 5, 3\)"),
    "a weight of another size": (lambda: functional.total_variation(F, G[..., :3]), r"weight .*not \(2, 5, 3\)"),
    "a picture without a batch": (lambda: functional.range_penalty(F[0]), r"image .*not \(4, 5, 6\)"),
    "Gaussians of other channels": (
        lambda: functional.wasserstein(torch.ones(1, 4, 4), torch.ones(1, 5, 5)),
        r"target .*\(1, 4, 4\) to go with statistics, not \(1, 5, 5\)",
    ),
    "a style of other channels": (
        lambda: functional.nearest_features(F, F[:, :3]),
        r"style must be \(2 or 1, 4, h, w\) .* not \(2, 3, 5, 6\)",
    ),
    "matches for one sample": (
        lambda: functional.nearest_distance(F, F[:1]),
        r"matches .*\(2, 4, 5, 6\), not \(1, 4, 5, 6\)",
    ),
    "a mask without a batch": (
        lambda: functional.propagate_guide(G[0], GEOMETRY),
        r"guide .*\(B, H, W\), not \(5, 6\)",
    ),
    "a Gram matrix that is not square": (
        lambda: functional.gram_distance(torch.ones(1, 2, 3), torch.ones(1, 2, 3)),
        r"gram .*\(B, C, C\), not \(1, 2, 3\)",
    ),
    "a form of other channels": (
        lambda: functional.FORMS["half"].style(torch.ones(1, 4, 4), torch.ones(1, 3, 3), 1.0, 1.0),
        r"target .*\(1, 4, 4\).*not \(1, 3, 3\)",
    ),
    "Gaussians that are not square": (
        lambda: functional.wasserstein(torch.ones(1, 4, 5), torch.ones(1, 4, 5)),
        r"statistics .*not \(1, 4, 5\)",
    ),
    "a basis of other channels": (
        lambda: functional.feature_statistics(F, G, basis=torch.eye(5)),
        r"basis .*\(4, 4\) to go with features, not \(5, 5\)",
    ),
    "a style without cells": (
        lambda: functional.nearest_features(F, F[..., :0]),
        r"style .*no empty axis, not \(2, 4, 5, 0\)",
    ),
    "a picture of one row": (
        lambda: functional.total_variation(F[:, :, :1]),
        r"image .*2 by 2 pixels.*not \(2, 4, 1, 6\)",
    ),
    "a picture of bytes": (lambda: functional.range_penalty((255 * F).to(torch.uint8)), "image .*not torch.uint8"),
    "levels of bytes": (lambda: functional.image_levels((255 * F).to(torch.uint8), 2), "image .*not torch.uint8"),
    "integer features": (lambda: functional.guided_gram(F.long(), G), "features .*not torch.int64"),
    "an integer target": (lambda: functional.squared_errors(F, F.long(), G), "target .*floating point, .*torch.int64"),
    "an integer guide": (lambda: functional.propagate_guide(G.int(), GEOMETRY), "guide .*or bool, .*torch.int32"),
    "no samples": (lambda: functional.range_penalty(F[:0]), r"image .*not \(0, 4, 5, 6\)"),
}


@pytest.mark.parametrize("wrong", [None, np.ones((2, 4, 5, 6)), [1.0]])
def test_anything_but_a_tensor_is_refused_by_name(wrong: Any) -> None:
    calls: dict[str, Callable[[], object]] = {
        "features": lambda: functional.guided_gram(wrong, G),
        "guide": lambda: functional.guided_mean(F, wrong),
        "target": lambda: functional.squared_errors(F, wrong, G),
        "style": lambda: functional.nearest_features(F, wrong),
        "matches": lambda: functional.nearest_distance(F, wrong),
        "statistics": lambda: functional.wasserstein(wrong, torch.ones(1, 4, 4)),
        "image": lambda: functional.total_variation(wrong),
    }
    for name, call in calls.items():
        with pytest.raises(TypeError, match=f"{name} must be a torch.Tensor of the shape .*not {type(wrong).__name__}"):
            call()


@pytest.mark.parametrize("name", WRONG)
def test_shapes_that_do_not_fit_are_refused_by_name(name: str) -> None:
    call, message = WRONG[name]
    with pytest.raises(ValueError, match=message):
        call()
