"""Learned networks as files: safetensors, which hold numbers and text and never code.

Weights are float16, or int8 with a scale for each output channel (*compact*: half as large); covariances are float32 upper
triangles. What the file is about stands in its metadata, as JSON under the key ``portrait_nst``, with a sha256 over all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from portrait_nst.errors import InputError, ModelError, first_line
from portrait_nst.imaging import write_atomic
from portrait_nst.instant.decoder import FEATURES, LEVELS, Decoder
from portrait_nst.instant.gaussian import Gaussian
from portrait_nst.instant.metadata import Metadata, Unfit, from_json, to_json
from portrait_nst.instant.network import Network

SUFFIX = ".safetensors"
LARGEST = 8 << 20  # bytes of a file that is looked at; those we write have at most 1 MB, or 3 with 10,000 paintings
LEVEL_STEPS = 127  # of int8, on either side of 0
TRIANGLE = FEATURES * (FEATURES + 1) // 2


def save(network: Network, path: str | Path, *, compact: bool = False, overwrite: bool = False) -> Path:
    """Write `network` to `path`, whole or not at all; returns the path.

    compact: weights as int8, which halves the file; the painting changes by a few of 255 levels.

    Raises InputError for a name or folder that cannot be written, ResourceError where the disk is full.
    """
    write_atomic(Path(path), to_bytes(network, compact=compact), overwrite=overwrite)
    return Path(path)


def load(source: str | Path | bytes) -> Network:
    """The network in a file, or in the bytes of one; weights are float32.

    Raises InputError where the file cannot be read, ModelError where it is damaged, of another version, or not ours.
    """
    if isinstance(source, bytes):
        return from_bytes(source)
    try:
        with Path(source).open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"The learned file {source} cannot be read: {reason}.") from None
    return from_bytes(data, str(source))


def to_bytes(network: Network, *, compact: bool = False) -> bytes:
    """The bytes of the file of `network`: the same for the same network. Raises ModelError for values that are not finite."""
    from safetensors.torch import save as serialized

    tensors: dict[str, Tensor] = {}
    for name, value in network.decoder.state_dict().items():
        value, key = value.detach().float().cpu().contiguous(), f"decoder.{name}"
        if compact and value.ndim > 1:
            tensors[key], tensors[f"{key}.scale"] = _quantized(value)
        else:
            tensors[key] = value.half()
    upper, weights = torch.triu_indices(FEATURES, FEATURES).unbind(), "int8" if compact else "float16"
    for level, target in enumerate(network.targets):
        tensors[f"targets.{level}.mean"] = target.mean.detach().float().cpu().contiguous()
        tensors[f"targets.{level}.covariance"] = target.covariance.detach().float().cpu()[upper].contiguous()
    try:
        _check_tensors(tensors, weights, len(network.targets))
        text = to_json(Metadata(weights, network.scale, network.grain, network.about), _body(serialized(tensors)))
    except Unfit as error:
        raise ModelError(f"This network cannot be written to a file: {error}.") from None
    return serialized(tensors, {"portrait_nst": text})


def from_bytes(data: bytes, name: str = "The learned network") -> Network:
    """The network in the bytes of a file called `name` in errors. Raises ModelError as `load` does."""
    try:
        return _parsed(data)
    except Unfit as error:
        raise ModelError(
            f"{name} cannot be used as a learned network: {error}. Expected a file that `portrait-nst learn` wrote."
        ) from None


def _parsed(data: bytes) -> Network:
    from safetensors.torch import load as deserialized

    if len(data) > LARGEST:
        raise Unfit(f"it has more than {LARGEST >> 20} MB")
    header = _header(data)
    described = header.get("__metadata__")
    if not isinstance(described, dict) or not isinstance(described.get("portrait_nst"), str):
        raise Unfit("it is a safetensors file of another program")
    metadata = from_json(described["portrait_nst"], _body(data))
    try:
        tensors = deserialized(data)
    except Exception as error:  # safetensors' own kind, and those of torch and Python for types and shapes it lets pass
        raise Unfit(f"it is damaged ({first_line(error)})") from None
    levels = LEVELS if metadata.about.steps or "targets.0.mean" in tensors else 0
    _check_tensors(tensors, metadata.weights, levels)
    with torch.device("meta"):
        decoder = Decoder()
    decoder.load_state_dict({key: _weights(tensors, f"decoder.{key}") for key in decoder.state_dict()}, assign=True)
    targets = tuple(_target(tensors, level) for level in range(levels))
    return Network(decoder, targets, metadata.scale, metadata.grain, metadata.about)


def _header(data: bytes) -> dict[str, Any]:
    """The JSON header of safetensors: its length in 8 bytes, then the text."""
    if not data:
        raise Unfit("it is empty (0 bytes)")
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or not data[8:9] == b"{":
        raise Unfit("it is no safetensors file")
    if length > len(data) - 8:
        raise Unfit("it is damaged or cut off (it is shorter than its header says)")
    try:
        header = json.loads(data[8 : 8 + length])
    except (ValueError, RecursionError):
        raise Unfit("it is damaged (its header is no JSON)") from None
    assert isinstance(header, dict)  # what begins with a brace
    return header


def _body(data: bytes) -> memoryview:
    return memoryview(data)[8 + int.from_bytes(data[:8], "little") :]


@cache
def _shapes() -> dict[str, torch.Size]:
    with torch.device("meta"):
        return {f"decoder.{name}": value.shape for name, value in Decoder().state_dict().items()}


def _expected(weights: str, levels: int) -> dict[str, tuple[torch.dtype, tuple[int, ...]]]:
    """The type and shape of each tensor of a file."""
    found: dict[str, tuple[torch.dtype, tuple[int, ...]]] = {}
    for name, shape in _shapes().items():
        compact = weights == "int8" and len(shape) > 1
        found[name] = (torch.int8 if compact else torch.float16, tuple(shape))
        if compact:
            found[f"{name}.scale"] = (torch.float32, (shape[0],))
    for level in range(levels):
        found[f"targets.{level}.mean"] = (torch.float32, (FEATURES,))
        found[f"targets.{level}.covariance"] = (torch.float32, (TRIANGLE,))
    return found


def _check_tensors(tensors: Mapping[str, Tensor], weights: str, levels: int) -> None:
    """Raise Unfit for tensors that are missing, foreign, of another type or shape, or not finite."""
    expected = _expected(weights, levels)
    if missing := sorted(expected.keys() - tensors.keys()):
        raise Unfit(f"it lacks {missing[0]}")
    if foreign := sorted(tensors.keys() - expected.keys()):
        raise Unfit(f"it holds {foreign[0][:60]!r}, which is no part of such a network")
    for name, (dtype, shape) in expected.items():
        found = tensors[name]
        if found.dtype != dtype or tuple(found.shape) != shape:
            kinds = f"{found.dtype} {tuple(found.shape)}, expected {dtype} {shape}".replace("torch.", "")
            raise Unfit(f"its {name} is {kinds}")
        if found.is_floating_point() and not bool(found.isfinite().all()):
            raise Unfit(f"its {name} holds values that are not finite")


def _quantized(weights: Tensor) -> tuple[Tensor, Tensor]:
    """int8 numbers, and the float32 scale (out,) of each output channel by which they are multiplied."""
    scale = weights.flatten(1).abs().amax(1) / LEVEL_STEPS
    steps = weights / scale.clamp_min(torch.finfo(torch.float32).tiny).view(-1, *(1,) * (weights.ndim - 1))
    return steps.round().clamp(-LEVEL_STEPS, LEVEL_STEPS).to(torch.int8), scale


def _weights(tensors: Mapping[str, Tensor], key: str) -> Tensor:
    value, scale = tensors[key].float(), tensors.get(f"{key}.scale")
    if scale is not None:
        value = value * scale.view(-1, *(1,) * (value.ndim - 1))
        if not bool(value.isfinite().all()):
            raise Unfit(f"its {key} holds values that are not finite")
    return value


def _target(tensors: Mapping[str, Tensor], level: int) -> Gaussian:
    covariance = torch.zeros(FEATURES, FEATURES, dtype=torch.float64)
    upper = torch.triu_indices(FEATURES, FEATURES).unbind()
    covariance[upper] = tensors[f"targets.{level}.covariance"].double()
    return Gaussian(tensors[f"targets.{level}.mean"].double(), covariance + covariance.triu(1).mT)
