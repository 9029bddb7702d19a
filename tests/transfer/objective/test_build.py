"""The objective: its gradient by finite differences, its terms one by one, its pyramid levels as documented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer import functional
from portrait_nst.transfer.functional import apply_basis, image_levels, presence
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.objective import Objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.terms import Guidance, Weights

from ..functional.single import single

propagate = single(functional.propagate_guide)

STYLE = (("relu1_1", 1.0), ("relu2_1", 0.5), ("conv3_1", 2.0))
CONTENT = (("relu2_2", 1.0), ("conv3_2", 3.0))
WEIGHTS = Weights(style=1.5, content=0.2, tv=0.3, style_layers=STYLE, content_layers=CONTENT)
SIZE = (70, 65)
SOFT = Guidance()


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """Shaped as the embedded encoder, small, with random weights and bases, in float64."""
    torch.manual_seed(2)
    net = Vgg(((4, 4), (5, 5), (6, 6, 6, 6))).double().requires_grad_(False)
    layers = tuple(f"relu{b}_{i}" for b, n in ((1, 2), (2, 2), (3, 4)) for i in range(1, n + 1))
    bases = {"relu1_1": torch.randn(4, 4).triu().double(), "relu2_1": torch.randn(5, 5).triu().double()}
    return Encoder("small", net, layers, layers, layers[-1:], 3, "", bases)


def picture(height: int, width: int) -> torch.Tensor:
    return torch.rand(1, 3, height, width, dtype=torch.float64)


@pytest.fixture
def scene(encoder: Encoder) -> dict[str, Any]:
    """Content, its mask, two regions that share an edge, with styles of their own."""
    styles = picture(50, 61), picture(66, 52)
    left = torch.sigmoid((30 - torch.arange(SIZE[1])) / 3).expand(SIZE)
    layers = [name for name, _ in STYLE]
    targets = [gram_targets(encoder, style, None, layers, 2) for style in styles]
    mask = torch.zeros(SIZE)
    mask[6:60, 8:57] = 1
    return {
        "content": picture(*SIZE),
        "content_mask": mask,
        "regions": [Region(left, targets[0]), Region(1 - left, targets[1], weight=2.0)],
    }


def objective(
    encoder: Encoder,
    scene: dict[str, Any],
    weights: Weights = WEIGHTS,
    *,
    hold: torch.Tensor | None = None,
    levels: int = 2,
    guidance: Guidance = SOFT,
) -> Objective:
    return canvas_objective(
        encoder=encoder, **scene, content_weight_map=hold, weights=weights, levels=levels, guidance=guidance
    )


def reference(
    encoder: Encoder,
    scene: dict[str, Any],
    image: torch.Tensor,
    *,
    hold: torch.Tensor | None = None,
    levels: int = 2,
    mode: str = "soft",
) -> dict[str, float]:
    """All terms of WEIGHTS, written out in numpy."""
    layers = {name for name, _ in STYLE + CONTENT}
    style, region_total, layer_total = 0.0, 3.0, 3.5
    for level in range(levels):
        scaled = F.avg_pool2d(image, 2**level)
        maps = encoder.net(scaled, layers)
        for region in scene["regions"]:
            mask = F.avg_pool2d(region.mask[None, None], 2**level)[0, 0]
            for name, weight in STYLE:
                f = maps[name][0].numpy().reshape(maps[name].shape[1], -1)
                t = propagate(mask, encoder.geometry(name), mode).double().numpy().ravel()
                gram = (f * t) @ f.T / t.sum()
                if name in encoder.bases:
                    base = encoder.bases[name].numpy()
                    gram = base @ gram @ base.T
                goal = region.targets[level, name].numpy()
                share = min(1, t.sum() / 16) * weight / layer_total * region.weight / region_total / levels
                style += share * ((gram - goal) ** 2).sum() / (goal**2).sum()
    content = 0.0
    for name, weight in CONTENT:
        f, c = (encoder.net(x, [name])[name][0].numpy() for x in (image, scene["content"]))
        area = propagate(scene["content_mask"], encoder.geometry(name)).double().numpy()
        firm = area if hold is None else area * (1 + propagate(hold, encoder.geometry(name)).double().numpy())
        mean = (c * area).sum((1, 2), keepdims=True) / area.sum()
        content += weight / 4 * ((f - c) ** 2 * firm).sum() / ((c - mean) ** 2 * area).sum()
    x, w = image[0].numpy(), scene["content_mask"].double().numpy()[:-1, :-1]
    right, down = x[:, :-1, 1:] - x[:, :-1, :-1], x[:, 1:, :-1] - x[:, :-1, :-1]
    tv = 0.3 * ((right**2 + down**2).sum(0) * w).sum() / w.sum() + ((x - x.clip(0, 1)) ** 2).mean()
    return {"style": 1.5 * style, "content": 0.2 * content, "tv": tv, "total": 1.5 * style + 0.2 * content + tv}


@pytest.mark.parametrize("mode", ["soft", "all"])
@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("held", [False, True])
def test_every_term_is_what_it_is_said_to_be(
    encoder: Encoder, scene: dict[str, Any], mode: str, levels: int, held: torch.Tensor | None
) -> None:
    image = picture(*SIZE) * 1.4 - 0.2
    hold = None
    if held:
        hold = torch.zeros(SIZE)
        hold[20:35, 20:40] = 3
    found, _ = objective(encoder, scene, hold=hold, levels=levels, guidance=Guidance(mode))(image)
    expected = reference(encoder, scene, image, hold=hold, levels=levels, mode=mode)
    assert found.keys() == expected.keys()
    for term, value in expected.items():
        assert found[term] == pytest.approx(value, rel=2e-6), term


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_the_gradient_is_that_of_the_total(encoder: Encoder, scene: dict[str, Any], levels: int) -> None:
    """Central differences along random directions and at single pixels, some of them outside [0, 1]."""
    terms = objective(encoder, scene, levels=levels)
    image = picture(*SIZE) * 1.2 - 0.1
    _, gradient = terms(image)
    assert gradient.shape == image.shape
    directions = [torch.randn_like(image) for _ in range(4)]
    for place in [(0, 0, 0), (1, 33, 30), (2, 69, 64)]:
        one = torch.zeros_like(image)
        one[(0, *place)] = 1
        directions.append(one)
    for direction in directions:
        h = 1e-5 / float(direction.abs().max())
        above, below = terms(image + h * direction)[0]["total"], terms(image - h * direction)[0]["total"]
        expected = (above - below) / (2 * h)
        assert float((gradient * direction).sum()) == pytest.approx(expected, rel=1e-5)


def test_levels_halve_until_a_side_would_fall_under_16() -> None:
    image = picture(70, 65)
    levels = image_levels(image, 8)
    assert [tuple(level.shape[2:]) for level in levels] == [(70, 65), (35, 32), (17, 16)]
    torch.testing.assert_close(levels[2], F.avg_pool2d(image, 4))
    assert len(image_levels(image, 2)) == 2
    assert len(image_levels(picture(20, 300), 5)) == 1


def test_a_style_is_at_its_goal_where_the_picture_is_the_style(encoder: Encoder) -> None:
    style = picture(64, 64)
    targets = gram_targets(encoder, style, None, [name for name, _ in STYLE], 3)
    scene = {"content": style, "content_mask": torch.ones(64, 64), "regions": [Region(torch.ones(64, 64), targets)]}
    losses, _ = objective(encoder, scene, levels=3)(style)
    assert losses["style"] == pytest.approx(0, abs=1e-20) and losses["content"] == pytest.approx(0, abs=1e-12)
    weights = Weights(style=1, content=1, style_layers=STYLE, content_layers=CONTENT)
    _, gradient = objective(encoder, scene, weights, levels=3)(style)
    assert gradient.abs().max() < 1e-8


def test_targets_of_every_level_and_layer(encoder: Encoder) -> None:
    style, mask = picture(66, 70), torch.rand(66, 70)
    found = gram_targets(encoder, style, mask, ["relu1_1", "conv3_1"], 3)
    assert set(found) == {(level, layer) for level in range(3) for layer in ("relu1_1", "conv3_1")}
    f = encoder.net(F.avg_pool2d(style, 2), ["relu1_1"])["relu1_1"][0].flatten(1)
    t = F.avg_pool2d(mask[None, None], 2).flatten().double()
    base = encoder.bases["relu1_1"]
    torch.testing.assert_close(found[1, "relu1_1"], base @ ((f * t) @ f.T / t.sum()) @ base.T, rtol=1e-6, atol=1e-9)


def test_pixels_beyond_the_receptive_fields_have_no_gradient(encoder: Encoder) -> None:
    """With `inside` a region is styled from its own pixels alone; without it, from what its fields reach."""
    targets = gram_targets(encoder, picture(64, 64), None, [name for name, _ in STYLE], 1)
    mask = torch.zeros(96, 90)
    mask[30:70, 25:66] = 1
    scene = {"content": picture(96, 90), "content_mask": mask, "regions": [Region(mask, targets)]}
    weights = Weights(style=1, style_layers=STYLE)
    image = picture(96, 90)
    for mode in ("inside", "soft"):
        terms = objective(encoder, scene, weights, levels=1, guidance=Guidance(mode))
        _, gradient = terms(image)
        reached = gradient[0].abs().sum(0) > 0
        assert reached.any() and not terms.notes
        assert (reached & (mask == 0)).any() == (mode == "soft")


def test_a_region_that_the_mode_empties_is_said_and_styled_all_the_same(encoder: Encoder) -> None:
    targets = gram_targets(encoder, picture(64, 64), None, [name for name, _ in STYLE], 1)
    mask = torch.zeros(SIZE)
    mask[30:41, 25:36] = 1
    scene = {"content": picture(*SIZE), "content_mask": mask, "regions": [Region(mask, targets)]}
    terms = objective(encoder, scene, Weights(style=1, style_layers=STYLE), levels=1, guidance=Guidance("inside"))
    assert len(terms.notes) == 1 and "conv3_1" in terms.notes[0] and "soft" in terms.notes[0]
    losses, gradient = terms(picture(*SIZE))
    assert losses["style"] > 0 and gradient.abs().max() > 0


def test_a_small_region_fades(encoder: Encoder) -> None:
    """Four cells count a quarter of sixteen."""
    style = picture(64, 64)
    targets = gram_targets(encoder, style, None, ["relu1_1"], 1)
    image, values = picture(*SIZE), []
    for side in (2, 4):
        mask = torch.zeros(SIZE)
        mask[30 : 30 + side, 30 : 30 + side] = 1
        scene = {"content": image, "content_mask": mask, "regions": [Region(mask, targets)]}
        found, _ = objective(encoder, scene, Weights(style=1, style_layers=(("relu1_1", 1),)), levels=1)(image)
        f = encoder.net(image, ["relu1_1"])["relu1_1"][0]
        gram = apply_basis(torch.einsum("cij,dij,ij->cd", f, f, mask.double()) / side**2, encoder.bases["relu1_1"])
        goal = targets[0, "relu1_1"]
        values.append(found["style"] / float((gram - goal).square().sum() / goal.square().sum()))
        assert presence(mask) == min(1, side**2 / 16)
    np.testing.assert_allclose(values, [0.25, 1], rtol=1e-6)


def test_nothing_to_do_is_no_error(encoder: Encoder) -> None:
    """All weights 0: only the range counts."""
    scene = {"content": picture(*SIZE), "content_mask": torch.ones(SIZE), "regions": []}
    losses, gradient = objective(encoder, scene, Weights(content=0.0))(picture(*SIZE) + 0.5)
    assert losses["total"] == losses["tv"] > 0 and losses["style"] == losses["content"] == 0
    assert gradient.abs().max() > 0


def test_float32_agrees_with_float64(scene: dict[str, Any]) -> None:
    torch.manual_seed(5)
    net = Vgg(((4, 4), (5, 5), (6, 6, 6, 6))).requires_grad_(False)
    layers = tuple(f"relu{b}_{i}" for b, n in ((1, 2), (2, 2), (3, 4)) for i in range(1, n + 1))
    small = Encoder("small", net, layers, layers, layers[-1:], 3, "")
    image, results = picture(*SIZE), []
    for dtype in (torch.float64, torch.float32):
        net.to(dtype)
        names = [name for name, _ in STYLE]
        targets = gram_targets(small, F.interpolate(scene["content"], (50, 55)).to(dtype), None, names, 2)
        here = {**scene, "content": scene["content"].to(dtype), "regions": [Region(scene["content_mask"], targets)]}
        results.append(objective(small, here)(image.to(dtype)))
    (double, gradient), (single, other) = results
    assert single == pytest.approx(double, rel=1e-4)
    assert float((other - gradient).norm() / gradient.norm()) < 1e-3
