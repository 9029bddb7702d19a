"""Tiles: they see what the whole picture sees, and their losses and gradients are the whole picture's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
import torch

from portrait_nst import encoders
from portrait_nst.encoders import Encoder
from portrait_nst.encoders.geometry import vgg_geometry
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.settings import Settings
from portrait_nst.transfer.configuration import build_config
from portrait_nst.transfer.objective.build import Region, canvas_objective
from portrait_nst.transfer.objective.style_targets import gram_targets
from portrait_nst.transfer.objective.terms import Guidance, Weights
from portrait_nst.transfer.objective.tiles import Tiling, features, tiles

from ...encoders import test_network as networks

WIDTHS = ((4, 5), (5, 6), (6, 6, 7, 6))
STYLE = (("relu1_1", 1.0), ("relu2_1", 0.5), ("relu3_1", 2.0), ("conv3_4", 1.0))
CONTENT = (("relu2_2", 1.0), ("relu3_2", 3.0))
WEIGHTS = Weights(style=1.5, content=0.2, tv=0.3, style_layers=STYLE, content_layers=CONTENT)


def small(pooling: str = "average") -> Encoder:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        net = Vgg(WIDTHS, pooling=pooling).double().requires_grad_(False)
        bases = {"relu3_1": torch.randn(6, 6).triu().double()}
    layers = tuple(f"relu{b}_{i}" for b, n in ((1, 2), (2, 2), (3, 4)) for i in range(1, n + 1))
    return Encoder("small", net, layers, layers, layers[-1:], 2, "", bases)


@pytest.mark.parametrize("size", [(64, 64), (65, 131), (99, 50), (67, 66)])
@pytest.mark.parametrize("side", [16, 24, 33, 200])
def test_cores_make_up_every_map_once(size: tuple[int, int], side: int) -> None:
    geometries = {name: vgg_geometry(name, WIDTHS) for name in ("relu1_1", "relu2_2", "relu3_4")}
    for geometry in geometries.values():
        seen = torch.zeros(geometry.cells(size[0]), geometry.cells(size[1]))
        for tile in tiles(size, side, geometries.values()):
            tile.cells(geometry, seen).add_(1)
        assert (seen == 1).all()
    seen = torch.zeros(size)
    for tile in tiles(size, side, geometries.values()):
        tile.core.part(seen).add_(1)
    assert (seen == 1).all()


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("size", [(96, 96), (97, 134), (83, 150)])
def test_a_core_sees_what_the_whole_picture_sees(pooling: str, size: tuple[int, int]) -> None:
    encoder = small(pooling)
    image = torch.rand(1, 3, *size, dtype=torch.float64)
    names = ["relu1_1", "conv2_1", "relu3_4"]
    whole = encoder.features(image, names)
    for name, found in features(encoder, image, names, 32, False).items():
        torch.testing.assert_close(found, whole[name], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "inception_v3"])
def test_networks_with_large_strides_and_branches_see_the_same(name: str) -> None:
    encoder = networks.pair(name)[1]
    assert encoder.local
    layer = encoder.style_layers[2]
    image = torch.rand(1, 3, 230, 250)
    whole = encoder.features(image, [layer])[layer]
    found = features(encoder, image, [layer], 64, False)[layer]
    torch.testing.assert_close(found, whole, rtol=1e-4, atol=1e-5 * float(whole.abs().max()))


def test_networks_with_gates_look_everywhere_and_are_not_taken_in_tiles() -> None:
    encoder = networks.pair("efficientnet_b0")[1]
    assert not encoder.local
    assert build_config(Settings(encoder="efficientnet_b0"), encoder, 4000, 6000).tiling == Tiling()
    assert build_config(Settings(), encoders.get("embedded"), 4000, 6000).tiling.side > 0


def pair(
    size: tuple[int, int], tiling: Tiling, weights: Weights = WEIGHTS, dtype: torch.dtype = torch.float64, **more: Any
) -> Any:
    """The same objective, whole and in tiles."""
    encoder = small()
    if dtype == torch.float32:
        encoder.net.float()
        encoder.bases = {layer: base.float() for layer, base in encoder.bases.items()}
    torch.manual_seed(3)
    content = torch.rand(1, 3, *size, dtype=dtype)
    style = torch.rand(1, 3, 70, 90, dtype=dtype)
    across = torch.sigmoid((size[1] / 2 - torch.arange(size[1])) / 3).expand(size)
    mask = torch.zeros(size)
    mask[20 : size[0] - 9, 11 : size[1] - 30] = 1
    layers = [name for name, _ in STYLE]
    kind = weights.style_loss
    targets = gram_targets(encoder, style, None, layers, 2, style_loss=kind)
    regions = [Region(mask * across, targets), Region(mask * (1 - across), targets, weight=2.0)]
    hold = torch.rand(size)
    args = (encoder, content, mask, hold, regions, weights)
    made = [
        canvas_objective(*args, levels=2, guidance=Guidance(), tiling=entry, **more) for entry in (Tiling(), tiling)
    ]
    return made, torch.rand(1, 3, *size, dtype=dtype)


@pytest.mark.parametrize("size", [(96, 128), (101, 130), (150, 83)])
@pytest.mark.parametrize(
    "weights",
    [
        WEIGHTS,
        replace(WEIGHTS, style_loss="wasserstein"),
        replace(WEIGHTS, form="gatys2015"),
        replace(WEIGHTS, form="chollet", tv_exponent=1.25),
        replace(WEIGHTS, content=0.0, tv=0.0),
        replace(WEIGHTS, style_layers=(), tv=0.0),
    ],
    ids=["ours", "wasserstein", "gatys2015", "chollet", "style", "content"],
)
def test_the_tiled_gradient_is_the_whole_one(size: tuple[int, int], weights: Weights) -> None:
    (whole, tiled), image = pair(size, Tiling(32, 1000), weights)
    terms, gradient = whole(image)
    found, tiled_gradient = tiled(image)
    assert found.keys() == terms.keys()
    for name, value in terms.items():
        assert found[name] == pytest.approx(value, rel=2e-4 if weights.style_loss == "wasserstein" else 1e-5)
    # Guidance is float32: its sums differ by a millionth, which a square root of nearly singular matrices makes more of.
    scale = float(gradient.abs().max()) * (20 if weights.style_loss == "wasserstein" else 1)
    torch.testing.assert_close(tiled_gradient, gradient, rtol=0, atol=1e-5 * scale)


def test_in_float32_too_and_only_some_levels_in_tiles() -> None:
    (whole, tiled), image = pair((120, 140), Tiling(48, 5000), dtype=torch.float32)
    assert tiled.tiling.needed(image) and not tiled.tiling.needed(image[..., ::2, ::2])
    terms, gradient = whole(image)
    found, tiled_gradient = tiled(image)
    assert found["total"] == pytest.approx(terms["total"], rel=1e-5)
    torch.testing.assert_close(tiled_gradient, gradient, rtol=0, atol=1e-5 * float(gradient.abs().max()))


def test_an_identity_loss_keeps_its_gradient() -> None:
    def identity(image: torch.Tensor) -> torch.Tensor:
        return image[..., 30:60, 40:80].square().mean()

    (whole, tiled), image = pair((96, 128), Tiling(32, 1000), identity=identity)
    terms, gradient = whole(image)
    found, tiled_gradient = tiled(image)
    assert terms["identity"] > 0 and found["identity"] == pytest.approx(terms["identity"], rel=1e-5)
    torch.testing.assert_close(tiled_gradient, gradient, rtol=0, atol=1e-5 * float(gradient.abs().max()))


def test_tiles_without_guidance_are_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    (_, tiled), image = pair((256, 256), Tiling(64, 1000), replace(WEIGHTS, content=0.0, tv=0.0))
    for level in tiled.style_terms:
        level[:] = [replace(entry, guide=entry.guide.clone()) for entry in level]
        for entry in level:
            entry.guide[..., entry.guide.shape[-1] // 2 :] = 0
    seen: list[Iterable[str]] = []
    plain: Callable[..., dict[str, torch.Tensor]] = tiled.encoder.features

    def watched(window: torch.Tensor, layers: Iterable[str]) -> dict[str, torch.Tensor]:
        seen.append(layers)
        return plain(window, layers)

    monkeypatch.setattr(tiled.encoder, "features", watched)
    _, gradient = tiled(image)
    assert len(seen) == 2 * (8 + 2)  # twice the left half's of 16 tiles, and of the 4 of the next level
    assert not gradient[..., 128 + 96 :].any() and gradient.any()


def test_style_targets_in_tiles() -> None:
    encoder, style = small(), torch.rand(1, 3, 130, 90, dtype=torch.float64)
    layers = [name for name, _ in STYLE]
    mask = torch.rand(130, 90)
    for kind in ("gram", "wasserstein"):
        whole = gram_targets(encoder, style, mask, layers, 2, style_loss=kind)
        tiled = gram_targets(encoder, style, mask, layers, 2, style_loss=kind, tiling=Tiling(32, 1000))
        assert whole.keys() == tiled.keys()
        for key, value in whole.items():
            torch.testing.assert_close(tiled[key], value, rtol=1e-6, atol=1e-8)
