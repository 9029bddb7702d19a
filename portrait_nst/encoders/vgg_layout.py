"""How a VGG is put together: its widths, and the names of its layers in order.

Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014.
"""

from __future__ import annotations

Widths = tuple[tuple[int, ...], ...]  # channels of each convolution, block by block

VGG16: Widths = ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3)
VGG19: Widths = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")  # Gatys et al. 2016
CONTENT_LAYERS = ("relu4_2",)
SHALLOW_STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu3_4")  # for a network of three blocks
SHALLOW_CONTENT_LAYERS = ("relu3_2",)


def layer_names(widths: Widths, *, batch_norm: bool = False) -> list[str]:
    """The literature's names in order: ``conv1_1``, (``bn1_1``,) ``relu1_1``, ... ``pool1``, ``conv2_1``, ...

    They are those of the modules of torchvision's ``features``, one by one.
    """
    kinds = ("conv", "bn", "relu") if batch_norm else ("conv", "relu")
    names = []
    for block, block_widths in enumerate(widths, start=1):
        names += [f"{kind}{block}_{index}" for index in range(1, len(block_widths) + 1) for kind in kinds]
        names.append(f"pool{block}")
    return names


def keras_name(name: str) -> str:
    """Keras' name of a layer, whose maps are rectified: ``block4_conv2`` for ``relu4_2``; empty where it has none."""
    if name.startswith("relu"):
        block, index = name.removeprefix("relu").split("_")
        return f"block{block}_conv{index}"
    return f"block{name.removeprefix('pool')}_pool" if name.startswith("pool") else ""


def torchvision_nodes(widths: Widths) -> dict[str, str]:
    """Our layer names by torchvision's: ``{"features.0": "conv1_1", "features.1": "relu1_1", ...}``, without poolings."""
    names = enumerate(layer_names(widths))
    return {f"features.{number}": name for number, name in names if not name.startswith("pool")}
