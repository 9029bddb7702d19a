"""From samples to red, green and blue and back, as a clip's matrix and range say (ITU-T H.273, 8.3).

    Y' = Kr R' + Kg G' + Kb B',  Cb = (B' - Y') / (2 (1 - Kb)),  Cr = (R' - Y') / (2 (1 - Kr))

with R', G', B' and Y' in [0, 1] and chroma in [-0.5, 0.5]. Codes of n bits are Y' (2^n - 1) and C (2^n - 1) + 2^(n-1) in the full
range, else (219 Y' + 16) 2^(n-8) and (224 C + 128) 2^(n-8).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.clips.info import BT2020, HLG, PQ, ColourTags
from portrait_nst.clips.layout import Layout
from portrait_nst.clips.planes import Plane, Planes
from portrait_nst.types import FloatArray

UNSPECIFIED = 2  # of primaries, transfer characteristics and matrices
_RESERVED = (0, 3)
_SRGB = 13  # transfer characteristics
_RGB_MATRIX = 0
# Kr and Kb of each matrix. BT.2020's constant luminance (10) is read as the other one of BT.2020, as players do.
_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
_HD = (576, 1280)  # rows above which, or columns from which, players take an untagged clip for high definition
_ROWS_OF_625_LINES = 576


def complete(
    layout: Layout, size: tuple[int, int], primaries: int, transfer: int, matrix: int, span: int
) -> ColourTags:
    """What the samples of a clip mean: what its file states, and for the rest what players assume.

    size: (height, width) as stored. span: AVColorRange: 0 unspecified, 1 limited, 2 full.
    """
    stated = matrix not in (UNSPECIFIED, 3) and layout.kind == "yuv"
    if layout.kind == "rgb":
        primaries = primaries if primaries not in (UNSPECIFIED, *_RESERVED) else 1
        transfer = transfer if transfer not in (UNSPECIFIED, *_RESERVED) else _SRGB
        return ColourTags(primaries, transfer, _RGB_MATRIX, True, transfer in (PQ, HLG))
    if matrix not in _WEIGHTS:
        hdr = transfer in (PQ, HLG) or primaries == BT2020
        matrix = BT2020 if hdr else 1 if size[0] > _HD[0] or size[1] >= _HD[1] else 5 if size[0] == _ROWS_OF_625_LINES else 6
    if primaries in (UNSPECIFIED, *_RESERVED):
        primaries = {9: BT2020, 10: BT2020, 4: 4, 5: 5, 6: 6, 7: 7}.get(matrix, 1)
    if transfer in (UNSPECIFIED, *_RESERVED):
        transfer = {6: 6, 5: 6}.get(matrix, 1)
    full = span == 2 or (span == 0 and layout.kind == "grey")  # swscale, and so players, take grey as of full range
    return ColourTags(primaries, transfer, matrix, full, stated)


def weights(matrix: int) -> tuple[float, float, float]:
    """Kr, Kg and Kb of a matrix."""
    red, blue = _WEIGHTS.get(matrix, _WEIGHTS[1])
    return red, 1 - red - blue, blue


def luma_chroma(matrix: int) -> NDArray[np.float64]:
    """(3, 3): rows that make Y', Cb and Cr of R', G' and B'."""
    red, green, blue = weights(matrix)
    luma = np.array([red, green, blue])
    return np.stack([luma, (np.eye(3)[2] - luma) / (2 * (1 - blue)), (np.eye(3)[0] - luma) / (2 * (1 - red))])


def scales(layout: Layout, full_range: bool) -> list[tuple[float, float]]:
    """For each plane but alpha, a and b such that a code is a times the value plus b."""
    top, unit = float(layout.greatest), 2.0 ** (layout.bits - 8)
    luma = (top, 0.0) if full_range else (219 * unit, 16 * unit)
    if layout.kind == "rgb":
        return [luma] * 3
    chroma = (top, 128 * unit) if full_range else (224 * unit, 128 * unit)
    return [luma] if layout.kind == "grey" else [luma, chroma, chroma]


def codes(signal: NDArray[Any], layout: Layout, colour: ColourTags) -> list[FloatArray]:
    """The codes, not yet rounded, of R'G'B' `signal` (H, W, 3) float32 in [0, 1], one array for each plane but alpha.

    A chroma sample is the mean of the pixels of its block.
    """
    import cv2

    spans = scales(layout, colour.full_range)
    if layout.kind == "rgb":
        rows = np.eye(3)[[1, 2, 0]]
    else:
        rows = luma_chroma(colour.matrix)[: len(spans)]
    matrix = np.array([[*(row * a), b] for row, (a, b) in zip(rows, spans, strict=True)], np.float32)
    made = cv2.transform(np.ascontiguousarray(signal, np.float32), matrix)
    made = made.reshape(*signal.shape[:2], len(spans))
    return [block_mean(made[..., i], layout.blocks[i]) for i in range(len(spans))]


def block_mean(values: FloatArray, block: tuple[int, int]) -> FloatArray:
    """The mean of each `block` (rows, columns) of `values` (H, W); blocks that reach over the edge are of fewer pixels."""
    rows, columns = block
    if block == (1, 1):
        return np.ascontiguousarray(values)
    pad = (-values.shape[0] % rows, -values.shape[1] % columns)
    if any(pad):
        values = np.pad(values, ((0, pad[0]), (0, pad[1])), mode="edge")
    mean = values.reshape(values.shape[0] // rows, rows, values.shape[1] // columns, columns).mean((1, 3))
    return np.asarray(mean, np.float32)


def signal(samples: Planes) -> FloatArray:
    """R'G'B' (H, W, 3) float32 of `samples`, not clipped; chroma between samples is interpolated bilinearly."""
    import cv2

    layout, size = samples.layout, samples.size
    spans = scales(layout, samples.colour.full_range)
    full = [enlarged(plane, block, size) for plane, block in zip(samples.planes[: len(spans)], layout.blocks, strict=False)]
    stacked = cv2.merge(full).reshape(*size, len(spans))
    decode = np.diag([1 / a for a, _ in spans])
    if layout.kind == "grey":
        decode = np.repeat(decode, 3, axis=0)
    elif layout.kind == "rgb":
        decode = np.eye(3)[[2, 0, 1]] @ decode
    else:
        decode = np.linalg.inv(luma_chroma(samples.colour.matrix)) @ decode
    offset = -decode @ np.array([b for _, b in spans])
    return np.asarray(cv2.transform(stacked, np.column_stack([decode, offset]).astype(np.float32)), np.float32)


def enlarged(plane: Plane, block: tuple[int, int], size: tuple[int, int]) -> FloatArray:
    """`plane` at `size` (height, width) of the frame: each sample stands in the middle of its block, between them it is linear."""
    import cv2

    values = plane.astype(np.float32)
    if block == (1, 1):
        return values
    rows, columns = block
    full = cv2.resize(values, (values.shape[1] * columns, values.shape[0] * rows), interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(full[: size[0], : size[1]])
