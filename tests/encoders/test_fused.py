"""The fused steps against the plain ones."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders.fused import Convolution, conv_relu, convolved, halve, pack, rectified
from portrait_nst.encoders.vgg import Vgg

from .networks import convolution, parameters

WIDTHS = ((4, 6), (5, 7), (6, 6, 6, 6))


def plain(net: Vgg, image: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
    """The same network by PyTorch's own modules alone, channels first."""
    x, found = (image - net.mean) / net.std, {}
    for block, widths in enumerate(net.widths, start=1):
        if block > 1:
            x = F.avg_pool2d(x, 2) if net.pooling == "average" else F.max_pool2d(x, 2)
        for index in range(1, len(widths) + 1):
            x = F.conv2d(x, *parameters(net, f"conv{block}_{index}"), padding=1)
            found[f"conv{block}_{index}"] = x
            x = F.relu(x)
            found[f"relu{block}_{index}"] = x
    return {layer: found[layer] for layer in layers}


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("size", [(16, 16), (17, 23), (31, 12)])
@pytest.mark.parametrize("layers", [("relu1_1", "relu2_1", "relu3_1", "relu3_4"), ("conv2_1", "relu2_1", "relu3_2")])
def test_maps_and_image_gradient_are_those_of_the_plain_network(
    pooling: str, size: tuple[int, int], layers: tuple[str, ...]
) -> None:
    net = Vgg(WIDTHS, pooling=pooling).double().requires_grad_(False)
    image = torch.rand(1, 3, *size, dtype=torch.float64)
    pulls = None
    gradients = []
    for run in (net, lambda image, layers: plain(net, image, layers)):
        leaf = image.clone().requires_grad_(True)
        maps = run(leaf, layers)
        pulls = pulls or {layer: torch.randn_like(maps[layer]) for layer in layers}
        torch.stack([(maps[layer] * pulls[layer]).sum() for layer in layers]).sum().backward()
        gradients.append(({layer: maps[layer].detach() for layer in layers}, leaf.grad))
    for layer in layers:
        torch.testing.assert_close(gradients[0][0][layer], gradients[1][0][layer], rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(gradients[0][1], gradients[1][1], rtol=1e-10, atol=1e-12)


def test_weights_that_learn_get_their_gradient() -> None:
    net = Vgg(WIDTHS)
    net(torch.rand(1, 3, 16, 16), ["relu2_1"])["relu2_1"].sum().backward()
    gradient = convolution(net, "conv1_1").weight.grad
    assert gradient is not None and gradient.abs().sum() > 0


def test_changed_weights_are_packed_anew_and_unchanged_ones_are_not() -> None:
    layer = nn.Conv2d(3, 4, 3, padding=1).requires_grad_(False)
    first = pack(layer, torch.float32, None)
    assert pack(layer, torch.float32, first) is first
    assert pack(layer, torch.bfloat16, first).forth.dtype == torch.bfloat16
    layer.weight.mul_(2)
    again = pack(layer, torch.float32, first)
    torch.testing.assert_close(again.forth, 2 * first.forth)
    torch.testing.assert_close(again.back, again.forth.flip(2, 3).transpose(0, 1))


def test_a_net_computes_in_the_type_of_autocast() -> None:
    net = Vgg(WIDTHS).requires_grad_(False)
    with torch.autocast("cpu", torch.bfloat16):
        half = net(torch.rand(1, 3, 16, 16), ["relu2_1"])["relu2_1"]
    whole = net(torch.rand(1, 3, 16, 16), ["relu2_1"])["relu2_1"]
    assert (half.dtype, whole.dtype) == (torch.bfloat16, torch.float32)
    assert whole.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("size", [(6, 8), (7, 9), (2, 2), (3, 2)])
def test_halving_and_its_gradient(size: tuple[int, int]) -> None:
    x = torch.randn(1, 3, *size, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(halve, (x,))
    torch.testing.assert_close(halve(x), F.avg_pool2d(x, 2))


def test_the_gradient_of_a_fused_convolution() -> None:
    packed = pack(nn.Conv2d(3, 4, 3, padding=1).double().requires_grad_(False), torch.float64, None)
    x = torch.randn(1, 3, 5, 7, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: conv_relu(x, packed), (x,))


@pytest.mark.parametrize("size", [(1, 8, 24, 31), (2, 8, 7, 5)])
def test_in_one_pass_is_the_same_to_the_bit(size: tuple[int, int, int, int]) -> None:
    layer = nn.Conv2d(8, 16, 3, padding=1).bfloat16().to(memory_format=torch.channels_last).requires_grad_(False)
    x = torch.randn(size).bfloat16().contiguous(memory_format=torch.channels_last)
    expected, packed = F.relu(layer(x)), pack(layer, torch.bfloat16, None)
    with torch.inference_mode():
        for found in (conv_relu(x, packed), rectified(layer, x)):
            assert torch.equal(found, expected)
            assert found.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("rectify", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_sum_within_a_convolution(kernel: int, rectify: bool, dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(kernel)
    x, plus = (torch.randn(1, c, 9, 7, generator=generator).to(dtype) for c in (8, 16))
    weight, bias = torch.randn(16, 8, kernel, kernel, generator=generator).to(dtype), torch.ones(16, dtype=dtype)
    y = F.conv2d(x.double(), weight.double(), bias.double(), padding=kernel // 2)
    by = Convolution.of(weight, bias)
    for more in (None, plus.contiguous(memory_format=torch.channels_last)):
        expected = y if more is None else y + more.double()
        expected = expected.relu() if rectify else expected
        for inference in (False, True):
            with torch.inference_mode(inference):
                found = convolved(x.contiguous(memory_format=torch.channels_last), by, more, rectify=rectify)
            assert found.dtype == dtype
            torch.testing.assert_close(
                found.double(),
                expected,
                rtol=1e-5 if dtype == torch.float32 else 0.02,
                atol=1e-5 if dtype == torch.float32 else 0.05,
            )


@pytest.mark.parametrize("size", [(1, 24, 36, 28), (2, 3, 7, 9)])
def test_halving_bfloat16_is_a_mean(size: tuple[int, int, int, int]) -> None:
    x = torch.randn(size).bfloat16().contiguous(memory_format=torch.channels_last)
    assert torch.equal(halve(x), F.avg_pool2d(x, 2))
