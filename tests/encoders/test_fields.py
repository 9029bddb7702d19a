"""Receptive fields of branching networks: what their geometries say against what the networks themselves do."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional as F

from portrait_nst.encoders import Geometry
from portrait_nst.encoders.architectures import ARCHITECTURES, build
from portrait_nst.encoders.face_weights import as_caffe
from portrait_nst.encoders.network import Network

from .networks import linear

FAMILIES = ["vgg16_bn", "alexnet", "resnet50", "resnet50 of faces", "inception_v3", "efficientnet_b0"]
SIZE = (131, 99)


@cache
def positive(family: str, averaging: bool = False) -> Network:
    name, _, faces = family.partition(" ")
    return linear(name, averaging=averaging, faces=bool(faces))


def last_seen(geometry: Geometry, pixels: int) -> int:
    """The last pixel that any cell sees: strides that do not come out even leave some out."""
    sizes = [pixels]
    for w in geometry.windows:
        sizes.append((sizes[-1] + 2 * w.padding - w.kernel) // w.stride + 1)
    cell = sizes[-1] - 1
    for w, size in zip(reversed(geometry.windows), reversed(sizes[:-1])):
        cell = min(size - 1, cell * w.stride - w.padding + w.kernel - 1)
    return cell


def expected(geometry: Geometry, pixels: int, pixel: int) -> torch.Tensor:
    """Which cells along one axis see `pixel`."""
    first = geometry.start + torch.arange(geometry.cells(pixels)) * geometry.jump
    return (first <= pixel) & (pixel < first + geometry.field) & (pixel <= last_seen(geometry, pixels))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_layer_answers_to_a_pixel_where_its_geometry_says(family: str) -> None:
    """In a network without biases a black picture gives black maps; one bright pixel shows in every cell that sees it."""
    net = positive(family)
    height, width = SIZE
    places = [(0, 0), (height - 1, width - 1), (64, 49), (17, 90), (101, 6)]
    pictures = torch.zeros(len(places), 3, *SIZE, dtype=torch.float64)
    for picture, (row, column) in zip(pictures, places):
        picture[:, row, column] = 1e3
    layers = net.described()
    with torch.no_grad():
        maps = net(pictures, [layer.name for layer in layers])
    for layer in layers:
        geometry = layer.geometry
        found = maps[layer.name]
        assert found.shape[1:] == (layer.channels, geometry.cells(height), geometry.cells(width)), layer.name
        for lit, (row, column) in zip((found != 0).any(1), places):
            rows, columns = expected(geometry, height, row), expected(geometry, width, column)
            seen = bool(rows.any()) and bool(columns.any())
            assert torch.equal(lit.any(1), rows & seen), (layer.name, row)
            assert torch.equal(lit.any(0), columns & seen), (layer.name, column)


@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_reach_exactly_the_receptive_field(family: str) -> None:
    net = positive(family, averaging=True)
    kind = ARCHITECTURES[family.partition(" ")[0]]
    height, width = SIZE
    names = list(dict.fromkeys([*kind.style, *kind.content, *[layer.name for layer in net.described()][5::23]]))
    picture = torch.rand(1, 3, *SIZE, dtype=torch.float64, requires_grad=True)
    maps = net(picture, names)
    for name in names:
        geometry = net.geometry(name)
        i, j = (maps[name].shape[-2] - 1) // 2, maps[name].shape[-1] - 1
        (gradient,) = torch.autograd.grad(maps[name][0, :, i, j].sum(), picture, retain_graph=True)
        reached = (gradient != 0)[0].any(0)
        for cell, pixels, found in ((i, height, reached.any(1)), (j, width, reached.any(0))):
            sees = [bool(expected(geometry, pixels, pixel)[cell]) for pixel in range(pixels)]
            assert found.tolist() == sees, name


def both(value: int | str | tuple[int, ...]) -> tuple[int, int]:
    """A module's kernel, stride or padding along both axes."""
    assert not isinstance(value, str)
    return (value, value) if isinstance(value, int) else (value[0], value[1])


class Extremes(fx.Interpreter):
    """Runs a network with maxima in place of its sums: each cell gives the greatest value it sees."""

    def call_module(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        module = self.fetch_attr(target)
        x: Tensor = args[0]
        if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            kernel, stride, padding = (both(value) for value in (module.kernel_size, module.stride, module.padding))
            return self.widest(x, kernel, stride, padding, getattr(module, "ceil_mode", False))
        if isinstance(module, nn.AdaptiveAvgPool2d):  # the gate: left out, as geometries leave it out
            return torch.full_like(x[..., :1, :1], float("-inf"))
        return x

    def call_function(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        if target in (F.avg_pool2d, F.max_pool2d):
            side, stride, padding = (
                args[1] if len(args) > 1 else kwargs["kernel_size"],
                kwargs["stride"],
                kwargs["padding"],
            )
            return self.widest(args[0], (side, side), (stride, stride), (padding, padding), False)
        if target is F.relu:
            x: Tensor = args[0]
            return x
        inputs = args[0] if target is torch.cat else args
        return torch.stack(torch.broadcast_tensors(*inputs)).amax(0)

    @staticmethod
    def widest(
        x: Tensor, kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], ceil: bool
    ) -> Tensor:
        vertical, horizontal = padding
        x = F.pad(x, (horizontal, horizontal, vertical, vertical), value=float("-inf"))
        return F.max_pool2d(x, kernel, stride, ceil_mode=ceil)


@pytest.mark.parametrize("size", [(131, 99), (1201, 65), (75, 1330), (640, 77)])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_cell_of_every_layer(family: str, size: tuple[int, int]) -> None:
    """First and last pixel of all fields, also of those larger than a picture that a test can afford otherwise."""
    size = (max(size[0], 75), max(size[1], 75)) if family == "inception_v3" else size
    name, _, faces = family.partition(" ")
    net = build(name, change=as_caffe if faces else None)
    rows, columns = torch.meshgrid(*(torch.arange(side, dtype=torch.float64) for side in size), indexing="ij")
    pictures = torch.stack([rows, -rows, columns, -columns])[:, None]
    maps = Extremes(net.body).run(pictures)
    for layer in net.described():
        geometry = layer.geometry
        height, width = (geometry.cells(side) for side in size)
        last_row, first_row, last_column, first_column = maps[layer.name][:, 0, :height, :width]
        for axis, (first, last, pixels) in enumerate(
            ((-first_row, last_row, size[0]), (-first_column, last_column, size[1]))
        ):
            starts = geometry.start + torch.arange(geometry.cells(pixels), dtype=torch.float64) * geometry.jump
            ends = (starts + geometry.field - 1).clamp(max=last_seen(geometry, pixels))
            shape = (-1, 1) if axis == 0 else (1, -1)
            assert torch.equal(first, starts.clamp(min=0).view(shape).expand_as(first)), layer.name
            assert torch.equal(last, ends.view(shape).expand_as(last)), layer.name
