"""Names of layers: torchvision's, Keras' and the literature's."""

from __future__ import annotations

import pytest
import torch
from torchvision.models import get_model
from torchvision.models.feature_extraction import get_graph_node_names

from portrait_nst import encoders
from portrait_nst.encoders.architectures import ARCHITECTURES
from portrait_nst.errors import InputError

from .networks import blueprint

SAME: dict[str, list[tuple[str, ...]]] = {
    "vgg19": [
        ("relu4_2", "block4_conv2", "features.22"),
        ("relu5_2", "block5_conv2", "features.31"),
        ("conv4_2", "features.21"),
    ],
    "vgg19_bn": [
        ("relu4_2", "block4_conv2", "features.32"),
        ("relu5_1", "block5_conv1", "features.42"),
        ("conv4_2", "features.30"),
        ("bn1_1", "features.1"),
        ("pool5", "block5_pool", "features.52", "features"),
    ],
    "vgg16_bn": [("relu5_3", "block5_conv3", "features.42"), ("relu5_2", "block5_conv2")],
    "alexnet": [("conv1", "features.0"), ("relu5", "features.11"), ("RELU3", "features.7"), ("pool2", "features.5")],
    "resnet50": [
        ("conv1_relu", "relu"),
        ("conv5_block3_3_bn", "layer4.2.bn3"),
        ("conv2_block2_2_bn", "layer1.1.bn2"),
        ("conv3_block1_0_bn", "layer2.0.downsample.1", "layer2.0.downsample"),
        ("conv3_block1_0_conv", "layer2.0.downsample.0"),
        ("conv4_block1_2_bn", "layer3.0.bn2"),
        ("conv5_block1_3_bn", "layer4.0.bn3"),
        ("conv4_block6_out", "layer3.5.relu_2", "layer3.5", "layer3"),
        ("conv2_block1_1_relu", "layer1.0.relu"),
        ("conv2_block1_2_relu", "layer1.0.relu_1"),
        ("conv2_block1_add", "layer1.0.add"),
    ],
    "inception_v3": [
        ("mixed0", "Mixed_5b", "mixed_5b.cat"),
        ("mixed3", "Mixed_6a.cat"),
        ("mixed7", "Mixed_6e"),
        ("mixed9", "Mixed_7b.cat_2", "Mixed_7b"),
        ("mixed10", "Mixed_7c"),
        ("Conv2d_2b_3x3", "Conv2d_2b_3x3.relu"),
    ],
    "efficientnet_b0": [
        ("stem_activation", "features.0.2", "features.0"),
        ("block1a_dwconv", "features.1.0.block.0.0"),
        ("block1a_project_bn", "features.1.0.block.2.1", "features.1"),
        ("block2a_expand_activation", "features.2.0.block.0.2"),
        ("block2a_activation", "features.2.0.block.1.2"),
        ("block6d_add", "features.6.3.add", "features.6.3"),
        ("block3a_se_excite", "features.3.0.block.2.mul"),
        ("top_activation", "features.8.2", "features"),
    ],
    "efficientnet_b7": [
        ("block1d_add", "features.1.3.add"),
        ("block6m_add", "features.6.12.add"),
        ("block7d_add", "features.7"),
    ],
}


@pytest.mark.parametrize("name", SAME)
def test_one_layer_under_all_its_names(name: str) -> None:
    for names in SAME[name]:
        assert len({blueprint(name).resolve(one) for one in names}) == 1, names


def nodes(name: str) -> list[str]:
    """torchvision's names of all nodes of its network."""
    options = {"init_weights": False, "transform_input": False} if name == "inception_v3" else {}
    with torch.device("meta"):
        model = get_model(name, weights=None, **options)
    _, evaluated = get_graph_node_names(model.eval(), suppress_diff_warning=True)
    return list(evaluated)


@pytest.mark.parametrize("name", ["alexnet", "resnet50", "inception_v3", "vgg16_bn"])
def test_torchvisions_names_are_those_of_its_own_tool(name: str) -> None:
    offered = [layer.torchvision for layer in blueprint(name).described]
    assert [node for node in nodes(name) if node in set(offered)] == offered


def test_names_of_torchvisions_composites() -> None:
    """By default its tool does not look into a convolution with normalisation and activation."""
    found = blueprint("efficientnet_b1")
    names = [name for name in nodes("efficientnet_b1") if name.startswith("features.") and "stochastic" not in name]
    places = [found.layers.index(found.resolve(name)) for name in names]
    assert len(places) > 80 and places == sorted(set(places))


@pytest.mark.parametrize("name", encoders.NAMES)
def test_names_lead_to_one_layer_each_and_defaults_are_names(name: str) -> None:
    found = blueprint(name)
    for layer in found.described:
        assert all(found.resolve(one) == layer.name for one in layer.names)
    assert all(found.resolve(layer) == layer for layer in (*found.style_layers, *found.content_layers))


def test_default_layers_of_resnet50() -> None:
    found = blueprint("resnet50")
    assert found.content_layers == ("conv5_block3_3_bn",)
    assert found.style_layers == (
        *("conv2_block2_2_bn", "conv3_block1_0_bn", "conv3_block1_0_conv", "conv4_block1_2_bn", "conv5_block1_3_bn"),
    )


@pytest.mark.parametrize(
    "encoder, wrong, near",
    [
        ("resnet50", "conv5_block3_4_bn", "conv5_block3_3_bn"),
        ("resnet50", "layer4.2.bn4", "layer4.2.bn3"),
        ("inception_v3", "mixed11", "mixed10"),
        ("efficientnet_b0", "block6e_add", "block6d_add"),
        ("vgg19", "block4_conv5", "block4_conv4"),
        ("alexnet", "relu6", "relu5"),
    ],
)
def test_a_wrong_name_is_answered_with_near_ones(encoder: str, wrong: str, near: str) -> None:
    with pytest.raises(InputError) as error:
        blueprint(encoder).resolve(wrong)
    message = str(error.value)
    assert repr(wrong) in message and near in message and f"portrait-nst layers {encoder}" in message
    assert "\n" not in message and len(message) < 400


def test_a_name_that_is_nothing_like_any_says_where_to_look() -> None:
    with pytest.raises(InputError, match=r"'zzzz'\. `portrait-nst layers resnet50` lists all names"):
        blueprint("resnet50").resolve("zzzz")


def test_names_of_all_encoders_are_known() -> None:
    assert set(encoders.NAMES) == {"embedded", "vgg19", "vgg16", *ARCHITECTURES}
    with pytest.raises(InputError, match="resnet50"):
        encoders.blueprint("resnet51")
