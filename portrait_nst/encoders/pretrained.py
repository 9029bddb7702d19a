"""torchvision's networks with ImageNet weights, from its weights API or from a file; weights for faces from a file.

Only the tensors of a downloaded file that the maps need are kept (80 of VGG-19's 548 MB), in a folder that the environment
variable PORTRAIT_NST_HOME moves.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import warnings
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from portrait_nst.encoders import face_weights
from portrait_nst.encoders.architectures import ARCHITECTURES, build
from portrait_nst.encoders.encoder import Encoder
from portrait_nst.encoders.network import Network
from portrait_nst.encoders.scaling import CAFFE, IMAGENET
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.encoders.vgg_layout import (
    CONTENT_LAYERS,
    SHALLOW_CONTENT_LAYERS,
    SHALLOW_STYLE_LAYERS,
    STYLE_LAYERS,
    VGG16,
    VGG19,
    Widths,
    torchvision_nodes,
)
from portrait_nst.errors import ModelError, first_line
from portrait_nst.resources import HOME, cache_folder, file_digest, kept_folder

WIDTHS: dict[str, Widths] = {"vgg19": VGG19, "vgg16": VGG16}
_RIGHT_ENCODER = "Choose the --encoder that the weights were made for."


def load(name: str, path: Path | None = None, *, pooling: str = "average") -> Encoder:
    """VGG `name` ("vgg19", "vgg16").

    A file's state dict may name its tensors as torchvision does (``features.0.weight``; input scaled by ImageNet's mean and
    deviation), as Caffe's conversions do (``conv1_1.weight``; BGR, 0 to 255, less the mean), or be VGG-Face's (see `faces`),
    and may end early: the layers up to where it ends are offered. Raises ModelError.
    """
    if path is None:
        path = _fetched(name, lambda key: key.startswith("features."))
    state, scaling = face_weights.vgg_face(read_state(path), path)
    if "conv1_1.weight" in state:
        ours = {key: value for key, value in state.items() if key.startswith("conv")}
        scaling = scaling or CAFFE
    else:
        ours = _from_torchvision(state, WIDTHS[name])
    widths = _present(ours, WIDTHS[name])
    if not widths:
        raise ModelError(
            f"{path} holds no weights of {name}: expected tensors called features.0.weight ... or conv1_1.weight ..., "
            f"found {', '.join(sorted(state)[:3]) or 'none'}."
        )
    net = Vgg(widths, scaling=scaling or IMAGENET, pooling=pooling)
    names = [f"{conv}.{kind}" for conv in net.convolutions for kind in ("weight", "bias")]
    strange = sorted(key for key in ours if key not in names)
    if strange:  # a deeper or differently built network that merely begins alike
        raise ModelError(
            f"{path} does not fit {name}: besides the convolutions up to {list(net.convolutions)[-1]} it holds {strange[0]}. "
            f"Choose the encoder that the weights were made for: {' or '.join(WIDTHS)}."
        )
    try:
        net.load_state_dict({f"convolutions.{key}": ours[key] for key in names})
    except KeyError as error:
        raise ModelError(f"{path} does not fit {name}: {error.args[0]} is missing.") from error
    except RuntimeError as error:
        raise ModelError(f"{path} does not fit {name}: {str(error).splitlines()[-1].strip()}") from error
    return encoder(name, net, file_digest(path))


def load_network(name: str, path: Path | None = None, *, pooling: str = "average") -> Encoder:
    """One of `ARCHITECTURES`, from torchvision's weights or from a state dict with torchvision's names.

    ResNet-50 takes VGGFace2's weights too (see `faces`). Raises ModelError.
    """
    scaling = None
    if path is None:
        needed = _needed(build(name))
        path = _fetched(name, lambda key: key in needed)
        state = read_state(path)
    else:
        state = read_state(path)
        if name == "resnet50":
            state, scaling = face_weights.vggface2(state, path)
    net = build(name, pooling=pooling, change=face_weights.as_caffe if scaling else None)
    if scaling:
        net.scale_input(scaling)
    fill(net, state, name, path)
    return encoder(name, net, file_digest(path))


def encoder(name: str, net: Vgg | Network, sha256: str) -> Encoder:
    """`net` as an encoder, with its layers and the default ones."""
    net.requires_grad_(False).eval()
    if isinstance(net, Network):
        kind = ARCHITECTURES[name]
        return Encoder(name, net, tuple(layer.name for layer in net.described()), kind.style, kind.content, 1, sha256)
    layers = tuple(conv.replace("conv", "relu") for conv in net.convolutions)
    deep = "relu4_2" in layers
    style = tuple(layer for layer in (STYLE_LAYERS if deep else SHALLOW_STYLE_LAYERS) if layer in layers)
    content = CONTENT_LAYERS if deep else SHALLOW_CONTENT_LAYERS if "relu3_2" in layers else (layers[-1],)
    return Encoder(name, net, layers, style, content, 1 if deep else 3, sha256)


def _needed(net: Network) -> dict[str, Tensor]:
    """The tensors that `net` must be given: all but the number of batches seen in training."""
    return {key: value for key, value in net.body.state_dict().items() if not key.endswith("num_batches_tracked")}


def fill(net: Network, state: dict[str, Tensor], name: str, path: Path | str) -> None:
    """Give `net` the tensors of `state`; those after the last map are not needed. Raises ModelError."""
    needed = _needed(net)
    missing = [key for key in needed if key not in state]
    if len(missing) == len(needed):
        raise ModelError(
            f"{path} holds no weights of {name}: expected tensors called {missing[0]} ..., "
            f"found {', '.join(sorted(state)[:3]) or 'none'}."
        )
    if missing:
        raise ModelError(f"{path} does not fit {name}: {missing[0]} is missing. {_RIGHT_ENCODER}")
    parts = {key.partition(".")[0] for key in needed}
    for key, value in state.items():
        if key in needed and value.shape != needed[key].shape:
            shapes = f"has the shape {tuple(value.shape)}, expected {tuple(needed[key].shape)}"
            raise ModelError(f"{path} does not fit {name}: {key} {shapes}. {_RIGHT_ENCODER}")
        if key not in needed and key.partition(".")[0] in parts and not key.endswith("num_batches_tracked"):
            raise ModelError(f"{path} does not fit {name}, which has no {key}. {_RIGHT_ENCODER}")
    net.body.to_empty(device="cpu")
    zeros = {key: torch.zeros_like(value) for key, value in net.body.state_dict().items() if key not in needed}
    net.body.load_state_dict({**{key: state[key] for key in needed}, **zeros})


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a .pth/.pt state dict or an .npz, by name. No code in the file is run."""
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                return {key: torch.from_numpy(archive[key].astype(np.float32)) for key in archive.files}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, about the pickle of a damaged file
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch and numpy raise a dozen kinds for a damaged file
        # What they say is of no use: numpy and torch would advise to run the file's code, or speak of their own insides.
        unreadable = error.strerror if isinstance(error, OSError) else None
        reason = unreadable or "it is damaged, cut short, or holds more than tensors"
        raise ModelError(
            f"{path} cannot be read as a state dict (.pth, .pt) or .npz: {reason}. Get the file again, or give another."
        ) from error
    if isinstance(state, dict):
        state = state.get("state_dict", state)
    if not isinstance(state, dict):
        raise ModelError(f"{path} holds a {type(state).__name__}, not a state dict.")
    return {str(key).removeprefix("module."): value for key, value in state.items() if isinstance(value, Tensor)}


