"""Hostile weights and caches: damaged, foreign, with code in them, asking for more than they hold; how they are read."""

from __future__ import annotations

import functools
import io
import json
import re
import zipfile
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from tests.hostile import cases
from tests.hostile.flips import Rng


class Trap:
    """A value whose unpickling would write a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        """What a hostile pickle asks for."""
        return (Path.write_text, (Path("trapped"), "x"))


@functools.cache
def weights() -> dict[str, bytes]:
    """Small files of weights by their suffix and kind: whole, foreign, and with code in them."""
    import torch

    rng = np.random.default_rng(0)
    widths = {1: (4, 4), 2: (4, 4), 3: (4,) * 4}
    arrays: dict[str, Any] = {}
    before = 3
    for block, convolutions in widths.items():
        for index, width in enumerate(convolutions, 1):
            arrays[f"conv{block}_{index}.weight"] = rng.normal(size=(width, before, 3, 3)).astype(np.float32)
            arrays[f"conv{block}_{index}.bias"] = np.zeros(width, np.float32)
            before = width
    for layer in ("relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu3_4"):
        arrays[f"{layer}.map"] = rng.normal(size=(8, 4)).astype(np.float32)
    state = {"features.0.weight": torch.zeros(64, 3, 3, 3), "features.0.bias": torch.zeros(64)}
    found = {}
    for name, compress in ((".npz plain", False), (".npz packed", True)):
        file = io.BytesIO()
        (np.savez_compressed if compress else np.savez)(file, **arrays)
        found[name] = file.getvalue()
    save: Any = torch.save
    for name, value, options in (
        (".pth zip", state, {}),
        (".pth old", state, {"_use_new_zipfile_serialization": False}),
        (".pth trap", {"a": Trap()}, {}),
    ):
        file = io.BytesIO()
        save(value, file, **options)
        found[name] = _plain(file.getvalue())
    file = io.BytesIO()
    np.savez(file, **{"conv1_1.weight": np.array([Trap()], object)})  # type: ignore[arg-type]
    found[".npz trap"] = file.getvalue()
    head = json.dumps({"features.0.bias": {"dtype": "F32", "shape": [64], "data_offsets": [0, 256]}}).encode()
    found[".safetensors"] = len(head).to_bytes(8, "little") + head + bytes(256)
    return found


def _plain(saved: bytes) -> bytes:
    """What torch saved without what differs from run to run: an id in the zip, addresses in the old form."""
    if not zipfile.is_zipfile(io.BytesIO(saved)):
        numbers = sorted(set(re.findall(rb"\d{9,}", saved)) - set(re.findall(rb"\d{17,}", saved)))
        for place, number in enumerate(numbers):
            saved = saved.replace(number, str(place).encode().rjust(len(number), b"7"))
        return saved
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            if not name.endswith("serialization_id"):
                new.writestr(zipfile.ZipInfo(name), old.read(name))
    return file.getvalue()


def _bomb(rng: Rng) -> bytes:
    """An .npz whose header asks for much more than it holds."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        side = (10**9, 10**12, 2**62, -1)[int(rng.integers(4))]
        header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({side},), }}".ljust(117) + "\n"
        data = b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode() + bytes(1000)
        archive.writestr(zipfile.ZipInfo("conv1_1.weight.npy"), data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _repacked(rng: Rng, data: bytes) -> bytes:
    """A zip with one of its members changed and the checksums repaired."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hit = names[int(rng.integers(len(names)))]
        for name in names:
            inside = old.read(name)
            entry = zipfile.ZipInfo(name)  # of 1980, so that the bytes are the same whenever they are made
            new.writestr(entry, cases.changed(rng, inside) if name == hit and inside else inside)
    return file.getvalue()


def hostile_weights(rng: Rng) -> bytes:
    """The file's suffix, a line end, and hostile weights."""
    known = weights()
    name = list(known)[int(rng.integers(len(known)))]
    suffix, data, kind = name.split()[0], known[name], rng.random()
    if kind < 0.03:
        suffix, data = ".npz", _bomb(rng)
    elif kind < 0.5 and zipfile.is_zipfile(io.BytesIO(data)):
        data = _repacked(rng, data)
    elif kind < 0.95:
        data = cases.changed(rng, data)
    return suffix.encode() + b"\n" + data


def read_weights(data: bytes, folder: Path) -> object:
    """What `--weights` and `--identity-weights` read."""
    from portrait_nst import encoders
    from portrait_nst.encoders import registry
    from portrait_nst.errors import PortraitError

    suffix, _, body = data.partition(b"\n")
    path = folder / f"weights{suffix.decode('ascii', 'replace')}"
    path.write_bytes(body)
    readers: tuple[Callable[[], object], ...] = (
        lambda: encoders.get("embedded", path),
        lambda: registry.recogniser(path),
    )
    for read in readers:
        try:
            read()
        except PortraitError as error:
            assert "\n" not in str(error), "an error of several lines"
    try:
        return encoders.get("vgg19", path)
    finally:
        assert not (folder / "trapped").exists(), "code in the file was run"


def hostile_cache(rng: Rng) -> bytes:
    """A damaged cache of style targets."""
    file = io.BytesIO()
    np.savez(file, **{"0 relu1_1": np.zeros((4, 4), np.float32), "1 relu2_1": np.zeros((2, 2), np.float32)})  # type: ignore[arg-type]
    data = file.getvalue()
    return _repacked(rng, data) if rng.random() < 0.5 else cases.changed(rng, data)


def read_cache(data: bytes, folder: Path) -> object:
    """A kept style target; a damaged one counts as none."""
    from portrait_nst.transfer.target_store import TargetStore

    (folder / "key.npz").write_bytes(data)
    read: Any = TargetStore(folder)._read
    return read("key", *["cpu"] * (len(signature(read).parameters) - 1))  # where the device is asked for
