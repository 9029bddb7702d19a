"""Encoders by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch

from portrait_nst.encoders import embedded, pretrained
from portrait_nst.encoders.architectures import ARCHITECTURES, build
from portrait_nst.encoders.encoder import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.errors import InputError

NAMES = ("embedded", "vgg19", "vgg16", *ARCHITECTURES)


def get(name: str, weights: str | Path | None = None, *, pooling: str = "average") -> Encoder:
    """The encoder called `name`, with weights from the file `weights` or from where they belong.

    Raises InputError for an unknown name, ModelError where weights are missing, damaged or do not fit.
    """
    path = None if weights is None else Path(weights)
    if path is not None and not path.is_file():
        raise InputError(
            f"The weights file {path} does not exist. Give --weights the path of a .pth, .pt or .npz file."
        )
    if name == "embedded":
        return embedded.load(path)
    if name in pretrained.WIDTHS:
        return pretrained.load(name, path, pooling=pooling)
    if name in ARCHITECTURES:
        return pretrained.load_network(name, path, pooling=pooling)
    raise _unknown(name)


def blueprint(name: str) -> Encoder:
    """The encoder called `name` without weights, to know its layers: nothing is downloaded and nothing can be computed.

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
    """Raise InputError if the encoder called `name`, or one of its `layers`, each with or without ":weight", does not exist.

    Nothing is downloaded.
    """
    encoder = blueprint(name)
    for layer in layers:
        encoder.resolve(layer.partition(":")[0])


def _unknown(name: str) -> InputError:
    return InputError(f"There is no encoder {name!r}. Choose one of: {', '.join(NAMES)}.")
