"""Our VGG against torchvision's, and what it hands out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from portrait_nst.encoders import Encoder, pretrained
from portrait_nst.encoders.scaling import CAFFE
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.encoders.vgg_layout import VGG16, VGG19, Widths

from .networks import EMBEDDED, caffe_state, convolution, encoder, names, parameters, vgg, write_npz

Pair = tuple[nn.Sequential, dict[str, Encoder]]

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


@pytest.fixture(scope="module", params=["vgg16", "vgg19"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """torchvision's features with random weights, and our encoder of the same file."""
    from torchvision.models.vgg import cfgs, make_layers

    torch.manual_seed(1)
    theirs = make_layers(cfgs[{"vgg16": "D", "vgg19": "E"}[request.param]]).eval()
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save({f"features.{key}": value for key, value in theirs.state_dict().items()}, path)
    return theirs, {pooling: pretrained.load(request.param, path, pooling=pooling) for pooling in ("max", "average")}


def test_maps_are_torchvisions(pair: Pair) -> None:
    theirs, ours = pair
    image = torch.rand(1, 3, 45, 38)
    layers = [*ours["max"].layers, *(layer.replace("relu", "conv") for layer in ours["max"].layers)]
    with torch.no_grad():
        maps = ours["max"].features(image, layers)
        x, found = (image - MEAN) / STD, []
        for module in theirs:
            x = F.relu(x) if isinstance(module, nn.ReLU) else module(x)  # not in place, as theirs would be
            if not isinstance(module, nn.MaxPool2d):
                found.append(x)
    assert len(found) == len(layers)
    for layer, convolved, rectified in zip(ours["max"].layers, found[::2], found[1::2]):
        torch.testing.assert_close(maps[layer.replace("relu", "conv")], convolved)
        torch.testing.assert_close(maps[layer], rectified)


def test_pooling_averages_unless_told(pair: Pair) -> None:
    _, ours = pair
    image = torch.rand(1, 3, 20, 22)
    with torch.no_grad():
        before = ours["average"].features(image, ["relu1_2"])["relu1_2"]
        after = ours["average"].features(image, ["conv2_1"])["conv2_1"]
        second = convolution(vgg(ours["average"]), "conv2_1")
        torch.testing.assert_close(after, second(F.avg_pool2d(before, 2)))
        assert not torch.allclose(after, second(F.max_pool2d(before, 2)), atol=1e-3)


def test_maps_before_a_relu_keep_their_negative_values() -> None:
    small = encoder()
    with torch.no_grad():
        layers = names(EMBEDDED) + names(EMBEDDED, "conv")
        maps = small.features(torch.rand(1, 3, 24, 24), layers)
    for layer in names(EMBEDDED, "conv"):
        torch.testing.assert_close(maps[layer.replace("conv", "relu")], maps[layer].clamp_min(0), rtol=0, atol=0)
    assert any((maps[layer] < 0).any() for layer in names(EMBEDDED, "conv"))


def test_the_image_is_not_changed() -> None:
    image = torch.rand(1, 3, 24, 24)
    copy = image.clone()
    encoder().features(image, ["relu3_4"])
    Vgg(EMBEDDED, scaling=CAFFE)(image, ["relu1_1"])
    assert torch.equal(image, copy)


def test_caffe_weights_see_bgr_from_0_to_255_less_the_mean(tmp_path: Path) -> None:
    arrays = caffe_state(EMBEDDED)
    loaded = pretrained.load("vgg19", write_npz(tmp_path / "caffe.npz", _padded(arrays)))
    image = torch.rand(1, 3, 16, 18)
    bgr = image.flip(1) * 255 - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    weight, bias = parameters(vgg(loaded), "conv1_1")
    with torch.no_grad():
        expected = F.conv2d(bgr, weight, bias, padding=1)
        found = loaded.features(image, ["conv1_1"])["conv1_1"]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-3)


def _padded(arrays: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """The first convolution of `arrays` in VGG-19's own width."""
    weight, bias = arrays["conv1_1.weight"], arrays["conv1_1.bias"]
    return {"conv1_1.weight": np.tile(weight, (32, 1, 1, 1)), "conv1_1.bias": np.tile(bias, 32)}


def test_nothing_deeper_than_asked_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    small = encoder()
    called = []
    plain = torch.nn.functional.conv2d

    def counted(x: Tensor, weight: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        called.append(tuple(weight.shape[:2]))
        return plain(x, weight, *args, **kwargs)

    monkeypatch.setattr(torch.nn.functional, "conv2d", counted)
    monkeypatch.setattr(torch.nn.Conv2d, "forward", lambda self, x: counted(x, self.weight, self.bias, padding=1))
    maps = small.features(torch.rand(1, 3, 16, 16), ["relu2_1", "conv1_2"])
    asked = [convolution(vgg(small), name) for name in ("conv1_1", "conv1_2", "conv2_1")]
    assert called == [tuple(layer.weight.shape[:2]) for layer in asked]
    assert set(maps) == {"relu2_1", "conv1_2"}


def test_an_unknown_layer_is_named() -> None:
    with pytest.raises(KeyError, match="relu9_9"):
        encoder().features(torch.rand(1, 3, 16, 16), ["relu1_1", "relu9_9"])


@pytest.mark.parametrize("widths", [VGG16, VGG19])
def test_the_widths_are_torchvisions(widths: Widths) -> None:
    from torchvision.models.vgg import cfgs

    plan = []
    for block in widths:
        plan += [*block, "M"]
    assert plan == cfgs["D" if widths is VGG16 else "E"]
