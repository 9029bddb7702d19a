"""Encoders by name, and networks that recognise faces by the file of their weights."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch

from portrait_nst.encoders import embedded, face_weights, pretrained
from portrait_nst.encoders.architectures import ARCHITECTURES, build
from portrait_nst.encoders.encoder import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.errors import InputError, ModelError

NAMES = ("embedded", "vgg19", "vgg16", *ARCHITECTURES)


def get(name: str, weights: str | Path | None = None, *, pooling: str = "average") -> Encoder:
    """The encoder called `name`, with weights from the file `weights` or, by default, from the package or from torchvision.

    Raises InputError for an unknown name, ModelError where weights are missing, damaged or do not fit.
    """
    path = None if weights is None else _existing(weights, "--weights")
    if name == "embedded":
        return embedded.load(path)
    if name in pretrained.WIDTHS:
        return pretrained.load(name, path, pooling=pooling)
    if name in ARCHITECTURES:
        return pretrained.load_network(name, path, pooling=pooling)
    raise _unknown(name)


def blueprint(name: str) -> Encoder:
    """The encoder called `name` without weights, to learn its layers from; nothing is downloaded and nothing can be computed.

    Raises InputError for an unknown name.
    """
    if name == "embedded":
        return embedded.load()
    if name in pretrained.WIDTHS:
        with torch.device("meta"):
            return pretrained.encoder(name, Vgg(pretrained.WIDTHS[name]), "")
    if name in ARCHITECTURES:
        return pretrained.encoder(name, build(name), "")
    raise _unknown(name)


def check_layers(name: str, layers: Iterable[str]) -> None:
    """Raise InputError if there is no encoder called `name`, or if it lacks one of `layers`, with or without ":weight".

    Nothing is downloaded.
    """
    encoder = blueprint(name)
    for layer in layers:
        encoder.resolve(layer.partition(":")[0])


def recogniser(weights: str | Path) -> Encoder:
    """A network that recognises faces: VGG-Face or VGGFace2, whichever the names of the tensors in the file say; see `faces`.

    Raises InputError where there is no such file, ModelError where it is neither.
    """
    path = _existing(weights, "--identity-weights")
    state = pretrained.read_state(path)
    residual = any(name.startswith(("layer1.", "conv2_1_1x1")) for name in state)
    _, scaling = (face_weights.vggface2 if residual else face_weights.vgg_face)(state, path)
    if not scaling:
        raise ModelError(
            f"{path} is not known for the weights of a face-recognition network. --identity-weights takes VGG-Face (VGG-16) and "
            'VGGFace2 (ResNet-50); where their last layer was removed, have "face" in the file\'s name.'
        )
    return pretrained.load_network("resnet50", path) if residual else pretrained.load("vgg16", path)


def _existing(weights: str | Path, option: str) -> Path:
    if not Path(weights).is_file():
        raise InputError(
            f"The weights file {weights} does not exist. Give {option} the path of a .pth, .pt or .npz file."
        )
    return Path(weights)


def _unknown(name: str) -> InputError:
    return InputError(f"There is no encoder {name!r}. Choose one of: {', '.join(NAMES)}.")
