"""torchvision's networks as encoders: how each is built, the names of its layers, and which ones are the default.

Networks are built without weights, on torch's "meta" device, which costs neither memory nor time; `pretrained` fills them in.

In chains (VGG, AlexNet) average pooling takes the place of maximum pooling where `pooling` says so. Networks with branches
keep their own pooling, to which their batch normalisation was fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import fx, nn

from portrait_nst.encoders import names
from portrait_nst.encoders.graph import cut, node_geometries, trace
from portrait_nst.encoders.layers import Layer
from portrait_nst.encoders.network import Network
from portrait_nst.encoders.scaling import IMAGENET, INCEPTION, InputScaling
from portrait_nst.encoders.vgg_layout import CONTENT_LAYERS, STYLE_LAYERS, VGG16, VGG19


@dataclass(frozen=True)
class Architecture:
    """How a network of torchvision becomes an encoder.

    vocabulary:     a function that gives the other names of nodes, in order of depth.
    style, content: the default layers.
    chain:          whether the network is a chain, without branches.
    scaling:        how the input is scaled.
    options:        arguments for torchvision's builder.
    """

    vocabulary: Callable[[Iterable[str]], names.Names]
    style: tuple[str, ...]
    content: tuple[str, ...]
    chain: bool = False
    scaling: InputScaling = IMAGENET
    options: dict[str, bool] = field(default_factory=dict)


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
    "vgg19_bn": Architecture(partial(names.vgg_bn, widths=VGG19), STYLE_LAYERS, CONTENT_LAYERS, chain=True),
    "vgg16_bn": Architecture(partial(names.vgg_bn, widths=VGG16), STYLE_LAYERS, CONTENT_LAYERS, chain=True),
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
        scaling=INCEPTION,
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
    seen = node_geometries(traced)
    # A layer's geometry is the same along both axes; nodes inside Inception's blocks that see an oblong are left out.
    square = {node: one.rows for node, one in seen.items() if one.rows is not None and one.rows == one.columns}
    offered = {torchvision: node for torchvision, node in nodes.items() if node in square and node != "x"}
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
                geometry=square[node],
                torchvision=torchvision,
                keras=keras,
                literature=literature,
                others=tuple(block for block, last in blocks.items() if last == torchvision and block not in offered),
            )
        )
    ours = {layer.name: offered[layer.torchvision] for layer in layers}
    body = cut(traced, ours)
    renamed = dict(zip(ours, _outputs(body)))
    return Network(body, renamed, tuple(layers), architecture.scaling)


def _outputs(body: fx.GraphModule) -> list[str]:
    """The nodes whose maps a cut graph returns, in its order: copying may have renamed them."""
    end = next(node for node in body.graph.nodes if node.op == "output")
    maps = end.args[0]
    assert isinstance(maps, dict)
    return [node.name for node in maps.values()]


def _average(model: nn.Module) -> None:
    for path, module in list(model.named_modules()):
        if isinstance(module, nn.MaxPool2d):
            parent, _, own = path.rpartition(".")
            pooling = nn.AvgPool2d(module.kernel_size, module.stride, module.padding, count_include_pad=False)
            setattr(model.get_submodule(parent), own, pooling)
