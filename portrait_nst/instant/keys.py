"""Under which names learned networks are kept, and the register of those that the package brings; known without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from portrait_nst import resources
from portrait_nst.errors import ModelError

FOLDER = "instant"  # within the cache, and within the package's models
REGISTER = "networks.json"
COUNTED = ("mask",)  # settings that make another painting of one: its style mask's sha256, or its style region's word


class Weighed(Protocol):
    """A painting of a blend, as `network.Painting` is one."""

    @property
    def sha256(self) -> str:
        """Of its file."""

    @property
    def weight(self) -> float:
        """Its share."""


def key(blend: Sequence[Weighed], encoder_sha256: str, settings: Mapping[str, Any] | None = None) -> str:
    """The name under which the network of `blend` is kept: 32 hexadecimal digits.

    settings: what the painting is learned with, of which those in `COUNTED` count where they are not None. Names of pictures do
    not count, nor does the order of the blend, nor what its weights are multiplied by.
    """
    total = sum(painting.weight for painting in blend)
    parts = sorted((painting.sha256, round(painting.weight / total, 4)) for painting in blend)
    chosen = {name: value for name, value in (settings or {}).items() if name in COUNTED and value is not None}
    text = json.dumps([parts, encoder_sha256, chosen], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def register() -> dict[str, dict[str, Any]]:
    """The networks of the package by file name: their ``sha256``, ``bytes``, and the sha256 of their ``picture``, if any."""
    path = resources.models_folder() / FOLDER / REGISTER
    try:
        found: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"The register {path} cannot be read ({error}). Reinstall portrait-nst.") from None
    return found
