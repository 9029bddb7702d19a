"""Small networks with random weights, and files of such weights."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.network import Network
from portrait_nst.encoders.scaling import InputScaling
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.encoders.vgg_layout import VGG16, VGG19, Widths

EMBEDDED: Widths = ((2, 2), (2, 2), (2, 2, 2, 2))
SHAPES: dict[str, Widths] = {
    "embedded": EMBEDDED,
    "vgg16": tuple((2,) * len(block) for block in VGG16),
    "vgg19": tuple((2,) * len(block) for block in VGG19),
}


def vgg(loaded: Encoder) -> Vgg:
    """The network of an encoder that is a VGG."""
    assert isinstance(loaded.net, Vgg)
    return loaded.net


def network(loaded: Encoder) -> Network:
    """The network of an encoder that is one of torchvision's others."""
    assert isinstance(loaded.net, Network)
    return loaded.net


def convolution(net: Vgg, name: str) -> torch.nn.Conv2d:
    """One of a VGG's convolutions, such as ``conv4_2``."""
    found = net.convolutions[name]
    assert isinstance(found, torch.nn.Conv2d)
    return found


def parameters(net: Vgg, name: str) -> tuple[Tensor, Tensor]:
    """The weight and the bias of one of a VGG's convolutions."""
    found = convolution(net, name)
    assert found.bias is not None
    return found.weight, found.bias


def names(widths: Widths, kind: str = "relu") -> tuple[str, ...]:
    return tuple(f"{kind}{b}_{i}" for b, block in enumerate(widths, 1) for i in range(1, len(block) + 1))


def encoder(widths: Widths = EMBEDDED, *, pooling: str = "average", seed: int = 0) -> Encoder:
    """An encoder of these widths with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = Vgg(widths, pooling=pooling)
    layers = names(widths)
    return Encoder("small", net.requires_grad_(False).eval(), layers, layers, layers[-1:], 1, "0" * 64)


def torchvision_state(widths: Widths, *, batch_norm: bool = False, seed: int = 0) -> dict[str, Tensor]:
    """A state dict of random weights named as torchvision names those of a VGG, with a piece of its classifier."""
    from torchvision.models.vgg import make_layers

    plan: list[int | str] = []
    for block in widths:
        plan += [*block, "M"]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        features = make_layers(plan, batch_norm)
    state = {f"features.{name}": value for name, value in features.state_dict().items()}
    return {**state, "classifier.0.weight": torch.zeros(2, 2), "classifier.0.bias": torch.zeros(2)}


def caffe_state(widths: Widths, seed: int = 0) -> dict[str, np.ndarray]:
    """The same named as Caffe's conversions do."""
    state = torchvision_state(widths, seed=seed)
    convolutions = [name.removesuffix(".weight") for name, value in state.items() if value.ndim == 4]
    return {
        f"{ours}.{kind}": state[f"{theirs}.{kind}"].numpy()
        for ours, theirs in zip(names(widths, "conv"), convolutions)
        for kind in ("weight", "bias")
    }


def embedded_arrays(**changes: np.ndarray) -> dict[str, np.ndarray]:
    """What the file of an embedded encoder holds, small."""
    maps = {f"relu{name}.map": np.eye(3, 2, dtype=np.float32) for name in ("1_1", "2_1", "3_1", "3_2", "3_4")}
    return {**caffe_state(EMBEDDED), **maps, **changes}


def write_npz(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    np.savez(path, **arrays)  # type: ignore[arg-type]
    return path


def model(name: str, seed: int = 0, **options: object) -> torch.nn.Module:
    """torchvision's own network with random weights and, where there are any, random statistics."""
    from torchvision.models import get_model

    if name == "inception_v3":
        options = {"init_weights": False, "transform_input": True, **options}
    with torch.device("meta"):  # torchvision's own way of drawing weights takes seconds
        made: torch.nn.Module = get_model(name, weights=None, **options)
    if name.startswith("vgg"):
        made.classifier = torch.nn.Identity()  # half a gigabyte
    made.to_empty(device="cpu")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for key, value in made.state_dict().items():
            if value.ndim > 1:
                torch.nn.init.kaiming_uniform_(value)
            elif value.is_floating_point():
                value.uniform_(0.5, 1.5) if key.endswith(("running_var", ".weight")) else value.normal_(0, 0.1)
            else:
                value.zero_()
    return made.eval()


@cache
def blueprint(name: str) -> Encoder:
    from portrait_nst import encoders

    return encoders.blueprint(name)


def linear(name: str, *, averaging: bool = False, faces: bool = False) -> Network:
    """The network `name` in float64 with random positive weights and no biases: positive in, positive out, never a cancellation.

    With `averaging` maximum poolings average, so that gradients reach all that is seen, and gates are cut off from them.
    """
    from portrait_nst.encoders import architectures
    from portrait_nst.encoders.face_weights import as_caffe

    net = architectures.build(name, change=as_caffe if faces else None)
    net.body.to_empty(device="cpu").double()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for key, value in net.body.state_dict().items():
            if value.ndim == 4:
                value.uniform_(0.5, 1.5).div_(value[0].numel())
            else:
                value.fill_(1 if key.endswith(("running_var", ".weight")) and value.ndim == 1 else 0)
    net.scale_input(InputScaling((0, 0, 0), (1, 1, 1)))
    if averaging:
        _average(net)
    return net.double()


def _average(net: Network) -> None:
    from torch.nn import functional as F

    def averaged(x: Tensor, kernel_size: int, stride: int, padding: int, **_: object) -> Tensor:
        return F.avg_pool2d(x, kernel_size, stride, padding)

    for node in net.body.graph.nodes:
        if node.target is F.max_pool2d:
            node.target = averaged
    for path, module in list(net.body.named_modules()):
        if isinstance(module, torch.nn.MaxPool2d):
            parent, _, own = path.rpartition(".")
            pooling = torch.nn.AvgPool2d(module.kernel_size, module.stride, module.padding, module.ceil_mode)
            setattr(net.body.get_submodule(parent), own, pooling)
        elif isinstance(module, torch.nn.Sigmoid):
            module.register_forward_hook(lambda module, inputs, output: output.detach())
