"""What a batch will take: the forecast of each picture, the size of photos that are not read yet, and how many workers."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from portrait_nst.errors import InputError
from portrait_nst.forecast import SPARE, cores, fit, memory, memory_left, work

__all__ = ["SPARE", "cores", "fit", "memory", "memory_left", "picture_size", "work", "workers"]


def workers(need: float, left: float, count: int) -> int:
    """How many processes: one for every four cores, beyond which a painting gains little, as far as memory goes."""
    return max(1, min(count // 4, int(SPARE * left / need)))


def picture_size(file: Path | IO[bytes]) -> tuple[int, int] | None:
    """(height, width) by a file's header, or None where it has none that we can read."""
    from PIL import Image

    try:
        with Image.open(file) as image:
            return image.height, image.width
    except (OSError, ValueError, SyntaxError, InputError, Image.DecompressionBombError):
        return None
