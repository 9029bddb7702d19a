"""What a geometry says of a layer, against a network of ones that shows what each cell sees."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from portrait_nst.encoders import Geometry
from portrait_nst.encoders.geometry import vgg_geometry

from .networks import SHAPES, encoder, names, parameters, vgg

RESNET = Geometry().then(7, 2, 3).then(3, 2, 1).then(3, 1, 1)
INCEPTION = Geometry().then(3, 2).then(3, 1).then(3, 1, 1).then(3, 2)
ALEXNET = Geometry().then(11, 4, 2).then(3, 2).then(5, 1, 2).then(3, 2)
CHAINS = {"resnet": RESNET, "inception": INCEPTION, "alexnet": ALEXNET}
VGG_LAYERS = [(name, layer) for name, widths in SHAPES.items() for layer in names(widths)]


def seen(geometry: Geometry, pixels: int) -> list[list[int]]:
    """Per cell of a layer the pixels it depends on, by the gradient of a network of ones along one axis."""
    line = torch.ones(1, 1, pixels, dtype=torch.float64, requires_grad=True)
    x = line
    for window in geometry.windows:
        x = F.conv1d(
            x, torch.ones(1, 1, window.kernel, dtype=torch.float64), stride=window.stride, padding=window.padding
        )
    found = []
    for cell in x[0, 0]:
        (gradient,) = torch.autograd.grad(cell, line, retain_graph=True)
        found.append(gradient[0, 0].nonzero().flatten().tolist())
    return found


@pytest.mark.parametrize("pixels", [33, 47, 64, 100])
@pytest.mark.parametrize("name, layer", VGG_LAYERS)
def test_every_cell_of_a_vgg_sees_its_receptive_field(name: str, layer: str, pixels: int) -> None:
    geometry = vgg_geometry(layer, SHAPES[name])
    fields = seen(geometry, pixels)
    assert geometry.cells(pixels) == len(fields)
    for cell, found in enumerate(fields):
        first = geometry.start + cell * geometry.jump
        assert found == list(range(max(0, first), min(pixels, first + geometry.field)))


@pytest.mark.parametrize("pixels", [63, 64, 97, 131])
@pytest.mark.parametrize("name", CHAINS)
def test_every_cell_of_other_chains_sees_its_receptive_field(name: str, pixels: int) -> None:
    """Where strides leave the last pixels out (Inception pads nothing), a field ends at the last pixel that counts."""
    geometry = CHAINS[name]
    fields = seen(geometry, pixels)
    assert geometry.cells(pixels) == len(fields)
    last = max(found[-1] for found in fields)
    for cell, found in enumerate(fields):
        first = geometry.start + cell * geometry.jump
        assert found == list(range(max(0, first), min(last + 1, first + geometry.field)))


@pytest.mark.parametrize(
    "layer, field, jump", [("1_1", 3, 1), ("2_1", 10, 2), ("3_1", 24, 4), ("4_1", 68, 8), ("5_1", 156, 16)]
)
def test_the_published_receptive_fields_of_vgg19(layer: str, field: int, jump: int) -> None:
    geometry = vgg_geometry(f"relu{layer}", SHAPES["vgg19"])
    assert (geometry.field, geometry.jump) == (field, jump)


@pytest.mark.parametrize("height, width", [(33, 47), (64, 65), (100, 37), (16, 16)])
@pytest.mark.parametrize("name", SHAPES)
def test_maps_have_the_shape_that_the_geometry_says(name: str, height: int, width: int) -> None:
    small = encoder(SHAPES[name])
    layers = [*small.layers, *(layer.replace("relu", "conv") for layer in small.layers)]
    with torch.no_grad():
        maps = small.features(torch.rand(1, 3, height, width), layers)
    for layer in layers:
        geometry = small.geometry(layer)
        assert maps[layer].shape[-2:] == (geometry.cells(height), geometry.cells(width)), layer


@pytest.mark.parametrize("name", SHAPES)
def test_a_map_changes_where_the_geometry_says_and_nowhere_else(name: str) -> None:
    """The network itself, not a model of it: positive weights, one pixel changed at a time."""
    small = encoder(SHAPES[name])
    for layer in vgg(small).convolutions:
        weight, bias = parameters(vgg(small), layer)
        weight.data.abs_().add_(0.1)
        bias.data.zero_()
        weight.data /= weight.data.sum((1, 2, 3), keepdim=True)
    small.net.double()
    height, width = 39, 50
    base = torch.full((1, 3, height, width), 0.9, dtype=torch.float64)
    for row, column in [(0, 0), (17, 23), (38, 49), (38, 0), (20, 49)]:
        image = base.clone()
        image[..., row, column] += 0.05
        with torch.no_grad():
            before, after = small.features(base, small.layers), small.features(image, small.layers)
        for layer in small.layers:
            geometry = small.geometry(layer)
            changed = (before[layer] != after[layer])[0].any(0)
            expected = torch.zeros_like(changed)
            for i in range(geometry.cells(height)):
                for j in range(geometry.cells(width)):
                    top, left = geometry.start + i * geometry.jump, geometry.start + j * geometry.jump
                    expected[i, j] = top <= row < top + geometry.field and left <= column < left + geometry.field
            # double precision cannot show the faintest influence at a field's rim in the deepest layers
            assert not (changed & ~expected).any(), layer
            if geometry.field < 60:
                assert torch.equal(changed, expected), layer
