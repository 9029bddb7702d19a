"""The embedded encoder: a small VGG distilled from VGG-19, shipped with the package."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from portrait_nst import resources
from portrait_nst.encoders.encoder import Encoder
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.encoders.vgg_layout import SHALLOW_CONTENT_LAYERS, SHALLOW_STYLE_LAYERS
from portrait_nst.errors import ModelError

FILE = "embedded.npz"


def load(path: Path | None = None) -> Encoder:
    """The embedded encoder, from `models/` or from an .npz that ``models/train_embedded.py`` wrote. Raises ModelError."""
    try:
        data = resources.model_bytes(FILE) if path is None else path.read_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name].astype(np.float32) for name in archive.files}
        return _build(arrays, hashlib.sha256(data).hexdigest())
    except ModelError:
        raise
    except Exception as error:  # numpy, zipfile and torch raise a dozen kinds for a damaged file and for a foreign one
        reason = (str(error).strip() or type(error).__name__).splitlines()[-1].strip()
        # No .npz (numpy would run its code), or another program's .zip.
        if "pickle" in reason or isinstance(error, AttributeError):
            reason = "it is no .npz file"
        raise ModelError(
            f"{path or FILE} does not hold weights of the embedded encoder ({reason}). Leave --weights out for those of the "
            "package, or choose the --encoder that the file was made for."
        ) from error


def _build(arrays: dict[str, NDArray[np.float32]], sha256: str) -> Encoder:
    widths: list[list[int]] = []
    for name in sorted(n for n in arrays if n.startswith("conv") and n.endswith(".weight")):
        block = int(name[4])
        widths += [[] for _ in range(block - len(widths))]
        widths[block - 1].append(arrays[name].shape[0])
    net = Vgg(tuple(tuple(block) for block in widths))
    net.load_state_dict(
        {f"convolutions.{name}": torch.from_numpy(a) for name, a in arrays.items() if name.startswith("conv")}
    )
    layers = sorted(name.removesuffix(".map") for name in arrays if name.endswith(".map"))  # also the order of depth
    for layer in {*SHALLOW_STYLE_LAYERS, *SHALLOW_CONTENT_LAYERS, *layers}:
        width = arrays[layer.replace("relu", "conv") + ".weight"].shape[0]
        if arrays[f"{layer}.map"].shape[1] != width:
            raise ValueError(f"{layer}.map is {arrays[f'{layer}.map'].shape}, the layer has {width} channels")
    # In float64, so that the float32 result is the same with any number of threads.
    maps = {layer: torch.from_numpy(arrays[f"{layer}.map"]).double() for layer in layers}
    bases = {layer: torch.linalg.qr(found, mode="r").R.float() for layer, found in maps.items()}
    return Encoder(
        name="embedded",
        net=net.requires_grad_(False).eval(),
        layers=tuple(layers),
        style_layers=SHALLOW_STYLE_LAYERS,
        content_layers=SHALLOW_CONTENT_LAYERS,
        levels=3,
        sha256=sha256,
        bases=bases,
    )
