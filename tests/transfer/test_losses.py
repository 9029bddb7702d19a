"""The losses as modules: each is its function, moves with its module, and says what it was given that does not fit."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable

import numpy as np
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


def test_a_loss_does_not_load_the_engine_and_functions_keep_their_names_beside_their_modules() -> None:
    code = (
        "import sys; from portrait_nst.transfer import functional, losses\n"
        "print(sorted(m for m in sys.modules if m.startswith('portrait_nst.') and 'transfer' not in m),\n"
        "      'portrait_nst.transfer.engine' in sys.modules, 'torchvision' in sys.modules)\n"
        "import portrait_nst.transfer.patches, portrait_nst.transfer.configuration\n"
        "from portrait_nst import transfer\n"
        "from portrait_nst.transfer import brushwork, build_config\n"
        "print(all(callable(f) for f in (brushwork, build_config, transfer.brushwork, transfer.build_config)),\n"
        "      all(hasattr(transfer, name) for name in transfer.__all__), set(transfer.__all__) <= set(dir(transfer)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["[]", "False", "False", "True", "True", "True"]


def encoded(seed: int) -> Tensor:
    """Features (2, 4, 6, 7) of an encoder whose parameters require gradients, as they do by default."""
    torch.manual_seed(seed)
    found: Tensor = torch.nn.Conv2d(3, C, 3, padding=1)(torch.rand(B, 3, H, W))
    return found


def every_loss(source: Tensor, region: Tensor, basis: Tensor | None = None) -> dict[str, torch.nn.Module]:
    """A module of each kind that compares with `source`, or with statistics of it, in a `region`."""
    gram = functional.feature_statistics(source, region, "gram", basis)
    gaussian = functional.feature_statistics(source, region, "wasserstein", basis)
    return {
        "gram": losses.GuidedGramLoss(gram, region, basis=basis),
        "wasserstein": losses.GuidedGramLoss(gaussian, region, statistics="wasserstein", basis=basis),
        "chollet": losses.GuidedGramLoss(gram, region, form="chollet", pixels=500.0, basis=basis),
        "gatys2016": losses.GuidedGramLoss(gram, region, form="gatys2016", basis=basis),
        "content": losses.ContentLoss(source, region, 2.0 * region),
        "nearest": losses.NearestFeatureLoss(source, region),
        "variation": losses.TotalVariationLoss(region, within=1.0),
    }


LOSSES = ("gram", "wasserstein", "chollet", "gatys2016", "content", "nearest", "variation")


@pytest.mark.parametrize("name", LOSSES)
def test_what_a_module_holds_is_detached(name: str) -> None:
    """Two steps and a copy, with an encoder, a guide and a basis that all require gradients."""
    scale = torch.ones((), requires_grad=True)
    loss = every_loss(encoded(1), scale * torch.rand(1, H, W).float(), scale * torch.eye(C).triu())[name]
    assert not any(buffer.requires_grad for buffer in loss.buffers())
    copied = copy.deepcopy(loss)
    leaf = encoded(2).detach().requires_grad_(True)
    for _ in range(2):
        loss(leaf).backward()
        assert scale.grad is None
    assert torch.equal(copied(leaf), loss(leaf))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("held", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("given", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_types_go_together(name: str, held: torch.dtype, given: torch.dtype) -> None:
    source, leaf = features(1), (0.3 * features(2) + 0.5).to(given)
    loss = every_loss(source, guide(), torch.randn(C, C, dtype=torch.float64).triu())[name]
    exact = float(loss(leaf.double()))
    found = loss.to(held)(leaf.requires_grad_(True))
    assert found.dtype == (torch.float64 if torch.float64 in (held, given) else torch.float32)
    coarsest = max(torch.finfo(held).eps, torch.finfo(given).eps)
    assert float(found.detach()) == pytest.approx(exact, rel=20 * coarsest, abs=1e-12)
    found.backward()
    assert leaf.grad is not None and leaf.grad.dtype == given and bool(leaf.grad.isfinite().all())


def test_the_contents_factor_outlives_float16() -> None:
    """For a large layer it is below 6e-8, the least number of float16."""
    torch.manual_seed(0)
    target, other = 9 * torch.randn(1, 64, 160, 160), torch.randn(1, 64, 160, 160)
    loss = losses.ContentLoss(target)
    assert float(loss.half()(other)) == pytest.approx(float(losses.ContentLoss(target)(other)), rel=1e-3)


def test_a_mask_may_be_bool() -> None:
    mask = guide() > 0.5
    with_numbers, with_bools = every_loss(features(1), mask.double()), every_loss(features(1), mask)
    for name, loss in with_numbers.items():
        torch.testing.assert_close(with_bools[name](features(2)), loss(features(2)))


def test_modules_say_what_they_hold() -> None:
    texts = {name: repr(loss) for name, loss in every_loss(features(1), guide()).items()}
    assert texts["gram"] == "GuidedGramLoss(target=(2, 4, 4), guide=(1, 6, 7), statistics=gram, form=relative)"
    assert texts["nearest"] == "NearestFeatureLoss(style=(2, 4, 6, 7), guide=(1, 6, 7), tie=0.1)"
    assert texts["variation"] == "TotalVariationLoss(weight=(1, 6, 7), exponent=2.0, within=1.0)"
    assert "target=(2, 4, 6, 7)" in texts["content"] and "form=relative" in texts["content"]


def test_a_gram_loss_compiles_without_a_break_in_its_graph() -> None:
    loss = every_loss(features(1), guide())["chollet"]
    compiled = torch.compile(loss, backend="eager", fullgraph=True)
    torch.testing.assert_close(compiled(features(2)), loss(features(2)))


GRAM = torch.ones(1, C, C)
REFUSED: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "no target": (lambda: losses.GuidedGramLoss(None), TypeError, r"target .*\(B, C, C\), not NoneType"),  # type: ignore[arg-type]
    "a long target": (lambda: losses.GuidedGramLoss(torch.ones(1, 2, 3)), ValueError, r"target .*not \(1, 2, 3\)"),
    "a guide without a batch": (
        lambda: losses.GuidedGramLoss(GRAM, torch.ones(H, W)),
        ValueError,
        r"guide .*\(B, H, W\), not \(6, 7\)",
    ),
    "a basis of other channels": (
        lambda: losses.GuidedGramLoss(GRAM, basis=torch.eye(3)),
        ValueError,
        r"basis .*\(4, 4\) to go with target, not \(3, 3\)",
    ),
    "a basis of the edge": (
        lambda: losses.GuidedGramLoss(GRAM, statistics="wasserstein", basis=torch.eye(4)),
        ValueError,
        r"basis .*\(3, 3\) to go with target, not \(4, 4\)",
    ),
    "an empty style": (
        lambda: losses.NearestFeatureLoss(torch.ones(1, C, 0, 5)),
        ValueError,
        r"style .*no empty axis, not \(1, 4, 0, 5\)",
    ),
    "an array": (lambda: losses.ContentLoss(np.ones((1, 4, 2, 2))), TypeError, "target .*not ndarray"),  # type: ignore[arg-type]
    "a picture of bytes": (
        lambda: losses.TotalVariationLoss()(torch.ones(1, 3, 4, 4, dtype=torch.uint8)),
        ValueError,
        r"image .*floating point.*not torch.uint8; .*0 to 1",
    ),
    "a weight of integers": (
        lambda: losses.TotalVariationLoss(torch.ones(1, 4, 4, dtype=torch.int64)),
        ValueError,
        "weight .*or bool.*not torch.int64",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_are_refused_where_they_are_given(name: str) -> None:
    call, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        call()