def _from_torchvision(state: dict[str, Tensor], widths: Widths) -> dict[str, Tensor]:
    """The tensors of ``features``, by our names where they have one."""
    nodes = torchvision_nodes(widths)
    found = {}
    for key, value in state.items():
        node, _, kind = key.rpartition(".")
        if node.startswith("features."):
            layer = nodes.get(node, node)
            found[f"{layer if layer.startswith('conv') else node}.{kind}"] = value
    return found


def _present(state: dict[str, Tensor], widths: Widths) -> Widths:
    """The leading part of `widths` for which there are weights."""
    kept: list[tuple[int, ...]] = []
    for block, block_widths in enumerate(widths, start=1):
        count = 0
        while count < len(block_widths) and f"conv{block}_{count + 1}.weight" in state:
            count += 1
        if count:
            kept.append(block_widths[:count])
        if count < len(block_widths):
            break
    return tuple(kept)


def _fetched(name: str, wanted: Callable[[str], bool]) -> Path:
    """The `wanted` tensors of torchvision's weights, downloaded once, hash checked."""
    from torchvision.models import get_model_weights

    weights = get_model_weights(name)["IMAGENET1K_V1"]
    original = weights.url.rsplit("/", 1)[1]
    kept = cache_folder() / f"{Path(original).stem}-features.pth"
    if kept.is_file():
        return kept
    if kept_folder() is None:
        raise ModelError(
            f"The weights of {name} cannot be downloaded: {kept.parent} may not be written. Set {HOME} to a folder that may, "
            f"give {original} with --weights FILE, or use the embedded encoder (--encoder embedded)."
        )
    try:
        with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
            with contextlib.redirect_stdout(sys.stderr):  # torch announces the download on standard output
                state = weights.get_state_dict(progress=False, check_hash=True, model_dir=folder, weights_only=True)
            part = Path(folder) / "part.pth"
            torch.save({key: value for key, value in state.items() if wanted(key)}, part)
            part.replace(kept)
    except (OSError, HTTPException, RuntimeError) as error:  # URLError is an OSError; a wrong hash is a RuntimeError
        raise ModelError(
            f"The weights of {name} are not on this machine and could not be downloaded ({first_line(error)}). Get {original} "
            f"from torchvision's model page and give it with --weights FILE, or use the embedded encoder "
            f"(--encoder embedded), which needs no download."
        ) from error
    return kept
