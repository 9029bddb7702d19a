"""A painting laid over the samples of a frame, without a change to any sample that is not painted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips import colour, viewing
from portrait_nst.clips.planes import Plane, Planes
from portrait_nst.types import FloatArray, UInt8Array


def blended(samples: Planes, painted: UInt8Array | FloatArray, alpha: FloatArray) -> Planes:
    """`samples` with `painted` (H, W, 3; sRGB, uint8 or float32 in [0, 1]) laid over them as `alpha` (H, W) in [0, 1] says.

    Painting and alpha are turned as the samples are stored. Every sample becomes (1 - a) x + a p, rounded, of its old code x and
    the painting's p. A chroma sample's a is the mean of its pixels, and 0 where any pixel whose colour depends on it has an alpha
    of 0. The plane of transparency stays.
    """
    form = samples.layout
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    if not len(rows):
        return samples
    down, across = form.block
    # The painted box, in whole blocks, with a block around it: what chroma's samples within it need to know.
    top, bottom = max(0, rows[0] // down - 1) * down, min(len(alpha), (rows[-1] // down + 2) * down)
    left, right = max(0, columns[0] // across - 1) * across, min(alpha.shape[1], (columns[-1] // across + 2) * across)
    box = np.s_[top:bottom, left:right]
    new = planes_of(painted[box], samples)
    weight = np.ascontiguousarray(alpha[box], np.float32)
    known: dict[tuple[int, int], FloatArray] = {}
    planes: list[Plane] = list(samples.planes)
    for i, (values, block) in enumerate(zip(new, form.blocks, strict=False)):
        if block not in known:
            known[block] = weight if block == (1, 1) else _chroma_alpha(weight, block)
        there = np.s_[top // block[0] : -(-bottom // block[0]), left // block[1] : -(-right // block[1])]
        planes[i] = planes[i].copy()
        planes[i][there] = _over(planes[i][there], values, known[block], form.greatest)
    return Planes(form, tuple(planes), samples.colour)


def planes_of(rgb: NDArray[Any], like: Planes) -> list[FloatArray]:
    """The codes, not yet rounded, of `rgb` (h, w, 3; sRGB, uint8 or floats in [0, 1]) in the layout and colours of `like`."""
    values = np.asarray(rgb, np.float32)
    values = values * np.float32(1 / 255) if rgb.dtype == np.uint8 else np.clip(np.nan_to_num(values), 0, 1)
    return colour.codes(viewing.signal_of(values, like.colour), like.layout, like.colour)


def rounded(codes: FloatArray, greatest: int) -> Plane:
    """Codes as samples."""
    kind = np.uint8 if greatest < 256 else np.uint16
    return np.clip(np.rint(codes), 0, greatest).astype(kind)


def _over(old: Plane, new: FloatArray, weight: FloatArray, greatest: int) -> Plane:
    before = old.astype(np.float32)
    return np.where(weight > 0, rounded(before + weight * (new - before), greatest), old)


def _chroma_alpha(alpha: FloatArray, block: tuple[int, int]) -> FloatArray:
    """The alpha of chroma samples: the mean of each block, 0 where a pixel that depends on the sample has an alpha of 0.

    With linear interpolation and s pixels to a sample, wherever samples stand in their blocks (at the left, at the top, in the
    middle), those are from s - 1 pixels before the block's first one to s / 2 pixels after its last one. Where the size is no
    multiple of the block, swscale stretches the samples over the picture: they reach as much further back as blocks overhang.
    """
    import cv2

    untouched = (alpha <= 0).astype(np.uint8)
    (down, across), (height, width) = block, alpha.shape
    above, before = down - 1 + -height % down, across - 1 + -width % across
    size = (above + down + down // 2, before + across + across // 2)
    reach = cv2.dilate(
        untouched,
        np.ones(size, np.uint8),
        anchor=(before, above),
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    mean = colour.block_mean(alpha, block)
    return np.where(reach[0:height:down, 0:width:across] > 0, np.float32(0), mean)
