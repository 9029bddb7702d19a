"""The names that Keras and the literature have for the nodes of torchvision's networks.

Each function maps the name of a node to (Keras' name, the literature's name), empty where there is none. Keras' networks
are those of `keras.applications`; where theirs differ from torchvision's (the stride of a ResNet's bottleneck is on its
first convolution there, on its second here) the name means the map at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from portrait_nst.encoders.vgg_layout import Widths, keras_name, layer_names

Names = dict[str, tuple[str, str]]

RESNET_STEM = {"conv1": "conv1_conv", "bn1": "conv1_bn", "relu": "conv1_relu", "maxpool": "pool1_pool"}
BOTTLENECK = {
    "conv1": "1_conv",
    "bn1": "1_bn",
    "relu": "1_relu",
    "conv2": "2_conv",
    "bn2": "2_bn",
    "relu_1": "2_relu",
    "conv3": "3_conv",
    "bn3": "3_bn",
    "downsample.0": "0_conv",
    "downsample.1": "0_bn",
    "add": "add",
    "relu_2": "out",
}
ALEXNET = [f"{kind}{n}" for n in range(1, 6) for kind in ("conv", "relu", "pool") if kind != "pool" or n in (1, 2, 5)]
MIXED = ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")
CONV_BN_ACTIVATION = ("conv", "bn", "activation")


def vgg_bn(nodes: Iterable[str], widths: Widths) -> Names:
    """A VGG with batch normalisation: ``conv4_2``, ``bn4_2``, ``relu4_2``, ``pool4``; Keras' ``block4_conv2`` is rectified."""
    return {node: (keras_name(name), name) for node, name in zip(nodes, layer_names(widths, batch_norm=True))}


def alexnet(nodes: Iterable[str]) -> Names:
    """Krizhevsky's conv1 ... conv5, relu1 ... relu5, and the poolings; Keras has no AlexNet."""
    return {node: ("", name) for node, name in zip(nodes, ALEXNET)}


def resnet(nodes: Iterable[str]) -> Names:
    """``layer3.0.bn2`` is ``conv4_block1_2_bn``."""
    found = {node: (name, "") for node, name in RESNET_STEM.items()}
    for node in nodes:
        if match := re.fullmatch(r"layer(\d)\.(\d+)\.(.+)", node):
            stage, block = int(match[1]) + 1, int(match[2]) + 1
            found[node] = (f"conv{stage}_block{block}_{BOTTLENECK[match[3]]}", "")
    return found


def inception(nodes: Iterable[str]) -> Names:
    """``mixed0`` to ``mixed10``: where each block's branches are joined. Keras numbers the rest anew in every session."""
    found: Names = {}
    for node in nodes:  # a block's last junction overwrites those inside it
        if match := re.fullmatch(r"Mixed_(\d.)\.cat(_\d)?", node):
            number = MIXED.index(match[1])
            for inner, (name, _) in list(found.items()):
                if name == f"mixed{number}":
                    del found[inner]
            found[node] = (f"mixed{number}", "")
    return found


def efficientnet(nodes: Iterable[str]) -> Names:
    """``features.2.0.block.0.2`` is ``block2a_expand_activation``, ``features.6.3.add`` is ``block6d_add``."""
    nodes = list(nodes)
    last = max(int(node.split(".")[1]) for node in nodes if node.startswith("features."))
    found: Names = {}
    for node in nodes:
        if match := re.fullmatch(r"features\.(\d+)\.(\d)", node):
            where = {0: "stem", last: "top"}[int(match[1])]
            found[node] = (f"{where}_{CONV_BN_ACTIVATION[int(match[2])]}", "")
        elif match := re.fullmatch(r"features\.(\d+)\.(\d+)\.(add|block\.(\d)\.(\d|mul))", node):
            block = f"block{match[1]}{'abcdefghijklmnopqrstuvwxyz'[int(match[2])]}"
            if match[3] == "add":
                found[node] = (f"{block}_add", "")
                continue
            gate = next(n for n in nodes if re.fullmatch(rf"features\.{match[1]}\.{match[2]}\.block\.\d\.mul", n))
            # Parts up to the gate: (expansion,) depthwise convolution, gate, projection.
            before = int(gate.split(".")[4]) - int(match[4])
            if match[5] == "mul":
                found[node] = (f"{block}_se_excite", "")
                continue
            kind = CONV_BN_ACTIVATION[int(match[5])]
            part = {2: f"expand_{kind}", 1: "dwconv" if kind == "conv" else kind, -1: f"project_{kind}"}[before]
            found[node] = (f"{block}_{part}", "")
    return found
