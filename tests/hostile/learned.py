"""Hostile learned files: damaged, cut off, with other tensors, another description, or numbers that are none."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

from tests.hostile import cases, texts
from tests.hostile.flips import Rng


@functools.cache
def _whole() -> list[bytes]:
    """A learned file, a compact one, and the universal start."""
    from portrait_nst import resources
    from portrait_nst.instant import files
    from tests.instant.networks import network

    start = resources.models_folder() / "instant" / "universal.safetensors"
    return [files.to_bytes(network()), files.to_bytes(network(), compact=True), start.read_bytes()]


def hostile_learned(rng: Rng) -> bytes:
    """A learned file with its bytes, header, description or numbers changed; in most the sha256 fits again."""
    from portrait_nst.instant.metadata import _digest

    known, kind = _whole(), rng.random()
    data = known[int(rng.integers(len(known)))]
    if kind < 0.15:
        return cases.changed(rng, data)
    end = 8 + int.from_bytes(data[:8], "little")
    header: Any = json.loads(data[8:end])
    body = data[end:]
    described = header.pop("__metadata__")
    values: Any = json.loads(described["portrait_nst"])
    if kind < 0.4:
        body = cases.changed(rng, body)
    elif kind < 0.55:
        header = texts.json_value(rng, header)
    elif kind < 0.85:
        values = texts.json_value(rng, copy.deepcopy(values))
    if isinstance(values, dict):
        values["sha256"] = _digest(
            {name: value for name, value in values.items() if name != "sha256"}, memoryview(body)
        )
    text = texts.dumps(values) if kind < 0.9 else texts.mutated(rng, texts.dumps(values)).decode("latin-1")
    if isinstance(header, dict):
        header["__metadata__"] = {"portrait_nst": text}
    head = texts.dumps(header).encode("utf-8", "surrogatepass")
    return len(head).to_bytes(8, "little") + head + body


def read_learned(data: bytes, folder: Path) -> object:
    """What a learned file as a style, or one in the cache, is read by; what is read can be written again."""
    from portrait_nst.instant import files

    path = folder / "painting.safetensors"
    path.write_bytes(data)
    network = files.load(path)
    return files.to_bytes(network), files.to_bytes(network, compact=True)
