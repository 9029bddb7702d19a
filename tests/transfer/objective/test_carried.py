"""The temporal term: its value and gradient against float64 numpy, alone and in an objective, whole and in tiles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from portrait_nst.encoders import Encoder
from portrait_nst.transfer.objective.build import canvas_objective
from portrait_nst.transfer.objective.carried import Carried
from portrait_nst.transfer.objective.tiles import NO_TILES, Tiling
from portrait_nst.transfer.rect import Rect

from .test_build import SIZE, SOFT, WEIGHTS, encoder, picture, scene

__all__ = ["encoder", "scene"]


def carried(seed: int = 1) -> Carried:
    torch.manual_seed(seed)
    return Carried(picture(*SIZE), torch.rand(SIZE, dtype=torch.float64), weight=7.0, area=123.0)


def by_hand(term: Carried, image: torch.Tensor) -> tuple[float, Any]:
    """7 / 123 sum c |x - w|^2, and its gradient."""
    apart = image[0].numpy() - term.picture[0].numpy()
    trust = term.trust.numpy()
    return 7 / 123 * float((trust * (apart**2).sum(0)).sum()), 7 / 123 * 2 * trust * apart


def test_its_value_and_gradient_are_those_of_the_formula() -> None:
    term, image = carried(), picture(*SIZE).requires_grad_(True)
    value = term(image)
    value.backward()
    expected, gradient = by_hand(term, image.detach())
    assert float(value.detach()) == pytest.approx(expected, rel=1e-12)
    assert image.grad is not None
    np.testing.assert_allclose(image.grad[0].numpy(), gradient, rtol=1e-12, atol=1e-15)


def test_a_part_has_the_sum_of_its_pixels_over_the_same_area() -> None:
    term, image = carried(), picture(*SIZE)
    rects = [Rect(0, 0, 30, SIZE[1]), Rect(30, 0, SIZE[0], SIZE[1])]
    parts = [float(term.part(rect)(rect.part(image))) for rect in rects]
    assert sum(parts) == pytest.approx(float(term(image)), rel=1e-12)


@pytest.mark.parametrize("tiling", [NO_TILES, Tiling(24, 100)], ids=["whole", "tiles"])
def test_an_objective_adds_it_to_the_other_terms(encoder: Encoder, scene: dict[str, Any], tiling: Tiling) -> None:
    term, image = carried(), picture(*SIZE)
    given = (encoder, scene["content"], scene["content_mask"], None, scene["regions"], WEIGHTS)
    without, slope = canvas_objective(*given, levels=2, guidance=SOFT, tiling=tiling)(image)
    found, gradient = canvas_objective(*given, levels=2, guidance=SOFT, tiling=tiling, carried=term)(image)
    value, own = by_hand(term, image)
    assert found["temporal"] == pytest.approx(value, rel=1e-9)
    assert found["total"] == pytest.approx(without["total"] + value, rel=1e-9)
    np.testing.assert_allclose((gradient - slope)[0].numpy(), own, rtol=1e-6, atol=1e-12)
    untrusted = replace(term, trust=torch.zeros_like(term.trust))
    assert (
        canvas_objective(*given, levels=2, guidance=SOFT, tiling=tiling, carried=untrusted)(image)[0]["temporal"] == 0
    )
