"""Whether a network has learned a painting, known without torch."""

from __future__ import annotations

import functools
import json
from typing import NamedTuple

from portrait_nst import resources
from portrait_nst.errors import PortraitError
from portrait_nst.instant import keys

_ENCODER = "embedded.npz"  # whose features every network takes
_SUFFIX = ".safetensors"


class _Painting(NamedTuple):
    sha256: str
    weight: float = 1.0


def is_learned(sha256: str) -> bool:
    """Whether the package brings a network for the painting with this sha256 of its file, or this user learned one."""
    try:
        name = keys.key([_Painting(sha256)], _encoder_sha256())
        if (resources.cache_folder() / keys.FOLDER / f"{name}{_SUFFIX}").is_file():
            return True
        return sha256 in _packaged()
    except PortraitError:  # a damaged installation says so where it matters
        return False


@functools.cache
def _packaged() -> frozenset[str]:
    return frozenset(entry.get("picture", "") for entry in keys.register().values())


@functools.cache
def _encoder_sha256() -> str:
    text = (resources.models_folder() / "models.json").read_text("utf-8")
    return str(json.loads(text)[_ENCODER]["sha256"])
