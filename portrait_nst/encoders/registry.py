"""Encoders by name."""

from __future__ import annotations

from pathlib import Path

from portrait_nst.encoders import embedded, pretrained
from portrait_nst.encoders.encoder import Encoder
from portrait_nst.errors import InputError

NAMES = ("embedded", "vgg19", "vgg16")


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
    raise InputError(f"There is no encoder {name!r}. Choose one of: {', '.join(NAMES)}.")
