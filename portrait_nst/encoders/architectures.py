"""torchvision's networks as encoders: how each is built, what its layers are called, and which ones serve by default.

Built without weights, on torch's "meta" device, which costs neither memory nor time; weights come in `pretrained`.

Average pooling takes the place of maximum pooling where `pooling` says so in chains (VGG, AlexNet). Networks with branches
keep their own, which their batch normalisation was fitted to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import nn

from portrait_nst.encoders import names
from portrait_nst.encoders.graph import cut, trace, views
from portrait_nst.encoders.layers import Layer
from portrait_nst.encoders.network import IMAGENET_MEAN, IMAGENET_STD, Network
from portrait_nst.encoders.vgg import VGG16, VGG19

VGG_STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


@dataclass(frozen=True)
class Architecture:
    """How a network of torchvision becomes an encoder.

    vocabulary:     gives the other names of nodes, in order of depth.
    style, content: the default layers.
    chain:          whether it is one without branches.
    mean, std:      of the input, RGB in [0, 1].
    options:        for torchvision's builder.
    """

    vocabulary: Callable[[Iterable[str]], names.Names]
    style: tuple[str, ...]
    content: tuple[str, ...]
    chain: bool = False
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    options: dict[str, Any] = field(default_factory=dict)


EFFICIENTNET = Architecture(
    names.efficientnet,
    style=(
        "stem_activation",
        "block2a_expand_activation",
        "block3a_expand_activation",
        "block4a_expand_activation",
        "block6a_expand_activation",
    ),
    content=("block3b_add",),
)
ARCHITECTURES = {
    "vgg19_bn": Architecture(partial(names.vgg_bn, widths=VGG19), VGG_STYLE, ("relu4_2",), chain=True),
    "vgg16_bn": Architecture(partial(names.vgg_bn, widths=VGG16), VGG_STYLE, ("relu4_2",), chain=True),
    "alexnet": Architecture(names.alexnet, ("relu1", "relu2", "relu3", "relu4", "relu5"), ("relu4",), chain=True),
    "resnet50": Architecture(
        names.resnet,
        style=(
            "conv2_block2_2_bn",
            "conv3_block1_0_bn",
            "conv3_block1_0_conv",
            "conv4_block1_2_bn",
            "conv5_block1_3_bn",
        ),
        content=("conv5_block3_3_bn",),
    ),
    "inception_v3": Architecture(
        names.inception,
        style=("Conv2d_1a_3x3.relu", "Conv2d_2b_3x3.relu", "Conv2d_4a_3x3.relu", "mixed0", "mixed2"),
        content=("mixed1",),  # deeper maps are empty in the small pictures that painting starts with
        mean=(0.5, 0.5, 0.5),  # what its transform_input makes of ImageNet's mean and deviation
        std=(0.5, 0.5, 0.5),
        options={"transform_input": False, "aux_logits": False, "init_weights": False},
    ),
    **{f"efficientnet_b{size}": EFFICIENTNET for size in range(8)},
}


def build(name: str, *, pooling: str = "average", change: Callable[[nn.Module], None] | None = None) -> Network:
    """The network `name` without weights. `change` may alter torchvision's model before it is traced."""
    from torchvision.models import get_model

    architecture = ARCHITECTURES[name]
    with torch.device("meta"):
        model = get_model(name, weights=None, **architecture.options)
    model.eval().requires_grad_(False)
    if architecture.chain and pooling == "average":
        _average(model)
    if change is not None:
        change(model)
    traced, nodes = trace(model)
    seen = views(traced)
    # an oblong field (inside Inception's blocks) has no Geometry, which is the same along both axes
    offered = {
        torchvision: node
        for torchvision, node in nodes.items()
        if node in seen and seen[node].rows is not None and seen[node].rows == seen[node].columns and node != "x"
    }
    vocabulary = architecture.vocabulary(offered)
    blocks: dict[str, str] = {}  # a block's path stands for the last map in it, as in torchvision
    for torchvision in offered:
        parts = torchvision.split(".")
        blocks.update({".".join(parts[:end]): torchvision for end in range(1, len(parts))})
    layers = []
    for torchvision, node in offered.items():
        keras, literature = vocabulary.get(torchvision, ("", ""))
        layers.append(
            Layer(
                name=literature or keras or torchvision,
                channels=seen[node].channels,
                geometry=seen[node].rows,  # type: ignore[arg-type]
                torchvision=torchvision,
                keras=keras,
                literature=literature,
                others=tuple(block for block, last in blocks.items() if last == torchvision and block not in offered),
            )
        )
    ours = {layer.name: offered[layer.torchvision] for layer in layers}
    body = cut(traced, ours)
    renamed = dict(zip(ours, _outputs(body)))
    return Network(body, renamed, tuple(layers), mean=architecture.mean, std=architecture.std)


def _outputs(body: Any) -> list[str]:
    """The nodes that a cut graph gives back, in its order: copying may have renamed them."""
    end = next(node for node in body.graph.nodes if node.op == "output")
    return [node.name for node in end.args[0].values()]


def _average(model: nn.Module) -> None:
    for path, module in list(model.named_modules()):
        if isinstance(module, nn.MaxPool2d):
            parent, _, own = path.rpartition(".")
            pooling = nn.AvgPool2d(module.kernel_size, module.stride, module.padding, count_include_pad=False)
            setattr(model.get_submodule(parent), own, pooling)
