"""Frames that come from no file: pictures that are drawn or filmed now, for `ClipWriter`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from portrait_nst.clips.info import ClipInfo, ColourTags
from portrait_nst.clips.layout import layout
from portrait_nst.clips.planar_frame import PlanarFrame
from portrait_nst.clips.planes import Planes
from portrait_nst.types import UInt8Array

_SRGB = ColourTags(primaries=1, transfer=13, matrix=0, full_range=True, stated=True)


def drawn(rgb: UInt8Array, number: int, pts: int, time_base: Fraction, duration: int = 0) -> PlanarFrame:
    """The frame that shows `rgb` (H, W, 3) uint8 sRGB from `pts` on, for a `duration`, both in units of `time_base` seconds."""
    planes = tuple(np.ascontiguousarray(rgb[..., channel]) for channel in (1, 2, 0))
    samples = Planes(layout("rgb", 8), planes, _SRGB)
    return PlanarFrame(samples, 0, number=number, pts=pts, duration=duration, time_base=time_base)


def drawn_info(size: tuple[int, int], rate: Fraction, time_base: Fraction) -> ClipInfo:
    """What `choose` and `ClipWriter` are told of such frames of `size` (height, width), about `rate` of which come a second."""
    return ClipInfo(
        path=Path("drawn"),
        container="",
        codec="rawvideo",
        size=size,
        rotation=0,
        frames=None,
        seconds=None,
        rate=rate,
        time_base=time_base,
        pixel_format="gbrp",
        bits=8,
        colour=_SRGB,
    )
