"""Small networks with random weights, and files of such weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import Encoder
from portrait_nst.encoders.vgg import VGG16, VGG19, Vgg, Widths

EMBEDDED: Widths = ((2, 2), (2, 2), (2, 2, 2, 2))
SHAPES: dict[str, Widths] = {
    "embedded": EMBEDDED,
    "vgg16": tuple((2,) * len(block) for block in VGG16),
    "vgg19": tuple((2,) * len(block) for block in VGG19),
}


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
        features = make_layers(plan, batch_norm)  # type: ignore[arg-type]
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
