"""One frame that stands for a clip."""

from __future__ import annotations

import contextlib
from pathlib import Path

from portrait_nst.errors import InputError
from portrait_nst.types import UInt8Array


def middle_frame(path: Path) -> UInt8Array:
    """(H, W, 3) uint8: the frame in the middle of the clip, or the first one where it does not say how long it is.

    Raises InputError for what is no clip.
    """
    from portrait_nst import clips

    info = clips.probe(path)
    if info.seconds is not None:
        with contextlib.suppress(InputError), clips.read(path, info.seconds / 2) as reader:
            return next(iter(reader)).rgb
    with clips.read(path) as reader:  # also where the last frame is shown for longer than half of the time
        return next(iter(reader)).rgb
