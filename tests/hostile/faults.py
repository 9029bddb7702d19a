"""Targets that do what no reader may do, so that a test sees the campaign find it."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from portrait_nst.errors import InputError
from tests.hostile.flips import Rng
from tests.hostile.targets import TARGETS, Target


def _raise(data: bytes, folder: Path) -> object:
    raise KeyError("a traceback")


def _spin(data: bytes, folder: Path) -> object:
    while True:
        pass


def _eat(data: bytes, folder: Path) -> object:
    return np.ones(150_000_000).size  # 1.2 GB


def _crash(data: bytes, folder: Path) -> object:
    return ctypes.string_at(0)


def _write(data: bytes, folder: Path) -> object:
    (folder.parent / "outside").write_bytes(data)
    return (folder / "inside").write_bytes(data)


def _print(data: bytes, folder: Path) -> object:
    return print("hello", file=sys.stderr)


def _warn(data: bytes, folder: Path) -> object:
    return warnings.warn("hello", stacklevel=1)


def _native(data: bytes, folder: Path) -> object:
    return os.write(2, b"hello")


def _start(data: bytes, folder: Path) -> object:
    return subprocess.run(["true"], check=True)


def _connect(data: bytes, folder: Path) -> object:
    return socket.socket().connect_ex(("127.0.0.1", 9))


def _ramble(data: bytes, folder: Path) -> object:
    error = InputError("")
    error.args = ("one line\nand another",)
    raise error


def _make(rng: Rng) -> bytes:
    return bytes(rng.integers(0, 256, 10, np.uint8))


_READERS: dict[str, Callable[[bytes, Path], object]] = {
    "raise": _raise, "spin": _spin, "eat": _eat, "crash": _crash, "write": _write, "print": _print, "warn": _warn,
    "native": _native, "start": _start, "connect": _connect, "ramble": _ramble,
}  # fmt: skip
FAULTS = {f"fault {name}": Target(_make, read) for name, read in _READERS.items()}
ALL = {**TARGETS, **FAULTS}
