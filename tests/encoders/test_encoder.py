"""Encoders by name, layers by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from portrait_nst import encoders
from portrait_nst.errors import InputError

from .networks import SHAPES, encoder, vgg


@pytest.mark.parametrize(
    "name, layer",
    [
        ("relu3_1", "relu3_1"),
        ("conv3_1", "conv3_1"),
        ("block3_conv1", "relu3_1"),
        ("RELU3_1", "relu3_1"),
        (" Block1_conv2 ", "relu1_2"),
        ("conv1_1", "conv1_1"),
        ("block5_conv4", "relu5_4"),
        ("features.0", "conv1_1"),
        ("features.1", "relu1_1"),
        ("features.7", "conv2_2"),
        ("features.28", "conv5_1"),
        ("features.35", "relu5_4"),
    ],
)
def test_a_layer_has_a_name_in_every_vocabulary(name: str, layer: str) -> None:
    vgg19 = encoder(SHAPES["vgg19"])
    assert vgg19.resolve(name) == layer
    with torch.no_grad():
        assert set(vgg19.features(torch.rand(1, 3, 32, 32), [vgg19.resolve(name)])) == {layer}


def test_torchvisions_node_names_are_those_of_its_own_network() -> None:
    from torch import nn
    from torchvision.models.vgg import make_layers

    vgg16 = encoder(SHAPES["vgg16"])
    expected = [f"{kind}{layer[4:]}" for layer in vgg16.layers for kind in ("conv", "relu")]
    plan = [entry for block in vgg(vgg16).widths for entry in (*block, "M")]
    modules = make_layers(plan)
    nodes = [f"features.{i}" for i, module in enumerate(modules) if not isinstance(module, nn.MaxPool2d)]
    assert [vgg16.resolve(node) for node in nodes] == expected


@pytest.mark.parametrize(
    "name",
    [
        *("relu6_1", "relu1_3", "block4_conv9", "pool1", "", "relu", "block_conv", "conv5_block3_3_bn", "relu0_1"),
        *("features.4", "features.37", "features.x", "features.", "features.-1", "relu01_1", "reluconv1_1"),
    ],
)
def test_an_unknown_layer_lists_those_there_are(name: str) -> None:
    vgg19 = encoder(SHAPES["vgg19"])
    with pytest.raises(InputError) as error:
        vgg19.resolve(name)
    message = str(error.value)
    assert repr(name) in message
    assert all(layer in message for layer in vgg19.layers)
    assert "\n" not in message


def test_an_encoder_that_ends_early_offers_no_more() -> None:
    with pytest.raises(InputError, match="relu3_4"):
        encoder(SHAPES["embedded"]).resolve("relu4_1")


def test_the_default_is_embedded_and_needs_no_file() -> None:
    embedded = encoders.get("embedded")
    assert embedded.name == "embedded" and encoders.NAMES[0] == "embedded"


def test_an_unknown_encoder_lists_those_there_are() -> None:
    with pytest.raises(InputError) as error:
        encoders.get("vgg11")
    assert all(name in str(error.value) for name in ("vgg11", *encoders.NAMES))


@pytest.mark.parametrize("name", encoders.NAMES)
def test_a_weights_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.pth"):
        encoders.get(name, tmp_path / "gone.pth")
    with pytest.raises(InputError, match=r"--weights"):
        encoders.get(name, tmp_path)
