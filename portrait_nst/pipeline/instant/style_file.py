"""A learned network given in the place of a style picture: ``painting.safetensors``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from portrait_nst.errors import InputError
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.types import Photo

if TYPE_CHECKING:
    from portrait_nst.instant import Network

SUFFIX = ".safetensors"
LONGEST_HEADER = 100_000_000  # bytes that safetensors reads


@dataclass(frozen=True, eq=False)
class LearnedStyle(Photo):
    """A network in the place of a picture: `path` and `sha256` are its file's, and its one pixel stands for nothing."""

    network: Network | None = None


def is_learned_file(path: str | Path) -> bool:
    """Whether a file of this name is a learned network."""
    return Path(path).suffix.lower() == SUFFIX


def load_learned(path: str | Path) -> LearnedStyle:
    """The learned network in a file. Raises InputError where it cannot be read, ModelError where it is no such network."""
    from portrait_nst.instant import files

    data = b"" if _is_empty(path) else read_bytes(path)
    network = files.from_bytes(data, str(path))
    if not network.learned:
        raise InputError(
            f"{path} was learned for no painting: every learning begins with it. Give a painting, which `portrait-nst learn` "
            "learns."
        )
    sha256 = hashlib.sha256(data).hexdigest()
    return LearnedStyle(np.zeros((1, 1, 3), np.uint8), path=Path(path), sha256=sha256, network=network)


def looks_learned(path: str | Path) -> bool:
    """Whether a file of any name begins as a learned network does: the length of its header in 8 bytes, then the header."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(9)
    except (OSError, ValueError):
        return False
    return start[8:] == b"{" and int.from_bytes(start[:8], "little") < LONGEST_HEADER


def _is_empty(path: str | Path) -> bool:
    try:
        return Path(path).is_file() and not Path(path).stat().st_size
    except (OSError, ValueError):
        return False


def refuse_learned(pictures: Iterable[Photo]) -> None:
    """Raise InputError if one of the `pictures` is a learned network, with which only quality instant paints."""
    for picture in pictures:
        if isinstance(picture, LearnedStyle):
            raise InputError(
                f"{picture.path} is a learned network, with which only --quality instant paints; give the painting itself for "
                "the other qualities."
            )
