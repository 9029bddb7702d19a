"""The losses as modules: each is its function, moves with its module, and says what it was given that does not fit."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import Tensor

from portrait_nst.transfer import functional, losses

B, C, H, W = 2, 4, 6, 7


def features(seed: int) -> Tensor:
    return torch.randn(B, C, H, W, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def guide() -> Tensor:
    return torch.rand(1, H, W, generator=torch.Generator().manual_seed(9), dtype=torch.float64)


@pytest.mark.parametrize("form", functional.FORMS)
@pytest.mark.parametrize("guided", [False, True])
def test_style_is_its_form_of_the_guided_grams(form: str, guided: bool) -> None:
    region = guide() if guided else torch.ones(1, H, W, dtype=torch.float64)
    target = functional.guided_gram(features(1)[:1], region)
    loss = losses.GuidedGramLoss(target, region if guided else None, form=form, pixels=500.0)
    wanted = functional.FORMS[form].style(
        functional.guided_gram(features(2), region), target, float(region.sum()), 500.0
    )
    assert float(loss(features(2))) == pytest.approx(float(wanted.mean()), rel=1e-12)
    assert float(loss(features(1)[:1])) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("form", ["relative", "half"])
def test_style_is_wassersteins_distance_where_that_is_asked_for(form: str) -> None:
    basis = torch.randn(C, C, dtype=torch.float64).triu()
    target = functional.feature_statistics(features(1), guide(), "wasserstein", basis)
    loss = losses.GuidedGramLoss(target, guide(), statistics="wasserstein", form=form, basis=basis)
    found = functional.feature_statistics(features(2), guide(), "wasserstein", basis)
    wanted = functional.wasserstein(found, target, relative=form == "relative").mean()
    assert float(loss(features(2))) == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize("form", functional.FORMS)
def test_content_is_its_form_of_the_errors(form: str) -> None:
    target, weight = features(1), 3 * guide()
    wanted = functional.FORMS[form].factor(target, guide()) * functional.squared_errors(features(2), target, weight)
    found = losses.ContentLoss(target, guide(), weight, form=form)(features(2))
    assert float(found) == pytest.approx(float(wanted.mean()), rel=1e-12)
    if form == "relative":
        alone = functional.content_distance(features(2), target, guide(), weight)
        assert float(found) == pytest.approx(float(alone.mean()), rel=1e-12)


def test_nearest_features_are_looked_for_anew_or_held_fast() -> None:
    style = torch.randn(1, C, 5, 5, dtype=torch.float64)
    loss = losses.NearestFeatureLoss(style, guide())
    matches = loss.match(features(2))
    index = functional.nearest_features(features(2), style)
    for sample, row, column in ((0, 0, 0), (1, 5, 6), (1, 2, 3)):
        wanted = style[0].flatten(1)[:, index[sample, row, column]]
        assert torch.equal(matches[sample, :, row, column], wanted)
    wanted = functional.nearest_distance(features(2), matches, guide()).mean()
    assert float(loss(features(2))) == pytest.approx(float(wanted), rel=1e-12)
    assert float(loss(features(3), matches)) > float(loss(features(3)))


def test_total_variation_and_the_range() -> None:
    image = features(1)[:, :3]
    variation = functional.total_variation(image, guide(), 1.25).mean()
    assert float(losses.TotalVariationLoss(guide(), exponent=1.25)(image)) == pytest.approx(float(variation))
    both = losses.TotalVariationLoss(guide(), exponent=1.25, within=2.0)(image)
    assert float(both) == pytest.approx(float(variation + 2 * functional.range_penalty(image).mean()))


def test_targets_move_with_their_module_and_gradients_reach_the_features() -> None:
    leaf = features(2).float().requires_grad_(True)
    region = guide()
    made: list[torch.nn.Module] = [
        losses.GuidedGramLoss(functional.guided_gram(features(1), region), region),
        losses.ContentLoss(features(1), region),
        losses.NearestFeatureLoss(features(1), region),
        losses.TotalVariationLoss(region),
    ]
    for module in made:
        assert dict(module.named_buffers())
        leaf.grad = None
        loss = module.float()(leaf)
        assert loss.shape == () and loss.dtype == torch.float32
        loss.backward()
        assert leaf.grad is not None and float(leaf.grad.abs().max()) > 0


def test_what_does_not_fit_is_refused() -> None:
    gram = functional.guided_gram(features(1), guide())
    with pytest.raises(ValueError, match=r"relative, gatys2015, gatys2016, chollet, half, not 'keras'"):
        losses.GuidedGramLoss(gram, form="keras")
    with pytest.raises(ValueError, match="form of a loss"):
        losses.ContentLoss(features(1), form="keras")
    with pytest.raises(ValueError, match="pixels"):
        losses.GuidedGramLoss(gram, form="chollet")
    with pytest.raises(ValueError, match="gram, wasserstein, not 'mean'"):
        losses.GuidedGramLoss(gram, statistics="mean")
    with pytest.raises(ValueError, match=r"target .*not \(4, 4\)"):
        losses.GuidedGramLoss(gram[0])
    with pytest.raises(ValueError, match=r"guide .*not \(1, 6, 5\)"):
        losses.GuidedGramLoss(gram, guide()[..., :5])(features(1))


def test_a_loss_does_not_load_the_engine() -> None:
    code = (
        "import sys; from portrait_nst.transfer import functional, losses\n"
        "print(sorted(m for m in sys.modules if m.startswith('portrait_nst.') and 'transfer' not in m),\n"
        "      'portrait_nst.transfer.engine' in sys.modules, 'torchvision' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["[]", "False", "False"]


def test_functions_keep_their_names_beside_the_modules_that_they_live_in() -> None:
    code = (
        "import portrait_nst.transfer.patches, portrait_nst.transfer.configuration\n"
        "from portrait_nst import transfer\n"
        "from portrait_nst.transfer import brushwork, build_config\n"
        "print(all(callable(f) for f in (brushwork, build_config, transfer.brushwork, transfer.build_config)),\n"
        "      all(hasattr(transfer, name) for name in transfer.__all__), set(transfer.__all__) <= set(dir(transfer)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["True", "True", "True"]
