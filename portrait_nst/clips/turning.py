"""Turning pictures and planes by quarters of a turn."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.colour import enlarged
from portrait_nst.clips.layout import layout
from portrait_nst.clips.planes import Plane, Planes

_Number = TypeVar("_Number", bound=np.generic)


def turned(picture: NDArray[_Number], degrees: int) -> NDArray[_Number]:
    """`picture` (H, W[, C]) turned counter-clockwise by a multiple of 90 degrees; a view of it."""
    return np.rot90(picture, degrees // 90 % 4)


def turned_planes(samples: Planes, degrees: int) -> Planes:
    """`samples` turned counter-clockwise by a multiple of 90 degrees.

    Chroma goes to full resolution first where its samples would not lie upon pixels as they must: where a block is not square
    and is laid on its side, and where the size is no multiple of the block.
    """
    if degrees % 360 == 0:
        return samples
    rows, columns = samples.layout.block
    on_its_side = degrees % 180 == 90 and rows != columns
    if on_its_side or samples.size[0] % rows or samples.size[1] % columns:
        samples = _with_full_chroma(samples)
    planes = tuple(np.ascontiguousarray(turned(plane, degrees)) for plane in samples.planes)
    return Planes(samples.layout, planes, samples.colour)


def mirrored(samples: Planes) -> Planes:
    """`samples` with left and right exchanged."""
    if samples.size[1] % samples.layout.block[1]:
        samples = _with_full_chroma(samples)
    return Planes(samples.layout, tuple(np.ascontiguousarray(plane[:, ::-1]) for plane in samples.planes), samples.colour)


def orientation(matrix: bytes) -> tuple[float, bool]:
    """What a display matrix (nine 32-bit integers, as in ISO/IEC 14496-12) says: degrees counter-clockwise, and mirrored.

    Where it mirrors, left and right are exchanged before the picture is turned. It takes (x, y), y downward, to (a x + c y,
    b x + d y), with a and b its first two numbers, c and d its fourth and fifth.
    """
    numbers = np.frombuffer(matrix, np.int32).astype(np.float64)
    a, b, c, d = numbers[[0, 1, 3, 4]]
    mirrors = bool(a * d - b * c < 0)
    if mirrors:
        a, b = -a, -b
    return float(np.degrees(np.arctan2(-b, a))), mirrors


def _with_full_chroma(samples: Planes) -> Planes:
    form = samples.layout
    full: list[Plane] = []
    for plane, block in zip(samples.planes, form.blocks, strict=True):
        larger = plane if block == (1, 1) else np.rint(enlarged(plane, block, samples.size)).astype(plane.dtype)
        full.append(larger)
    return Planes(layout(form.kind, form.bits, alpha=form.alpha), tuple(full), samples.colour)
