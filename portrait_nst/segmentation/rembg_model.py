"""Mattes of the rembg library: another segmenter, by choice. The only module that knows rembg, and imports it on first use.

rembg fetches a model's file at its first use, over the network, and keeps it in a folder of its own. Its models mark what stands
out in a picture, mostly the people; none of them knows how many there are.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from portrait_nst.errors import ModelError, first_line
from portrait_nst.types import FloatArray, UInt8Array

PREFIX = "rembg:"

_lock = threading.Lock()
_open: dict[str, Any] = {}  # the session of the last model by its name: a large one holds gigabytes
_orphans: list[Any] = []


def infer(rgb: UInt8Array, segmenter: str) -> FloatArray:
    """How much of each pixel a model of rembg marks.

    rgb: (h, w, 3) uint8 sRGB. segmenter: "rembg:" and the model's name, as in `Settings.segmenter`.
    Returns (h, w) float32 in [0, 1]. Raises ModelError where the library, or the model and the network, are missing.
    """
    from PIL import Image

    check_library(segmenter)
    model = segmenter.removeprefix(PREFIX)
    with _lock:
        if model not in _open:
            _open.clear()
            _open[model] = _session(model)
        try:
            masks = _open[model].predict(Image.fromarray(np.ascontiguousarray(rgb)))
        except Exception as error:  # onnxruntime has its own kinds
            raise ModelError(f"rembg's model {model} failed ({first_line(error)}). {_INSTEAD}") from error
    return np.asarray(masks[0].convert("L"), np.float32) / np.float32(255)


def check_library(segmenter: str) -> None:
    """Raise ModelError where a `segmenter` of rembg was asked for, and rembg or its onnxruntime is not installed."""
    if segmenter.startswith(PREFIX) and not all(map(importlib.util.find_spec, ("rembg", "onnxruntime"))):
        raise ModelError(
            f"--segmenter {segmenter} needs the library rembg; install it with `pip install 'portrait-nst[rembg]'`, "
            "or use --segmenter mediapipe, which is here."
        )


def download_note(segmenter: str) -> str:
    """What a user should be told before `infer`: that the model will be fetched first; "" where it is here already.

    Raises ModelError as `check_library` does.
    """
    if not segmenter.startswith(PREFIX):
        return ""
    check_library(segmenter)
    model = segmenter.removeprefix(PREFIX)
    homes = _homes(model)
    if model in _open or any(next(home.rglob(f"{model}.onnx"), None) for home in homes):
        return ""
    return (
        f"rembg fetches its model {model} once, up to a gigabyte, and keeps it in {homes[0] if homes else 'its folder'}"
    )


_INSTEAD = "Use --segmenter mediapipe, which needs no download, or another model of rembg's."


def _session(model: str) -> Any:
    """A new session of rembg. Raises ModelError."""
    from rembg import new_session

    try:
        with _without_progress():
            return new_session(model)
    except Exception as error:  # of the network, the disk, a checksum, or onnxruntime
        # requests' own message is a chain of its causes.
        reason = "there is no connection" if type(error).__name__ == "ConnectionError" else first_line(error)
        folder = next(iter(_homes(model)), "its folder of models")
        raise ModelError(
            f"rembg could not load its model {model}: {reason}. It is fetched once, over the network: "
            f"try again with one, or copy {model}.onnx into {folder}. {_INSTEAD}"
        ) from error


def _homes(model: str) -> list[Path]:
    """The folders in which rembg looks for its models; empty for a model that this version of rembg does not have."""
    from rembg.sessions import sessions_class

    kind = next((kind for kind in sessions_class if kind.name() == model), None)
    named = (getattr(kind, name, None) for name in ("u2net_home", "legacy_home"))
    return [Path(folder()).expanduser() for folder in named if folder is not None]


@contextlib.contextmanager
def _without_progress() -> Iterator[None]:
    """A block in which rembg's downloads, which pooch makes, draw no bar and write no line on standard error."""
    import pooch

    retrieve, log = pooch.retrieve, pooch.get_logger()
    level = log.level

    def quietly(*args: Any, **options: Any) -> Any:
        return retrieve(*args, **{**options, "progressbar": False})

    pooch.retrieve = quietly
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        pooch.retrieve = retrieve
        log.setLevel(level)


def _after_fork() -> None:
    # The parent's session has threads that the child lacks: forget it, and close nothing.
    global _lock, _open
    _orphans.append(_open)
    _open, _lock = {}, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
