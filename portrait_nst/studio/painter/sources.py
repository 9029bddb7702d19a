"""Reading what a job names: uploads go by their users' names in messages and recipes, so that `portrait-nst rerun` finds them."""

from __future__ import annotations

import copy
import errno
import os
import shutil
from pathlib import Path
from typing import Any

from portrait_nst import imaging, named_styles
from portrait_nst.errors import ResourceError
from portrait_nst.imaging.sources import read_bytes
from portrait_nst.studio.resolved import Source
from portrait_nst.types import Matte, Origin, Photo

SPARE = 20_000_000  # bytes of the disk beside the result


def picture(source: Source) -> Photo:
    """The picture of a source: of an upload by its user's name, of a style of the package by its path. Raises InputError."""
    if named_styles.name_of(source.path) is not None:
        return imaging.load(source.path)
    return imaging.decode(read_bytes(source.path), source.name, path=Path(source.name))


def matte(source: Source, size: tuple[int, int]) -> Matte:
    """The matte that a mask gives to a photo of this size (height, width). Raises MaskError, InputError."""
    alpha = imaging.decode_mask(read_bytes(source.path), source.name, size)
    return Matte(alpha, source=f"mask {source.name}", origin=Origin(source.name, source.sha256))


def renamed(recipe: dict[str, Any], named: dict[str, Source]) -> dict[str, Any]:
    """`recipe` with the users' names of the files in the roles of `named` (photo, clip, mask, settings); no id of ours stays."""
    found = copy.deepcopy(recipe)
    for role, source in named.items():
        if role in found.get("inputs", {}):
            found["inputs"][role] = {"file": source.name, "sha256": source.sha256}
        if role in found.get("settings", {}):
            found["settings"][role] = source.name
    return found


def check_room(folder: Path, pixels: int) -> None:
    """Raise ResourceError, before the work, where the disk has no room for the result of a picture of so many pixels."""
    needed = SPARE + 6 * pixels
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ResourceError(
            f"The disk is full: {free / 1e6:.0f} MB are free, and the result needs up to {needed / 1e6:.0f} MB. Make room, then "
            "paint it again."
        ) from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
